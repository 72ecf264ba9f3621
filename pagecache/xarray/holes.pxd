"""Where cached pages end: the two scans that readahead asks, and where they go astray.

A scan has two hands: the *index* that it will report, and the slot that it looks at.  On pages of
order 0 they move together.  A scan that starts inside a larger entry begins at the entry's first
slot, the canonical one, while its index is already `lag` pages into the entry:

    entry of order 3 at 8, next hole at 16, scan from 11 (lag 3)

    index   11  12  13  14  15  16  17  18  19
    slot     8   9  10  11  12  13  14  15  16   empty: the hole is reported at 19, three too late

The scan takes a slot for each page, and nothing tells the index that it stands behind.  That is
why readahead leaves pages out of its windows when several streams share a file description.  A
scan back that starts inside an entry leaves it too early by as much: it reports fewer pages.

*Why the lag ends.*  A new leaf is entered at the digits of the index, not at its first slot: there
the two hands meet again (forward, the first `lag` slots of that leaf are never looked at; backward,
the scan can land in the wrong leaf for the same reason).  Above the leaves a slot stands for many
pages, so it moves only if it is not the slot of the index already: a slow way to catch up.

Both quirks are Linux's, up to 7.1 at least, and decide folios; entries met later are entered at
their first page, and cost nothing.  Without `lags` both hands start at the page asked for: what a
fix would do.  All is O(pages looked at).
"""

from libc.stdint cimport uint64_t

from pagecache.xarray.entry cimport entry_t
from pagecache.xarray.walk cimport xarray_t

# Is nothing cached where this entry lies?  NULL is a hole always and is not asked about.
ctypedef bint (*is_hole_t)(entry_t entry) noexcept nogil


cdef bint xa_next_hole(
    xarray_t* xa, uint64_t index, uint64_t pages, is_hole_t is_hole, bint lags,
    uint64_t* hole) noexcept nogil
cdef bint xa_prev_hole(
    xarray_t* xa, uint64_t index, uint64_t pages, is_hole_t is_hole, bint lags,
    uint64_t* hole) noexcept nogil
