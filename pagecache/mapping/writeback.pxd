"""Dirty folios: marks, the scan for them, writing them back."""

from libc.stdint cimport uint64_t

from pagecache.designs.file_index cimport found_t
from pagecache.mapping.core cimport Core
from pagecache.page.frames cimport page_t


cdef enum:
    MARK_DIRTY = 0
    MARK_WRITEBACK = 1
    MARK_TOWRITE = 2

cdef void dirty_folio(Core m, uint64_t index, page_t* head) noexcept nogil
cdef bint clean_folio(Core m, found_t* found) noexcept nogil
cdef uint64_t write_back(Core m, uint64_t first, uint64_t last) noexcept nogil
cdef uint64_t scan_mark(
    Core m, unsigned int mark, uint64_t* firsts, uint64_t room) noexcept nogil
