"""The writer beside readers: at a given rate it changes what they read, and puts it back.

    verb       under the lock, timed                        then, untimed
    populate   (removed before) insert one folio
    erase      remove one folio                             insert it again
    truncate   remove the folios of one 2 MiB               insert them again
    reclaim    remove one folio that nobody holds           insert it again
    migrate    put another frame in a folio's place         and the old one back
    split      split a folio of order 9 into single pages   join it again

So the file is as it was after each, and readers' answers are the file's or nothing.  Frames are
freed and allocated for real: a removal clears the slot and drops the cache's references, whoever puts
the last one frees, and the writer waits for that before it uses the frame again.

The last three *freeze* the folio first, and are *refused* if a reader holds it.  Who is let in again
differs: nobody after a reclaim, who frees the frame; those that come for the new frame after a
migration, whose old one is free; those that come for any of the pages after a split.  All migrations
of a writer go to one spare folio, so that a reader that comes late finds it in another place.

The writer does what is due by the clock.  Between changes it looks at the clock, so that its code and
data stay in the caches: woken up, it held the lock half as long again for one entry.  Only where it
shares a processor with a reader it sleeps for `PAUSE_NS`, and works in bursts.
There is one writer, so its lock is free whenever it comes; what is measured is how long it is held.
Who erases or truncates has found and locked the folios before: their nodes and struct pages are in
the cache by then.  Who reclaims or migrates comes from a list of folios: the nodes may not be.
"""

from libc.stdint cimport uint32_t, uint64_t

from pagecache.designs.references cimport References
from pagecache.designs.xarray_index cimport XArrayIndex
from pagecache.page.frames cimport page_t
from pagecache.xarray.grace cimport grace_t

cdef enum:
    PAUSE_NS = 250000
    STUCK_NS = 5000000000  # after which a folio that is not free never will be


cdef struct work_t:
    uint64_t done
    uint64_t refused
    uint64_t ns
    uint64_t cpu


cdef class Writer:
    cdef XArrayIndex index
    cdef References references
    cdef grace_t* grace
    cdef unsigned int lock
    cdef unsigned int order  # of the folios
    cdef unsigned int each  # folios that are changed at a time
    cdef int verb
    cdef bint by_slot  # a slot a page, not one entry a folio
    cdef bint sleeps  # between changes
    cdef bint subpages  # which then name each its own page
    cdef page_t* spare
    cdef int failed  # memory for nodes ran out
    cdef bint stuck  # a folio that was removed never became free: its count is off
    cdef uint64_t begun  # ticks when the lock was taken
    cdef uint64_t found  # folios, before they were removed

    cdef bint change(self, uint64_t first, uint64_t pfn, uint32_t* held) noexcept nogil
    cdef bint remove(self, uint64_t first, uint64_t pfn, uint32_t* held) noexcept nogil
    cdef void find(self, uint64_t index, const page_t* head) noexcept nogil
    cdef bint is_freed(self, page_t* head) noexcept nogil
    cdef void insert(self, uint64_t first, uint64_t pfn, uint32_t* held) noexcept nogil
    cdef bint reclaim(self, uint64_t first, page_t* head, uint32_t* held) noexcept nogil
    cdef bint migrate(
        self, uint64_t first, page_t* old, page_t* new, uint32_t* held) noexcept nogil
    cdef void name(self, uint64_t first, page_t* head) noexcept nogil
    cdef bint split(self, uint64_t first, page_t* head, uint32_t* held) noexcept nogil
    cdef void join(self, uint64_t first, page_t* head) noexcept nogil
    cdef bint freeze(self, page_t* head, unsigned int n) noexcept nogil
    cdef void take_lock(self) noexcept nogil
    cdef uint32_t drop_lock(self) noexcept nogil
