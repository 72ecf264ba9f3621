"""Which window of pages is read ahead, and in which order of folios.

A *window* is a run of pages that is read at once.  One page of it carries the *marker*: whoever
reads that page starts the next window, so that a sequential reader never waits.  A *request* is
what one read() still wants.  With read_ahead_kb 128 (32 pages), reading 4 KiB at a time:

    page      0    4         20                    64
    window    | 4  | 16      | 44                  | 32 ...    pages
    order     0    2         4                     5           grown by 2 a window
    marker     1   4         20                    64

Rules and numbers are those of Linux 6.18, worked out from the folios that it made.
"""

from libc.stdint cimport uint64_t


cdef enum:
    ADVICE_NORMAL = 0
    ADVICE_RANDOM = 1
    ADVICE_SEQUENTIAL = 2

cdef struct readahead_t:
    uint64_t pages  # read_ahead_kb
    uint64_t io_pages  # the largest transfer
    unsigned int max_order
    int advice
    uint64_t previous  # the last page read; all ones at first, so that page 0 comes after it
    uint64_t start  # the last window, and the order of its folios
    uint64_t size
    uint64_t marker
    unsigned int order


cdef void ra_init(readahead_t* ra, uint64_t pages, uint64_t io_pages, unsigned int max_order) noexcept nogil
cdef void ra_miss(readahead_t* ra, uint64_t index, uint64_t request) noexcept nogil
cdef void ra_mapped_miss(readahead_t* ra, uint64_t index) noexcept nogil
cdef void ra_marker(readahead_t* ra, uint64_t index, uint64_t request, uint64_t missing) noexcept nogil
cdef uint64_t ra_willneed(const readahead_t* ra) noexcept nogil
