"""Allocating IDs: the lowest free index of a range, by the marks that track what is free.

In an array that tracks what is free, mark 0 of a slot says: nothing lies here, or something below
is free.  So the lowest free index is found by following marks down, without a look at entries.
What lies above the tree is free too.

    IDs 0 .. 99 taken but 70      top, shift 6    slot 0: no     slot 1: free below   <- down here
                                  leaf of 64 ..   offsets 6 and 36 .. 63 are free: ID 70
"""

from libc.stdint cimport uint64_t

from pagecache.xarray.entry cimport entry_t
from pagecache.xarray.walk cimport xarray_t


cdef int xa_alloc(
    xarray_t* xa, uint64_t* id, entry_t entry, uint64_t first, uint64_t last) noexcept nogil
cdef int xa_alloc_cyclic(
    xarray_t* xa, uint64_t* id, entry_t entry, uint64_t first, uint64_t last,
    uint64_t* next_id) noexcept nogil
