"""Blocks of a file, allocated where it has a hole.

    before        data | shared | hole   | data
    fallocate     data | shared | data   | data       a hole becomes data; what is shared stays so
    write         data | data   | data   | data       only a write copies,
    unshare       data | data   | data   | data       or a call of unshare

On a filesystem whose storage is the cache (tmpfs, hugetlbfs) a block is a folio.
"""

from libc.stdint cimport uint64_t

from pagecache.mapping.core cimport Core

cdef int fill_holes(Core m, uint64_t first, uint64_t last) noexcept nogil
cdef int fallocate(Core m, uint64_t start, uint64_t end, uint64_t* allocated) noexcept nogil
