"""Changes at a rate, each under the array's lock; writer.pxd says which."""

from libc.stdint cimport INT32_MIN, int32_t

from pagecache.designs.contract cimport ABSENT
from pagecache.designs.references cimport LOCKED_BIT, NONE_FOLIO, STRIPED
from pagecache.measure.threads.crew cimport (
    Crew,
    cpu_ns,
    meet,
    now_ns,
    sched_yield,
    stopped,
    ticks,
)
from pagecache.page.frames cimport PG_HEAD, PG_UPTODATE, folio_order, page_put, ref_read
from pagecache.relaxed cimport load_word, store_byte, store_pointer, store_word
from pagecache.xarray.entry cimport entry_t
from pagecache.xarray.grace cimport Readers, grace_begin, grace_over
from pagecache.xarray.store cimport xas_store
from pagecache.xarray.walk cimport xa_state, xas_init


cdef extern from *:
    """
    #include <time.h>
    #define pc_lock(lock) __atomic_exchange_n((lock), 1, __ATOMIC_ACQUIRE)
    #define pc_unlock(lock) __atomic_store_n((lock), 0, __ATOMIC_RELEASE)
    static inline void pc_pause(long ns)
    {
        struct timespec span = {0, ns};
        nanosleep(&span, NULL);
    }
    """
    bint is_locked "pc_lock"(unsigned int* lock) noexcept nogil
    void unlock "pc_unlock"(unsigned int* lock) noexcept nogil
    void pause "pc_pause"(long ns) noexcept nogil

cdef enum verb_of:
    POPULATE
    ERASE
    TRUNCATE
    RECLAIM
    MIGRATE
    SPLIT

VERBS = {
    "populate": POPULATE,
    "erase": ERASE,
    "truncate": TRUNCATE,
    "reclaim": RECLAIM,
    "migrate": MIGRATE,
    "split": SPLIT,
}


