"""The array's plain calls, for Cython code without the GIL.

Entries are words (entry.pxd).  What can fail answers an error entry (`is_error`, `to_error`) or a
negative errno.  Lookup, `xa_load`, is in walk.pxd, searching in find.pxd, marks in
marks.pxd.
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
