"""Changes planted between a reference and the second look at a slot: what a lookup must notice.

The lookups are compiled here once more, with a compare-exchange that calls `planted` after it.
"""

from libc.stdint cimport uint64_t

from pagecache.page.frames cimport Frames, page_t, page_to_pfn
from pagecache.designs.contract cimport ABSENT, PageIndex, folio_added
from pagecache.designs.folio_lookup cimport folio_try_get
from pagecache.xarray.entry cimport RETRY_ENTRY, entry_t
from pagecache.xarray.node cimport NodePool
from pagecache.xarray.store cimport xa_init
from pagecache.xarray.walk cimport xarray_t

cdef extern from *:
    """
    static void (*pc_planted)(void) = 0;
    #undef pc_get
    #define pc_get(page, old, count) (__atomic_compare_exchange_n( \\
        &(page)->refcount, (old), (count), 0, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED) \\
        ? (pc_planted ? pc_planted() : (void)0, 1) : 0)
    """
    void (*planted "pc_planted")() noexcept nogil

cdef xarray_t array
cdef entry_t later


cdef void change_once() noexcept nogil:
    """Another folio takes the place of the one that was just referenced."""
    global planted
    planted = NULL
    array.head = later


def folio_got(Frames frames, uint64_t first, uint64_t second):
    """The frame that a lookup answers in the end where folio `first` gives way to `second` meanwhile."""
    global planted, later
    cdef NodePool pool = NodePool()
    cdef entry_t found = RETRY_ENTRY
    xa_init(&array, &pool.pool, pool.chunk_shift, 0)
    array.head, later = <entry_t>(frames.base + first), <entry_t>(frames.base + second)
    planted = change_once
    while found == RETRY_ENTRY:
        found = folio_try_get(&array, 0, False)
    array.head = 0
    return page_to_pfn(frames, <page_t*>found) if found else None


cdef class Fickle(PageIndex):
    """An index whose first answer is another than all later ones."""

    cdef uint64_t first
    cdef uint64_t second
    cdef readonly uint64_t asked

    def __init__(self, Frames frames, uint64_t first, uint64_t second):
        self.first, self.second = first, second
        folio_added(self, frames.base + first, 0, 0)
        folio_added(self, frames.base + second, 0, 0)

    cdef uint64_t load(self, uint64_t index) noexcept nogil:
        self.asked += 1
        return ABSENT if index else self.first if self.asked == 1 else self.second
