"""Mapped faults: what happens when a process touches a page of a mapped file.

A read fault first maps what is cached around it: of the aligned 16 pages, those that are.  One that
finds nothing reads a window around the page.  A write fault has a block allocated and marks the
folio dirty.  A zero entry is mapped for reading as it is, by the handler itself: NOPAGE.

    read fault at 37, 32 .. 40 cached      maps 32 .. 40 of the 16 from 32: minor
    read fault at 37, nothing cached       reads a window around 37 first: major
"""

from libc.stdint cimport uint64_t

from pagecache.mapping.core cimport Core
from pagecache.mapping.readahead.cached_file cimport readahead_t
from pagecache.mapping.vm_fault cimport vm_fault_t


cdef vm_fault_t fault(
    Core m, readahead_t* ra, unsigned int advice, uint64_t index, bint write,
    uint64_t identity) noexcept nogil
