"""The guards, each a function that maps once, and the page that they stand before."""

import numpy as np

from libc.stdint cimport INT32_MAX, UINT32_MAX
from libc.stdlib cimport calloc, free

from pagecache.errors import InputError

GUARDS = ("none", "kill", "saturate", "leak", "refuse")
# As posted in 2018, for a count of 32 bits.
TRACK_ABOVE = 5000
KILL_ABOVE = 1000


cdef extern from *:
    """
    #define pc_read32(count) __atomic_load_n((count), __ATOMIC_RELAXED)
    #define pc_swap32(count, old, value) __atomic_compare_exchange_n( \\
        (count), (old), (value), 1, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)
    /* The processor's own addition, which wraps; the kernel's counts do. */
    #define pc_add32(count, n) __atomic_add_fetch((count), (n), __ATOMIC_ACQ_REL)
    """
    int32_t read32 "pc_read32"(const int32_t* count) noexcept nogil
    bint swap32 "pc_swap32"(int32_t* count, int32_t* old, int32_t value) noexcept nogil
    int32_t add32 "pc_add32"(int32_t* count, int32_t n) noexcept nogil


cdef inline void count_in(mapped_t* m, uint64_t process) noexcept nogil:
    """What the page tables say."""
    m.maps[process] += 1
    m.total += 1
    if m.total > m.most:
        m.most = m.total


cdef inline int32_t less(const mapped_t* m, int32_t mappings) noexcept nogil:
    """What that many mappings less are to a count; it may wrap."""
    return <int32_t>-(<uint32_t>mappings * <uint32_t>m.step)


cdef inline void drop_reference(mapped_t* m, int32_t mappings) noexcept nogil:
    if add32(&m.page.refcount, less(m, mappings)) == 0:
        free_page(m)


cdef void free_page(mapped_t* m) noexcept nogil:
    """The last reference is gone: the page goes to someone else, unless it was leaked."""
    if not m.leaked and not m.freed:
        m.freed, m.freed_mapped = True, m.total > 0


cdef outcome_t map_none(mapped_t* m, uint64_t process) noexcept nogil:
    add32(&m.page.refcount, m.step)
    add32(&m.page.mapcount, m.step)
    count_in(m, process)
    return MAPPED


cdef void unmap_plainly(mapped_t* m, int32_t mappings) noexcept nogil:
    add32(&m.page.mapcount, less(m, mappings))
    drop_reference(m, mappings)


cdef outcome_t map_kill(mapped_t* m, uint64_t process) noexcept nogil:
    """As posted: tracked above one number of mappings, killed above another."""
    add32(&m.page.refcount, m.step)
    count_in(m, process)
    if m.maps[process] > m.track_above:
        m.tracked[process] = True
    if add32(&m.page.mapcount, m.step) < 0:
        relieve(m, process)
    return KILLED if m.dead[process] else MAPPED


cdef void relieve(mapped_t* m, uint64_t process) noexcept nogil:
    """The count has turned negative: kill who maps the page too often, or panic."""
    cdef uint64_t other, before = m.kills
    if m.maps[process] > m.kill_above:
        kill(m, process)
        return
    for other in range(m.processes):
        if m.tracked[other] and m.maps[other] > m.kill_above:
            kill(m, other)
    m.panicked = m.kills == before


cdef void kill(mapped_t* m, uint64_t process) noexcept nogil:
    cdef int32_t mappings = m.maps[process]
    m.total -= mappings
    m.maps[process] = 0
    m.tracked[process], m.dead[process] = False, True
    m.kills += 1
    unmap_plainly(m, mappings)


cdef inline void saturating_add(mapped_t* m, int32_t* count, int32_t n) noexcept nogil:
    """Add to a count that stays at its highest value, up and down."""
    cdef int32_t old = read32(count)
    while old != m.highest:
        if swap32(count, &old, old + n):
            return


cdef outcome_t map_saturate(mapped_t* m, uint64_t process) noexcept nogil:
    saturating_add(m, &m.page.refcount, m.step)
    saturating_add(m, &m.page.mapcount, m.step)
    count_in(m, process)
    return MAPPED


