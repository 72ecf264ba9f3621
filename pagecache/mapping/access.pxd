"""Reading and writing."""

from libc.stdint cimport uint64_t

from pagecache.designs.file_index cimport folio_ref_t
from pagecache.mapping.core cimport Core


cdef int read_pages(Core m, uint64_t index, uint64_t count, uint64_t* total) noexcept nogil
cdef int write_bytes(
    Core m, uint64_t position, uint64_t end, uint64_t identity) noexcept nogil
cdef int writable(Core m, uint64_t index, uint64_t last, folio_ref_t* ref) noexcept nogil
cdef void seen(Core m, folio_ref_t* ref, uint64_t index, uint64_t last) noexcept nogil
cdef int fill_window(Core m) noexcept nogil
cdef int ensure(Core m, uint64_t index, unsigned int order) noexcept nogil
cdef int willneed(Core m, uint64_t index) noexcept nogil
