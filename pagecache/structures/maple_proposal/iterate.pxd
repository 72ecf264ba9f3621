"""From entry to entry, in order: along a leaf, and down from the root to the leaf after it."""

from libc.stdint cimport uint64_t

from pagecache.structures.maple_proposal.node cimport marked_node, marked_tree, word_t


cdef struct marked_iter:
    marked_tree* tree
    uint64_t first  # of the entry that was returned
    uint64_t last
    uint64_t next  # where to look on
    marked_node* leaf  # stood in; NULL: walk first
    unsigned int kind
    uint64_t end  # of its range
    unsigned int slot  # to look at next
    bint ended


cdef inline void iter_init(marked_iter* walk, marked_tree* tree, uint64_t index) noexcept nogil:
    walk.tree, walk.next, walk.leaf, walk.ended = tree, index, NULL, False


cdef word_t marked_next(marked_iter* walk) noexcept nogil
