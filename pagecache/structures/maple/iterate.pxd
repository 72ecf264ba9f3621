"""Finding the next entry, and walking all of them in order.

A walk scans the leaf that it stands in; at the end of it, it goes down again from the root to the
leaf after: one walk for up to 16 slots.

    find(5, max)   leaf  0-9: -   10-19: e   20-end: -      the entry e, and 20: where to go on
"""

from libc.stdint cimport uint64_t

from pagecache.structures.maple.node cimport (
    PIVOTS,
    is_dead,
    maple_node,
    maple_tree,
    word_read,
    word_t,
)


cdef struct maple_iter:
    maple_tree* tree
    uint64_t first  # of the entry that was returned
    uint64_t last
    uint64_t next  # where to look on; 0 after the end
    maple_node* leaf  # stood in; NULL: walk first
    uint64_t end  # of its range
    unsigned int slot  # to look at next
    bint ended


cdef inline void iter_init(maple_iter* walk, maple_tree* tree, uint64_t index) noexcept nogil:
    walk.tree, walk.next, walk.leaf, walk.ended = tree, index, NULL, False


cdef inline word_t maple_next(maple_iter* walk) noexcept nogil:
    """The next entry, with its first and last index; NULL at the end.  O(1), O(height) a leaf."""
    cdef word_t word
    cdef uint64_t last
    if walk.leaf is not NULL and walk.slot < PIVOTS:
        word = word_read(&walk.leaf.slots[walk.slot])
        last = walk.leaf.pivots[walk.slot]
        if word and last != walk.end and not is_dead(walk.leaf):
            walk.first, walk.last, walk.next = walk.next, last, last + 1
            walk.slot += 1
            return word
    return maple_next_slow(walk)


cdef word_t maple_next_slow(maple_iter* walk) noexcept nogil
cdef word_t maple_find(maple_tree* tree, uint64_t* index, uint64_t most) noexcept nogil
