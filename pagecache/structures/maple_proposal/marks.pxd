"""Marks: set on an entry and on the way up, cleared upward while nothing beside it has them.

    leaf   slot 3 marked      inner: slot of that leaf marked      root: slot of that node marked

So a search by mark leaves out what has none, and setting a mark that is set costs a walk.
"""

from libc.stdint cimport uint32_t, uint64_t

from pagecache.structures.maple_proposal.change cimport path_t
from pagecache.structures.maple_proposal.node cimport marked_tree, word_t

cdef bint marked_set(marked_tree* tree, uint64_t index, unsigned int mark) noexcept nogil
cdef bint marked_clear(marked_tree* tree, uint64_t index, unsigned int mark) noexcept nogil
cdef bint marked_get(marked_tree* tree, uint64_t index, unsigned int mark) noexcept nogil
cdef word_t find_marked(marked_tree* tree, uint64_t* index, unsigned int mark) noexcept nogil
# Of the entry that a path leads to: clear all, and give them back; set these.
cdef uint32_t clear_all_marks(path_t* path) noexcept nogil
cdef void put_marks(path_t* path, uint32_t marks) noexcept nogil
