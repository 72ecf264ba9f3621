"""A store within one leaf, and what a tree without nodes does.

In the leaf, a NULL takes in the NULLs beside it; then the range either is one slot exactly, which
is overwritten in place, or the leaf's list gets 0, 1 or 2 slots more, or fewer:

    slots      e(0-9)  -(10-19)  f(20-29)       store g at 12-24
    list       e(0-9)  -(10-11)  g(12-24)  f(25-29)

Without nodes, the root pointer holds nothing, or an entry at index 0 alone:

    NULL       --> [0,0] = e          the entry itself
    NULL, e    --> anything else      a leaf: what was at 0, NULL, the new entry, NULL to the end
    a leaf     --> all of it = NULL   NULL again, unless the leaf has one slot: that is overwritten
"""

from libc.stdint cimport uint64_t

from pagecache.structures.maple.change cimport maple_change
from pagecache.structures.maple.lists cimport maple_list
from pagecache.structures.maple.node cimport maple_tree, word_t

cdef int store_root(maple_change* change) noexcept nogil
cdef int store_everything(maple_change* change) noexcept nogil
cdef int store_leaf(maple_change* change) noexcept nogil
