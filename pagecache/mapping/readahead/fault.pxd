"""Touches of a mapped file: which pages a fault maps, and which it has read.

    page is mapped            no fault
    fault-around              maps what is cached, without a mark, of the 16 pages around: often enough
    cached, with the mark     marked hit at the page touched, seldom the one expected
    not cached                MADV_HUGEPAGE: two huge pages.  MADV_SEQUENTIAL: as read() does.
                              Else a window around the page, unless too many faults found nothing

A `mapped_t` is one mmap(): its advice, and a bit for each page of the file that it has mapped.
"""

from libc.stdint cimport uint64_t

from pagecache.mapping.readahead.cached_file cimport CachedFile, cached_t, readahead_t

cdef enum:  # advice of a mapping
    MAP_SEQUENTIAL = 1
    MAP_RANDOM = 2
    MAP_HUGE = 4
    MAP_EXEC = 8

cdef struct mapped_t:
    unsigned int advice
    uint64_t pages  # that it spans, from the file's first on
    uint64_t* present  # a bit for each


cdef void touch_page(
    CachedFile file, readahead_t* ra, mapped_t* mapped, uint64_t index) noexcept nogil
cdef void read_mapped(
    CachedFile file, readahead_t* ra, unsigned int advice, uint64_t pages, uint64_t index) noexcept nogil
cdef void fault_marked(
    CachedFile file, readahead_t* ra, unsigned int advice, const cached_t* found,
    uint64_t index) noexcept nogil


cdef inline bint is_present(const mapped_t* mapped, uint64_t index) noexcept nogil:
    return mapped.present[index >> 6] >> (index & 63) & 1