cdef void unmap_saturate(mapped_t* m, int32_t mappings) noexcept nogil:
    cdef int32_t _k
    for _k in range(mappings):
        saturating_add(m, &m.page.mapcount, -m.step)
        saturating_add(m, &m.page.refcount, -m.step)
    if m.page.refcount == 0:
        free_page(m)


cdef outcome_t map_leak(mapped_t* m, uint64_t process) noexcept nogil:
    add32(&m.page.refcount, m.step)
    if add32(&m.page.mapcount, m.step) < 0:
        m.leaked = True
    count_in(m, process)
    return MAPPED


cdef outcome_t map_refuse(mapped_t* m, uint64_t process) noexcept nogil:
    """No reference from a count that is not above zero, as 5.1 has it for references."""
    if read32(&m.page.refcount) <= 0:
        m.refusals += 1
        return REFUSED
    return map_none(m, process)


cdef void look(mapped_t* m) noexcept nogil:
    """Reclaim: a page that looks unmapped, held by the cache alone, is freed.

    A leaked page is taken off its lists, so reclaim does not see it.
    """
    if m.page.mapcount != -m.step:
        return
    if m.total:
        m.looked_unmapped = True
    if m.page.refcount == m.step and not m.leaked:
        drop_reference(m, 1)


cdef class MappedPage:
    """A page of the page cache, mapped by processes under a guard.

    Parameters
    ----------
    guard : {"none", "kill", "saturate", "leak", "refuse"}
    width : int
        Bits of its counts, 2 to 32: the kernel's have 32.
    processes : int
        How many there are; they are numbered from 0.
    track_above, kill_above : int, optional
        Mappings above which `kill` tracks a process, and mappings of the page above which it kills
        it.  5000 and 1000 as posted for 32 bits, scaled by the root of the count's range (an
        attack's size is processes times mappings); at least 1.

    Examples
    --------
    >>> from pagecache.page.mapcount import MappedPage
    >>> page = MappedPage("none", width=8, processes=1)
    >>> page.map_many(0, 256), page.mapped, page.mapcount
    (256, 256, -1)
    """

    def __cinit__(self, guard, *, unsigned int width=32, uint64_t processes=1, track_above=None,
                  kill_above=None):
        if guard not in GUARDS:
            raise InputError(f"unknown guard '{guard}'; known: {', '.join(GUARDS)}")
        if not 2 <= width <= 32:
            raise InputError(f"width {width}: a count has 2 to 32 bits")
        if not processes:
            raise InputError("processes: at least one must map the page")
        self.guard, self.width = guard, width
        self.m.track_above = scaled(TRACK_ABOVE, width) if track_above is None else track_above
        self.m.kill_above = scaled(KILL_ABOVE, width) if kill_above is None else kill_above
        self.make_page(processes)
        self.map_one = map_none
        self.uncount = unmap_plainly
        if guard == "kill":
            self.map_one = map_kill
        elif guard == "saturate":
            self.map_one, self.uncount = map_saturate, unmap_saturate
        elif guard == "leak":
            self.map_one = map_leak
        elif guard == "refuse":
            self.map_one = map_refuse

    def __dealloc__(self):
        free(self.m.maps)
        free(self.m.tracked)
        free(self.m.dead)

    cdef int make_page(self, uint64_t processes) except -1:
        """The record, held by one reference (the cache's), and an account for each process."""
        self.frames = Frames(1, huge=False)
        self.frames.make_folios(np.zeros(1, np.uint64), np.zeros(1, np.uint8))
        self.m.page = self.frames.base
        self.m.step = <int32_t>1 << (32 - self.width)
        self.m.highest = INT32_MAX - (self.m.step - 1)
        self.m.page.mapcount, self.m.page.refcount = -self.m.step, self.m.step
        self.m.processes = processes
        self.m.maps = <uint32_t*>calloc(processes, sizeof(uint32_t))
        self.m.tracked = <uint8_t*>calloc(processes, 1)
        self.m.dead = <uint8_t*>calloc(processes, 1)
        if self.m.maps is NULL or self.m.tracked is NULL or self.m.dead is NULL:
            raise MemoryError(f"no room for the accounts of {processes} processes")
        return 0

    def map_many(self, uint64_t process, uint64_t mappings, *, bint watched=True):
        """Map the page up to that often; how often it was mapped.

        Ends early if the process is killed, the page freed or the machine panics.  `watched`:
        reclaim looks at the page after each mapping.
        """
        cdef uint64_t _k, made = 0
        cdef outcome_t outcome
        self.check_process(process)
        if mappings > UINT32_MAX - self.m.maps[process]:
            raise OverflowError(f"process {process} would have more than 2**32 - 1 mappings")
        with nogil:
            for _k in range(mappings):
                if self.m.dead[process] or self.m.freed or self.m.panicked:
                    break
                outcome = self.map_one(&self.m, process)
                made += outcome == MAPPED or outcome == KILLED
                if watched:
                    look(&self.m)
        return made

    def unmap_many(self, uint64_t process, uint64_t mappings):
        """Unmap the page that often.  ValueError, nothing done, if the process has fewer."""
        cdef uint64_t _k
        self.check_process(process)
        if mappings > self.m.maps[process]:
            raise ValueError(
                f"process {process} has {self.m.maps[process]} mappings, not {mappings}")
        with nogil:
            for _k in range(mappings):
                unmap_once(self, process)

    def churn(self, uint64_t process, uint64_t times):
        """Map and unmap that often, in a compiled loop; how often it was mapped."""
        cdef uint64_t _k, made = 0
        self.check_process(process)
        with nogil:
            for _k in range(times):
                if self.map_one(&self.m, process) == MAPPED:
                    unmap_once(self, process)
                    made += 1
        return made

    def reclaim(self):
        """Run reclaim once; whether the page is free afterwards."""
        look(&self.m)
        return bool(self.m.freed)

    def mappings_of(self, uint64_t process):
        """How often one process maps the page."""
        self.check_process(process)
        return self.m.maps[process]

    def is_dead(self, uint64_t process):
        """Whether it has been killed."""
        self.check_process(process)
        return bool(self.m.dead[process])

    @property
    def mapcount(self):
        """The count as it is stored: mappings - 1, as far as `width` bits can say."""
        return self.m.page.mapcount // self.m.step

    @property
    def refcount(self):
        """References as counted: the cache's and one a mapping, in `width` bits."""
        return self.m.page.refcount // self.m.step

    @property
    def mapped(self):
        """Entries of page tables that truly map the page."""
        return self.m.total

    @property
    def most_mapped(self):
        """The most there have been at a time."""
        return self.m.most

    @property
    def thresholds(self):
        """(mappings above which `kill` tracks, above which it kills)."""
        return self.m.track_above, self.m.kill_above

    @property
    def kills(self):
        """Processes killed."""
        return self.m.kills

    @property
    def refusals(self):
        """Mappings refused."""
        return self.m.refusals

    @property
    def panicked(self):
        """Whether `kill` found nobody to kill."""
        return bool(self.m.panicked)

    @property
    def leaked(self):
        """Whether the page was marked as never to be freed."""
        return bool(self.m.leaked)

    @property
    def freed(self):
        """Whether the page was freed."""
        return bool(self.m.freed)

    @property
    def freed_while_mapped(self):
        """Whether it was freed with mappings left: corruption."""
        return bool(self.m.freed_mapped)

    @property
    def looked_unmapped(self):
        """Whether the count said unmapped while there were mappings."""
        return bool(self.m.looked_unmapped)

    cdef int check_process(self, uint64_t process) except -1:
        if process >= self.m.processes:
            raise IndexError(f"process {process} is none of the {self.m.processes}")
        return 0


cdef inline void unmap_once(MappedPage self, uint64_t process) noexcept nogil:
    self.m.maps[process] -= 1
    self.m.total -= 1
    if self.m.maps[process] <= self.m.track_above:
        self.m.tracked[process] = False
    self.uncount(&self.m, 1)


def scaled(posted, width):
    """A threshold for a count of `width` bits: the posted one by the root of the range."""
    return max(1, round(posted * 2 ** ((width - 32) / 2)))