cdef class Writer:
    """Changes the folios of an index beside its readers.

    Parameters
    ----------
    references : References
        The index, and the protocol that readers keep its folios by.
    readers : Readers
        Those of the pool that its nodes come from.
    verb : {"populate", "erase", "truncate", "reclaim", "migrate", "split"}
    order : int
        Of the folios.
    each : int
        Folios that lie side by side and are changed under one lock.
    spare : int
        The first frame of the folio that others are migrated to.
    sleeps : bool
        Where it shares a processor with a reader; else it waits for the clock awake.
    """

    def __cinit__(self, References references not None, Readers readers not None, str verb,
                  unsigned int order, unsigned int each=1, uint64_t spare=0,
                  bint sleeps=False):
        names = getattr(references.index, "names", None)
        self.references, self.index = references, references.index
        self.by_slot, self.subpages = names is not None, names == "subpage"
        self.spare = self.index.frames.record(spare)
        self.grace = &readers.grace
        self.verb, self.order, self.each, self.sleeps = VERBS[verb], order, each, sleeps

    def write(self, Crew crew not None, double rate, const uint64_t[:, ::1] places,
              uint32_t[::1] holds):
        """Change the places one after the other until the crew's first reader stops.

        Parameters
        ----------
        crew : Crew
            With this thread among its members.
        rate : float
            Changes a second, the first one after its share of a second; infinity is without a pause.
        places : uint64 array of shape (n, 2)
            The first index and first frame of each.
        holds : uint32 array of shape (m,)
            Filled with the ticks that each lock was held, from the start again when it is full.

        Returns
        -------
        dict
            Changes ``done`` and ``refused``, ``ns`` and ``cpu_ns``, and how many folios were
            ``found`` before they were removed.
        """
        cdef work_t work
        cdef uint64_t count = places.shape[0], room = holds.shape[0]
        self.found = 0
        with nogil:
            meet(&crew.gate)
            work = write_all(self, crew, rate, &places[0, 0], count, &holds[0], room)
        if self.failed:
            raise MemoryError("the index could not grow beside its readers; give a smaller --size")
        return {
            "done": work.done,
            "refused": work.refused,
            "found": self.found,
            "ns": work.ns,
            "cpu_ns": work.cpu,
        }

    def unsettled(self, const uint64_t[:, ::1] places):
        """How many folios of these places have other references than the cache's."""
        cdef Py_ssize_t k
        cdef unsigned int other
        cdef uint64_t pages = <uint64_t>1 << self.order
        return self.stuck + sum([
            ref_read(self.index.frames.base + places[k, 1] + other * pages) != <int32_t>pages
            for k in range(places.shape[0])
            for other in range(self.each)
        ])

    cdef bint change(self, uint64_t first, uint64_t pfn, uint32_t* held) noexcept nogil:
        """One change, and back.  False if it was refused."""
        cdef uint32_t untimed
        cdef page_t* head = self.index.frames.base + pfn
        if self.verb == SPLIT:
            if not self.split(first, head, held):
                return False
            self.join(first, head)
            return True
        if self.verb == MIGRATE:
            if not self.migrate(first, head, self.spare, held):
                return False
            while not self.migrate(first, self.spare, head, &untimed):
                sched_yield()
            return True
        if self.verb == RECLAIM:
            if not self.reclaim(first, head, held):
                return False
        elif not self.remove(first, pfn, &untimed if self.verb == POPULATE else held):
            return False
        self.insert(first, pfn, held if self.verb == POPULATE else &untimed)
        return True

    cdef bint remove(self, uint64_t first, uint64_t pfn, uint32_t* held) noexcept nogil:
        """Slots cleared, references dropped; and wait until nobody holds any of the folios."""
        cdef uint64_t pages = <uint64_t>1 << self.order
        cdef page_t* base = self.index.frames.base + pfn
        cdef unsigned int k
        if self.references.protocol == STRIPED and not self.freeze(base, pages):
            return False
        for k in range(self.each):
            self.find(first + k * pages, base + k * pages)
        self.take_lock()
        for k in range(self.each):
            self.references.change_begins(base + k * pages)
            self.index.remove(first + k * pages)
            self.references.change_ends(base + k * pages)
            self.references.dropped(base + k * pages)
        held[0] = self.drop_lock()
        for k in range(self.each):
            self.stuck |= not self.is_freed(base + k * pages)
        return True

    cdef void find(self, uint64_t index, const page_t* head) noexcept nogil:
        """Look a folio up, read its flags and order: who removes it finds and locks it first."""
        if self.index.load(index) == ABSENT or not load_word(head.flags) & PG_UPTODATE:
            return
        self.found += folio_order(head) == self.order

    cdef bint is_freed(self, page_t* head) noexcept nogil:
        """Wait until nobody holds the folio, but not for ever."""
        cdef uint64_t last = now_ns() + STUCK_NS
        while not self.references.is_free(head):
            if now_ns() > last:
                return False
            sched_yield()
        return True

    cdef void insert(self, uint64_t first, uint64_t pfn, uint32_t* held) noexcept nogil:
        """Frames allocated and cached again: held by the cache alone in the end."""
        cdef uint64_t pages = <uint64_t>1 << self.order
        cdef page_t* base = self.index.frames.base + pfn
        cdef unsigned int k
        for k in range(self.each):
            self.references.unfreeze(base + k * pages, 1)
        self.take_lock()
        for k in range(self.each):
            self.failed |= self.index.insert(first + k * pages, self.order, pfn + k * pages)
        held[0] = self.drop_lock()
        for k in range(self.each):
            page_put(base + k * pages)

    cdef bint reclaim(self, uint64_t first, page_t* head, uint32_t* held) noexcept nogil:
        """Freeze; slots cleared: the frame is free, since nobody has a reference to put."""
        if not self.freeze(head, 1 << self.order):
            return False
        self.take_lock()
        self.references.change_begins(head)
        self.name(first, NULL)
        store_pointer(head.mapping, NULL)
        self.index.pages -= <uint64_t>1 << self.order
        self.references.change_ends(head)
        held[0] = self.drop_lock()
        return True

    cdef bint migrate(
            self, uint64_t first, page_t* old, page_t* new, uint32_t* held) noexcept nogil:
        """Freeze the old; the new is the cache's; slots name it.  The old is free then."""
        if not self.freeze(old, 1 << self.order):
            return False
        self.take_lock()
        store_pointer(new.mapping, old.mapping)
        store_word(new.index, old.index)
        store_word(new.flags, old.flags)
        self.references.change_begins(old)
        self.references.unfreeze(new, 1 << self.order)
        self.name(first, new)
        store_pointer(old.mapping, NULL)
        self.references.change_ends(old)
        held[0] = self.drop_lock()
        return True

    cdef void name(self, uint64_t first, page_t* head) noexcept nogil:
        """Let the slots of a folio name another; NULL: nothing.  Those there need no node."""
        cdef uint64_t k, slots = <uint64_t>1 << self.order if self.by_slot else 1
        cdef unsigned int order = 0 if self.by_slot else self.order - self.index.unit
        cdef xa_state xas
        for k in range(slots):
            xas_init(&xas, &self.index.xa, (first >> self.index.unit) + k, order)
            xas_store(&xas, <entry_t>(head + k if self.subpages and head is not NULL else head))

    cdef bint split(self, uint64_t first, page_t* head, uint32_t* held) noexcept nogil:
        """Freeze; tails become heads; slots name them; unfreeze all of them."""
        cdef uint64_t k, pages = <uint64_t>1 << self.order
        if not self.freeze(head, pages):
            return False
        self.references.change_begins(head)
        self.take_lock()
        for k in range(1, pages):
            make_single(self.references, head + k, head, first + k)
        self.failed |= self.index.split_folio(first, 0)  # it asks the head for the folio's order
        store_word(head.flags, head.flags & ~<uint64_t>PG_HEAD)
        for k in range(pages):
            self.references.unfreeze(head + k, 1)
        held[0] = self.drop_lock()
        self.references.change_ends(head)
        return True

    cdef void join(self, uint64_t first, page_t* head) noexcept nogil:
        """Freeze all the pages; one entry over them; unfreeze the head."""
        cdef uint64_t k, pages = <uint64_t>1 << self.order
        cdef xa_state xas
        for k in range(pages):
            while not self.references.freeze(head + k, 1):
                sched_yield()
        change_all(self.references, head, pages, True)
        self.take_lock()
        for k in range(1, pages):
            store_word(head[k].compound_head, <uint64_t>head + 1)
        store_byte(head[1].order, self.order)
        store_word(head.flags, head.flags | PG_HEAD)
        xas_init(&xas, &self.index.xa, first, self.order)
        xas_store(&xas, <entry_t>head)
        self.references.unfreeze(head, pages)
        self.drop_lock()
        change_all(self.references, head, pages, False)

    cdef bint freeze(self, page_t* head, unsigned int n) noexcept nogil:
        """Keep all others away; striped: once a grace period is over, outside the lock."""
        cdef uint64_t number
        if not self.references.freeze(head, n):
            return False
        if self.references.protocol == STRIPED:
            number = grace_begin(self.grace)
            while not grace_over(self.grace, number):
                sched_yield()
        return self.references.freeze_sum(head, n)

    cdef void take_lock(self) noexcept nogil:
        while is_locked(&self.lock):
            sched_yield()
        self.begun = ticks()

    cdef uint32_t drop_lock(self) noexcept nogil:
        """The ticks that it was held."""
        cdef uint32_t held = <uint32_t>(ticks() - self.begun)
        unlock(&self.lock)
        return held


