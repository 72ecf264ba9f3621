"""Reading and writing: what read() and write() do with the cache.

*Read.*  Take the folio that covers the page; on a miss read a window ahead and look again; go on
behind the folio.  A folio with the readahead mark starts the next window.

*Write.*  Take the folio, or make one of the order that the length suggests; have blocks allocated
where the file has a hole; mark the folio dirty.

    read of page 0, nothing cached     a window of 4 pages is read, page 1 has the mark
    read of page 1                     cached, and the mark has the next 8 pages read
    write of 16 KiB at page 64         one folio of order 2, dirty
"""

from libc.stdint cimport uint64_t

from pagecache.designs.file_index cimport folio_ref_t
from pagecache.mapping.core cimport Core
from pagecache.mapping.readahead.cached_file cimport readahead_t


cdef int read_bytes(
    Core m, readahead_t* ra, uint64_t start, uint64_t end, uint64_t* total) noexcept nogil
cdef int write_bytes(
    Core m, uint64_t position, uint64_t end, uint64_t identity) noexcept nogil
cdef int writable(Core m, uint64_t index, uint64_t last, folio_ref_t* ref) noexcept nogil
cdef int ensure(Core m, uint64_t index, unsigned int order) noexcept nogil
