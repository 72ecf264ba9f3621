"""Readers: gets until they are told to stop, each answer compared with the truth."""

from libc.stdint cimport uint32_t

from pagecache.designs.contract cimport ABSENT, FAULT_AROUND, GET, LOAD, call_t, lookup_t
from pagecache.designs.file_index cimport FileIndex
from pagecache.page.frames cimport folio_order, page_put
from pagecache.xarray.grace cimport reader_begin, reader_end, reader_quiet

cdef enum:
    CLOCK_EVERY = 16  # pieces between two looks at the clock
    EMPTY_TIMINGS = 1001

VERBS = {"get": GET, "copy": GET, "load": LOAD, "fault_around": FAULT_AROUND}
HOLD = "hold"  # a get whose folio must cover the page for as long as it is held


cdef struct tally_t:
    bint sums  # answers are of several pages: less where some are absent
    uint64_t spare  # as in the crew
    uint64_t spare_pages
    uint64_t gets
    uint64_t absent
    uint64_t wrong
    uint64_t retries
    uint64_t fallbacks
    uint64_t ns
    uint64_t cpu
    uint64_t preempted


cdef class Crew:
    """Threads that look up the pages of one index at the same time.

    Parameters
    ----------
    index : PageIndex
    readers : Readers, optional
        Those of the pool that the index's nodes come from, if a writer may run beside.
    members : int
        Threads that will come to the gate; each calls one method, and all must come.
    ns : int
        For how long the threads read.
    references : References, optional
        The protocol that a ``get`` keeps its folio by; the index's own if not given.
    beside : bool
        A writer is among them, so that gets may take long: the clock is looked at more often.
    spare : tuple of int
        The first frame, and how many, of the folio that a writer migrates others to: a page may be
        found there too.
    copies : Copies, optional
        What a ``copy`` copies, by the same protocol; the empty loop has none.
    """

    def __cinit__(self, PageIndex index not None, Readers readers, unsigned int members,
                  uint64_t ns, References references=None,
                  bint beside=False, spare=(0, 0), Copies copies=None):
        self.index, self.readers, self.ns, self.references = index, readers, ns, references
        self.grace = &readers.grace if readers is not None else NULL
        self.gate.members, self.look_every = members, 1 if beside else CLOCK_EVERY
        self.spare, self.spare_pages = spare
        self.copies = copies

    cdef pair_t pair(self, loop, unsigned int number):
        """What a thread calls in a loop."""
        if loop == HOLD:
            return self.holding(self.index)
        if loop == "copy" and self.copies is not None:
            return self.copies.pair(number)
        if loop == "get" and self.references is not None:
            return self.references.pair(number)
        return self.index.pair(VERBS[loop])

    cdef pair_t holding(self, FileIndex index):
        """A lookup that looks at the folio while it holds it."""
        cdef pair_t found
        self.holder.call, self.holder.self = <get_folio_t>index.get_folio, <void*>index
        self.holder.base = index.frames.base
        found.call, found.self = <call_t>hold_page, &self.holder
        return found

    def stop(self):
        """Stop those that have come already, because the others will not come."""
        stop_all(&self.gate)

    def read(self, unsigned int number, loop, const uint64_t[:, ::1] accesses):
        """Look the accesses up, over and over, until the time is over; chained.

        Parameters
        ----------
        number : int
            Of this thread, from 0; the first one stops all.
        loop : str
            ``get``, ``copy``, ``load``, ``fault_around`` or ``hold``.
        accesses : uint64 array of shape (n, 2)
            Indices and what they must answer; n is a multiple of 64.

        Returns
        -------
        dict
            How many ``gets``, of those ``absent`` and ``wrong``, ``retries``, ``fallbacks``, ``ns``
            and ``cpu_ns``, and how often the thread was ``preempted``.
        """
        cdef bint sums = loop == "fault_around"
        cdef pair_t pair = self.pair(loop, number)
        cdef const access_t* listed = <const access_t*>&accesses[0, 0]
        cdef uint64_t length = accesses.shape[0]
        cdef tally_t tally
        with nogil:
            begin(self, number)
            tally = read_all(self, number, &pair, listed, length, sums)
            tally.retries = end(self)
        tally.fallbacks = 0 if self.references is None else self.references.fallen_back(number)
        return tally_dict(tally)

    def time_gets(self, unsigned int number, loop, const uint64_t[:, ::1] accesses,
                  uint32_t[::1] taken):
        """Time each lookup alone, until the first thread has filled `taken` or the time is over.

        Returns
        -------
        tuple
            Ticks an empty timing takes (the median of many), and ns a tick.
        """
        cdef pair_t pair = self.pair(loop, number)
        cdef const access_t* listed = <const access_t*>&accesses[0, 0]
        cdef uint64_t length = accesses.shape[0], ns, spent
        with nogil:
            time_empty(&taken[0], min(<uint64_t>taken.shape[0], EMPTY_TIMINGS))
        empty = sorted(taken[:EMPTY_TIMINGS])[min(<uint64_t>taken.shape[0], EMPTY_TIMINGS) // 2]
        with nogil:
            begin(self, number)
            spent, ns = ticks(), now_ns()
            time_each(self, number, &pair, listed, length, &taken[0], taken.shape[0])
            spent, ns = ticks() - spent, now_ns() - ns
            end(self)
        return empty, <double>ns / max(spent, 1)


cdef inline void begin(Crew crew, unsigned int number) noexcept nogil:
    """Read from here on, when all have come."""
    if crew.grace is not NULL:
        reader_begin(crew.grace, number)
    meet(&crew.gate)


cdef inline uint64_t end(Crew crew) noexcept nogil:
    return reader_end() if crew.grace is not NULL else 0


cdef inline void quiet(Crew crew, unsigned int number) noexcept nogil:
    if crew.grace is not NULL:
        reader_quiet(crew.grace, &crew.grace.lines[number])


cdef inline uint64_t look_up(
        const pair_t* pair, const access_t* access, uint64_t before, tally_t* tally) noexcept nogil:
    """One lookup, whose index depends on the answer `before`; and what it answered."""
    cdef uint64_t answer = (<lookup_t>pair.call)(pair.self, access.index + before)
    cdef bint absent
    if answer != access.answer and not is_migrated(answer, access.answer, tally):
        absent = answer == ABSENT or (tally.sums and answer < access.answer)
        tally.absent += absent
        tally.wrong += not absent
    return answer


cdef inline bint is_migrated(
        uint64_t answer, uint64_t usual, const tally_t* tally) noexcept nogil:
    """Is it the same page of the spare folio?  Folios are aligned to their size."""
    return answer - tally.spare < tally.spare_pages and \
        ((answer ^ usual) & (tally.spare_pages - 1)) == 0


cdef uint64_t hold_page(void* self, uint64_t index) noexcept nogil:
    """The page's frame, or one that no page has if the folio that is held does not cover it."""
    cdef const holder_t* holder = <const holder_t*>self
    cdef folio_ref_t ref
    cdef uint64_t within
    cdef bint covers
    if not holder.call(holder.self, index, index, &ref):
        return ABSENT
    within = ref.frame - <uint64_t>(ref.head - holder.base)
    covers = within < <uint64_t>1 << folio_order(ref.head)
    page_put(ref.head)
    return ref.frame if covers else ABSENT - 1


cdef tally_t read_all(
        Crew crew, unsigned int number, const pair_t* pair, const access_t* accesses,
        uint64_t length, bint sums) noexcept nogil:
    cdef tally_t tally
    cdef uint64_t at = 0, answer = 0, k, pieces = 0
    cdef uint64_t switches = preempted(), start = now_ns(), cpu = cpu_ns()
    tally.absent = tally.wrong = tally.gets = 0
    tally.sums, tally.spare, tally.spare_pages = sums, crew.spare, crew.spare_pages
    while not stopped(&crew.gate):
        for k in range(at, at + PIECE):
            answer = look_up(pair, accesses + k, answer & crew.zero, &tally)
        at = at + PIECE if at + PIECE < length else 0
        pieces += 1
        quiet(crew, number)
        if number == 0 and pieces % crew.look_every == 0 and now_ns() - start >= crew.ns:
            stop_all(&crew.gate)
    tally.gets, tally.ns, tally.cpu = pieces * PIECE, now_ns() - start, cpu_ns() - cpu
    tally.preempted = preempted() - switches
    return tally


cdef void time_each(
        Crew crew, unsigned int number, const pair_t* pair, const access_t* accesses,
        uint64_t length, uint32_t* taken, uint64_t room) noexcept nogil:
    """Ticks of each lookup; once `taken` is full the first thread stops, the others begin again.

    It also stops when the time is over, twice: beside a writer gets may take long.
    """
    cdef tally_t tally  # not asked: `read` counts
    cdef uint64_t at = 0, filled = 0, answer = 0, start, last = now_ns() + 2 * crew.ns
    tally.absent = tally.wrong = tally.sums = tally.spare = tally.spare_pages = 0
    while not stopped(&crew.gate):
        start = ticks()
        answer = look_up(pair, accesses + at, answer & crew.zero, &tally)
        taken[filled] = <uint32_t>(ticks() - start)
        at = at + 1 if at + 1 < length else 0
        filled = filled + 1 if filled + 1 < room else 0
        if at % PIECE == 0:
            quiet(crew, number)
        if number == 0 and (filled == 0 or at % PIECE == 0 and now_ns() > last):
            stop_all(&crew.gate)


cdef void time_empty(uint32_t* taken, uint64_t times) noexcept nogil:
    cdef uint64_t k, start
    for k in range(times):
        start = ticks()
        taken[k] = <uint32_t>(ticks() - start)


cdef dict tally_dict(tally_t tally):
    return {
        "gets": tally.gets,
        "absent": tally.absent,
        "wrong": tally.wrong,
        "retries": tally.retries,
        "fallbacks": tally.fallbacks,
        "ns": tally.ns,
        "cpu_ns": tally.cpu,
        "preempted": tally.preempted,
    }
