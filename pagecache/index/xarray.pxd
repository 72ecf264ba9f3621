"""The array's plain calls, for Cython code without the GIL, and the Python class over them.

    from pagecache.index.xarray cimport xa_erase, xa_store
    from pagecache.index.walk cimport xa_load

Entries are words (entry.pxd).  What can fail answers an error entry: `is_error`, `to_error`.
"""

from libc.stdint cimport uint64_t

from pagecache.index.entry cimport entry_t
from pagecache.index.node cimport NodePool
from pagecache.index.walk cimport xarray_t


cdef entry_t xa_store(xarray_t* xa, uint64_t index, unsigned int order, entry_t entry) noexcept nogil
cdef entry_t xa_erase(xarray_t* xa, uint64_t index) noexcept nogil
cdef entry_t xa_cmpxchg(xarray_t* xa, uint64_t index, entry_t old, entry_t entry) noexcept nogil
cdef int xa_insert(xarray_t* xa, uint64_t index, unsigned int order, entry_t entry) noexcept nogil
cdef unsigned int xa_get_order(xarray_t* xa, uint64_t index) noexcept nogil
cdef bint xa_get_mark(xarray_t* xa, uint64_t index, unsigned int mark) noexcept nogil
cdef void xa_set_mark(xarray_t* xa, uint64_t index, unsigned int mark) noexcept nogil
cdef void xa_clear_mark(xarray_t* xa, uint64_t index, unsigned int mark) noexcept nogil
cdef entry_t xa_next(
    xarray_t* xa, uint64_t* index, uint64_t* end, uint64_t last, unsigned int filter) noexcept nogil


cdef class Pointer:
    cdef readonly uint64_t address


cdef class XArray:
    cdef xarray_t xa
    cdef readonly NodePool pool
