"""Dirty folios: marks, the scan for them, writing them back.

A folio is dirty as a whole, by its flag and by mark 0 of its entry.  Writing back goes in two
passes, so that what is dirtied meanwhile does not keep it going: everything dirty is marked
`towrite` first, then each of these is written: dirty off, writeback on, and off when it is done.

    marks (dirty, writeback, towrite)   1 0 0, tagged 1 0 1, in flight 0 1 0, done 0 0 0
"""

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
