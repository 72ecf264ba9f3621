"""Which window comes next: after a miss, and after a folio with the mark.

    miss, 6.11 and later
        at page 0, behind the last read, or a large request   a first window at the page
        more pages cached before it than it wants             a window as long as that run
        any other                                             the pages wanted, and no window
    marked hit
        on the mark of the last window                        the window behind it, larger
        on another                                            a window at the first hole behind it

Up to 6.10 both went through one procedure, which asks the same questions in another order and
merges a window with its successor where the page wanted carries the mark itself.
"""

from libc.stdint cimport uint64_t

from pagecache.mapping.readahead.cached_file cimport CachedFile, cached_t, readahead_t


cdef void ra_miss(CachedFile file, readahead_t* ra, uint64_t index, uint64_t request) noexcept nogil
cdef void ra_marked(
    CachedFile file, readahead_t* ra, const cached_t* folio, uint64_t index,
    uint64_t request) noexcept nogil
