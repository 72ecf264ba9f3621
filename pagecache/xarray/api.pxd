"""The array's plain calls, for Cython code without the GIL.

Each walks with a state of its own, works at the slot it came to, and is done.  Entries are words
(entry.pxd).  What can fail answers an error entry (`is_error`, `to_error`) or a negative errno:

    xa_store(&xa, 4660, 0, mk_value(7))      NULL_ENTRY: nothing was there
    xa_store(&xa, 4660, 0, mk_value(8))      mk_value(7)
    xa_insert(&xa, 4660, 0, mk_value(9))     -EBUSY
    xa_erase(&xa, 4660)                      mk_value(8), and its three nodes are freed

Lookup, `xa_load`, is in walk.pxd, searching in find.pxd, marks in marks.pxd.
"""

from libc.stdint cimport uint64_t

from pagecache.xarray.entry cimport entry_t
from pagecache.xarray.walk cimport xa_state, xarray_t


cdef entry_t xa_store(xarray_t* xa, uint64_t index, unsigned int order, entry_t entry) noexcept nogil
cdef entry_t xa_erase(xarray_t* xa, uint64_t index) noexcept nogil
cdef entry_t xa_cmpxchg(xarray_t* xa, uint64_t index, entry_t old, entry_t entry) noexcept nogil
cdef int xa_insert(xarray_t* xa, uint64_t index, unsigned int order, entry_t entry) noexcept nogil
cdef unsigned int xa_get_order(xarray_t* xa, uint64_t index) noexcept nogil
cdef entry_t xa_next(
    xarray_t* xa, uint64_t* index, uint64_t* end, uint64_t last, unsigned int filter) noexcept nogil