cdef work_t write_all(
        Writer writer, Crew crew, double rate, const uint64_t* places, uint64_t count,
        uint32_t* holds, uint64_t room) noexcept nogil:
    cdef work_t work
    cdef uint64_t at = 0, start = now_ns(), cpu = cpu_ns()
    # A reader on the same processor may find a folio frozen whenever it runs, and never stop us.
    cdef uint64_t last = start + 2 * crew.ns
    work.done = work.refused = 0
    while not stopped(&crew.gate) and not writer.failed | writer.stuck and now_ns() < last:
        if work.done + work.refused + 1 > rate * (now_ns() - start) / 1e9:
            if writer.sleeps:
                pause(PAUSE_NS)
            continue
        if writer.change(places[2 * at], places[2 * at + 1], holds + work.done % room):
            work.done += 1
        else:
            work.refused += 1
        at = at + 1 if at + 1 < count else 0
    work.ns, work.cpu = now_ns() - start, cpu_ns() - cpu
    return work


cdef void make_single(
        References references, page_t* page, const page_t* head, uint64_t index) noexcept nogil:
    """A tail of a frozen folio becomes a folio of one page, frozen too."""
    store_word(page.flags, PG_UPTODATE)
    store_word(page.compound_head, 0)
    store_pointer(page.mapping, head.mapping)
    store_word(page.index, index)
    references.unfreeze(page, INT32_MIN if references.protocol == LOCKED_BIT else 0)


cdef void change_all(
        References references, page_t* head, uint64_t pages, bint begins) noexcept nogil:
    """A change of all the pages: of the mapping once, of folios' own counts each."""
    cdef uint64_t k
    for k in range(pages if references.protocol == NONE_FOLIO else 1):
        if begins:
            references.change_begins(head + k)
        else:
            references.change_ends(head + k)
