"""The tree as text, and its sizes."""

from libc.stdint cimport uint64_t

from pagecache.xarray.entry cimport entry_t
from pagecache.xarray.walk cimport xarray_t


cdef str entry_text(entry_t entry)
cdef str array_text(xarray_t* xa)
cdef uint64_t count_nodes(const xarray_t* xa) noexcept nogil
cdef uint64_t count_slots(const xarray_t* xa) noexcept nogil
cdef unsigned int tree_height(const xarray_t* xa) noexcept nogil
cdef entry_t raw_slot(xarray_t* xa, uint64_t index) noexcept nogil
