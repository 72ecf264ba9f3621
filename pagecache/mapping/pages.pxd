"""The calls on cached pages: what reclaim, writeback and those who use a page do.

A *pin* is a reference that somebody took to use a page; `pins` counts them by frame, so that only
what was pinned is unpinned.
"""

from pagecache.mapping.calls cimport Calls


cdef class Pages(Calls):
    cdef dict pins
