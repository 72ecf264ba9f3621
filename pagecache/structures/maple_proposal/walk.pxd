"""A proposal for the page cache: the maple tree with marks and a dense leaf.  No kernel has it.

*What was named* on the maple tree's list in November 2023 and as a topic for LSFMM 2026: node types
in which marks take the place of gaps, a range node with 15 pointers and a dense node for single
indices, without pivots, with 29; a search by mark; a way to purge shadow entries.

*What is assumed here*, since nothing was published:

- A range node has 14 pivots, 15 slots and three marks a slot (`node`).
- A dense leaf has 28 slots, not 29: it keeps the first index of its window in the place of one, so
  that the range that it is given above can change without writing it.  Windows begin at multiples
  of 28, so that a dense file takes the same leaves in whatever order its pages come.
- A leaf is made dense if all that it holds are single pages of one window.  Ascending, descending
  and random stores into it write one slot in place, without a copy, and so does erasing.
- A leaf may begin and end with a hole, so that erasing never spans leaves; leaves hold entries,
  and are merged where two fit in one.  Inner nodes have 6 to 15 children.
- A store goes where nothing is, as a page cache's do: there is no overwriting of ranges.
- A lone page at index 0 takes a node: the root pointer has no place for marks.
- Shadow entries are entries; there is no list of nodes that hold only shadows, and no purging.

*The picture.*  Pages 0-38 cached one by one, a folio of 2 MiB at 512; index 700 is looked up:

    root --> inner   pivots:    27               ffff...
                                |                |
                   +------------+                +------+
                   v                                    v
        dense 0  p0 p1 ... p27           leaf   28 ... 38  511  1023  ffff...
                                                p28    p38  -    e     -    700 is not above 1023

*Readers* take no lock.  A writer copies a node unless it changes one word of it, puts the copy into
its place with one store, and marks the old one dead; where a folio lies across two leaves' holes it
first moves the boundary between them, which holes on both sides make invisible.
"""

from libc.stdint cimport uint64_t

from pagecache.structures.maple_proposal.node cimport (
    DENSE,
    INNER,
    PIVOTS,
    WINDOW,
    find_slot,
    is_dead,
    kind_of,
    marked_node,
    marked_tree,
    to_node,
    word_read,
    word_t,
)


cdef inline word_t marked_slot(
        marked_tree* tree, uint64_t index, marked_node** holder, word_t** slot) noexcept nogil:
    """The entry whose range holds `index`, or NULL; its leaf and slot where it is not.  O(height)."""
    cdef word_t word = word_read(&tree.root)
    cdef marked_node* node
    cdef unsigned int kind
    cdef uint64_t place
    while word:
        node, kind = to_node(word), kind_of(word)
        if kind == DENSE:
            place = index - node.words[0]
            slot[0] = &node.words[1 + place if place < WINDOW else 0]
            word = word_read(slot[0]) if place < WINDOW else 0
        else:
            slot[0] = &node.words[PIVOTS + find_slot(node, index)]
            word = word_read(slot[0])
        if is_dead(node):
            word = word_read(&tree.root)
        elif kind != INNER:
            holder[0] = node
            return word
    return 0


cdef inline word_t marked_load(marked_tree* tree, uint64_t index) noexcept nogil:
    """The entry whose range holds `index`, NULL if there is none.  O(height)."""
    cdef marked_node* node
    cdef word_t* slot
    return marked_slot(tree, index, &node, &slot)
