"""The maple tree of Linux 6.16: a B-tree of ranges, in nodes of 256 bytes.

*Words.*  An *index* is what the user looks up.  A slot of a *leaf* holds the entry of a range of
indices, or NULL where nothing is; a slot of an *inner* node leads to the node for its range.  The
*last* index of a slot is its pivot.  `few` is 6: only the root may have that few slots.

*The picture.*  Pages 0-9 cached one by one, and a folio of 2 MiB at 512; index 700 is looked up:

    root --> inner   pivots:    5                 ffff...
                                |                 |
                   +------------+                 +--------+
                   v                                       v
            leaf   0  1  2  3  4  5                 leaf   6  7  8  9  511  1023  ffff...
                   e  e  e  e  e  e                        e  e  e  e  -    e     -
                                                                            ^ 700 is not above 1023

The folio takes one slot, whatever its order and alignment; the hole before it takes one, and the
tail after the last entry.  Adjacent folios need no hole between: 15 of them fill a leaf, because a
full leaf first gives to its left neighbour (`grow`).  2 GiB of pages take 37,452 nodes (9.6 MB,
twice the XArray's); 2 GiB of 2 MiB folios take 75 (19 kB, a quarter of it).

*Readers* take no lock.  In RCU mode the writer copies what it changes, puts the copy into its place
with one store, and marks the old node dead; what it may do in place is overwrite one slot exactly,
and move one boundary.  Without RCU mode it rewrites leaves in place, and of one that grows at its
end the end alone.  The trees are the same.

*The rule.*  A slot's range begins after the one before; all of them together are the node's.  All
leaves lie at one depth.  No two NULL slots are neighbours, and no leaf but the rightmost ends in
NULL.  Each node but the root has 7 to 16 slots, an inner root 2 to 16, a root leaf 1 to 16.
"""

from libc.stdint cimport uint64_t

from pagecache.structures.maple.node cimport (
    LEAF,
    find_slot,
    is_dead,
    is_internal,
    kind_of,
    maple_node,
    maple_tree,
    to_node,
    word_read,
    word_t,
)


cdef inline word_t maple_load(maple_tree* tree, uint64_t index) noexcept nogil:
    """The entry whose range holds `index`, NULL if there is none.  O(height)."""
    cdef word_t word = word_read(&tree.root)
    cdef maple_node* node
    cdef unsigned int kind
    if not is_internal(word):
        return 0 if index else word
    while True:
        node, kind = to_node(word), kind_of(word)
        word = word_read(&node.slots[find_slot(node, index)])
        if is_dead(node):
            word = word_read(&tree.root)
            if not is_internal(word):
                return 0 if index else word
        elif kind == LEAF:
            return word


cdef inline word_t maple_slot(
        maple_tree* tree, uint64_t index, maple_node** holder, word_t** slot) noexcept nogil:
    """`maple_load` for callers that read again: the leaf (NULL: none) and the slot it lies in."""
    cdef word_t word = word_read(&tree.root)
    cdef maple_node* node
    cdef unsigned int kind
    while is_internal(word):
        node, kind = to_node(word), kind_of(word)
        slot[0] = &node.slots[find_slot(node, index)]
        word = word_read(slot[0])
        if is_dead(node):
            word = word_read(&tree.root)
        elif kind == LEAF:
            holder[0] = node
            return word
    holder[0], slot[0] = NULL, &tree.root
    return 0 if index else word
