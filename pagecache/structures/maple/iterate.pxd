"""Finding the next entry, and walking all of them in order.

A walk scans the leaf that it stands in; at the end of it, it goes down again from the root to the
leaf after: one walk for up to 16 slots.

    find(5, max)   leaf  0-9: -   10-19: e   20-end: -      the entry e, and 20: where to go on
"""

from libc.stdint cimport uint64_t

from pagecache.structures.maple.node cimport maple_node, maple_tree, word_t


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


cdef word_t maple_next(maple_iter* walk) noexcept nogil
cdef word_t maple_find(maple_tree* tree, uint64_t* index, uint64_t most) noexcept nogil
