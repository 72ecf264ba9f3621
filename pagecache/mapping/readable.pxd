"""A mapping as readahead sees it: what is cached, where holes are, and new folios.

    find_cached    folios and zero entries; shadows are holes
    add            a folio of exactly the order asked for, or nothing: a large folio that memory does
                   not have is no reason to reclaim, and no smaller one is tried in its place

Folios of the minimum order are allocated as by any other miss.  Where the file has holes that are
not cached as pages, or shares blocks, a folio's range is filled with what may lie there.
"""

from pagecache.mapping.core cimport Core


cdef class Readable(Core):
    cdef int set_readahead(
        self, kernel, readahead_kb, max_io_kb, min_order, max_order) except -1
    cdef int raise_overridden(self) except -1
