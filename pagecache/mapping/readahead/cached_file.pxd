"""What readahead's rules ask of a file's cache, and what they keep for an open file description.

A *window* is a run of pages read at once.  One of its folios carries the *mark*: whoever reads that
folio starts the next window, so that a sequential reader never waits.  A *miss* is a page that is
wanted and not cached; a *marked hit* is a folio that is, with the mark.  A *request* is what one
read() still wants.  With read_ahead_kb 128 (32 pages), reading 4 KiB at a time under 6.18:

    page      0    4       16        32              64              128
    window    | 4  | 12    | 16      | 32            | 64 ...                 pages
    order     0    2       3         4               5                        grown on each mark
    mark       1   4       16        32              64

The state says where the last window is, not what is cached: another reader of the same description
moves it, another description of the same file does not.

    start, size   the last window
    async_size    pages of it from the mark on
    pages         readahead's limit, from read_ahead_kb when the file was opened
    previous      the byte after the last read, NO_POSITION at first
    order         of the last window's folios (from 6.17 on)
    misses        faults that found nothing, less those that did: fault-around without end is useless
"""

from libc.stdint cimport uint64_t

from pagecache.mapping.readahead.rules cimport ReadaheadRules

cdef enum:
    PAGE_SHIFT = 12
    PMD_ORDER = 9

cdef uint64_t NO_POSITION

cdef enum:  # what `add` answers
    ADDED = 0
    ADD_CACHED = 1  # some page of the range is cached
    ADD_NO_MEMORY = 2  # no folio
    ADD_NO_NODE = 3  # a folio, and no room for it in the index

cdef struct readahead_t:
    uint64_t start
    uint64_t size
    uint64_t async_size
    uint64_t pages
    uint64_t previous
    unsigned int order
    unsigned int misses
    bint random

cdef struct cached_t:  # a folio that is cached
    uint64_t first
    unsigned int order
    bint marked
    bint workingset  # it was evicted before and came back


cdef class CachedFile:
    cdef ReadaheadRules rules
    cdef uint64_t device_pages  # read_ahead_kb
    cdef uint64_t io_pages  # the largest transfer
    cdef unsigned int min_order
    cdef unsigned int max_order  # 0: the filesystem has no large folios
    cdef unsigned int exec_order  # of executable mappings: 64 KiB on arm64, else a page

    cdef uint64_t page_count(self) noexcept nogil
    # The folio that covers a page; False if none is cached.
    cdef bint find_cached(self, uint64_t index, cached_t* found) noexcept nogil
    cdef void clear_readahead(self, uint64_t index) noexcept nogil
    # Scans for holes as Linux does them: see xarray/holes.pxd.
    cdef bint hole_after(self, uint64_t index, uint64_t pages, uint64_t* hole) noexcept nogil
    cdef bint hole_before(self, uint64_t index, uint64_t pages, uint64_t* hole) noexcept nogil
    # Cache one folio, with the mark or without.
    cdef int add(self, uint64_t index, unsigned int order, bint marked) noexcept nogil
    # What was added is sent to the device.
    cdef void submit(self) noexcept nogil


cdef void ra_open(readahead_t* ra, CachedFile file) noexcept nogil
cdef void ra_advise(readahead_t* ra, CachedFile file, int advice) noexcept nogil

cdef enum:
    ADVICE_NORMAL = 0
    ADVICE_RANDOM = 1
    ADVICE_SEQUENTIAL = 2


cdef inline void lower_misses(readahead_t* ra, uint64_t pages) noexcept nogil:
    """Pages were found in the cache: readahead is of use."""
    ra.misses = ra.misses - <unsigned int>pages if ra.misses > pages else 0
