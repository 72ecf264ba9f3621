"""A simulated file's cache, its open descriptions and its mappings."""

from cpython.exc cimport PyErr_CheckSignals
from libc.stdint cimport int64_t, uint64_t
from libc.stdlib cimport calloc, free, realloc
from libc.string cimport memset

from pagecache.mapping.readahead.cached_file cimport (
    ADD_CACHED,
    ADD_NO_MEMORY,
    ADD_NO_NODE,
    ADDED,
    ADVICE_NORMAL,
    ADVICE_RANDOM,
    ADVICE_SEQUENTIAL,
    PAGE_SHIFT,
    cached_t,
    ra_advise,
    ra_open,
)
from pagecache.mapping.readahead.fault cimport (
    MAP_EXEC,
    MAP_HUGE,
    MAP_RANDOM,
    MAP_SEQUENTIAL,
    is_present,
    touch_page,
)
from pagecache.mapping.readahead.fill cimport force_pages, read_page
from pagecache.mapping.readahead.miss cimport ra_marked, ra_miss
from pagecache.mapping.readahead.rules cimport ReadaheadRules, round_down, round_up
from pagecache.xarray.entry cimport NULL_ENTRY, entry_t, mk_value, to_value
from pagecache.xarray.find cimport xas_conflict, xas_find, xas_next_entry
from pagecache.xarray.holes cimport xa_next_hole, xa_prev_hole
from pagecache.xarray.node cimport CHUNK_SHIFT, NodePool
from pagecache.xarray.store cimport xa_init, xas_store
from pagecache.xarray.walk cimport xa_load, xa_state, xas_init, xas_load

import numpy as np

ADVICE = {"normal": ADVICE_NORMAL, "random": ADVICE_RANDOM, "seq": ADVICE_SEQUENTIAL}
MAPPING_ADVICE = {"seq": MAP_SEQUENTIAL, "rand": MAP_RANDOM, "huge": MAP_HUGE, "exec": MAP_EXEC}

cdef enum:
    MARKED = 64
    CHECKED_ROUNDS = 0xffff  # Ctrl-C and errors are looked for once in this many


cdef inline void folio_of(entry_t entry, uint64_t index, cached_t* found) noexcept nogil:
    cdef uint64_t value = to_value(entry)
    found.order, found.marked, found.workingset = value & 63, (value & MARKED) != 0, False
    found.first = round_down(index, found.order)


cdef bint never(entry_t entry) noexcept nogil:
    """Every entry is a folio."""
    return False


cdef class SimulatedFile(CachedFile):
    """The folios that readahead would cache of a file, without the memory for them.

    Parameters
    ----------
    rules : ReadaheadRules
    size : int
        Bytes of the file.
    device_pages, io_pages : int
        read_ahead_kb and the largest transfer, in pages.
    min_order, max_order, exec_order : int
        Of folios: the mapping's least and largest (0: none above a page), and that of executable
        mappings.
    largest_free : int
        The largest folio that memory has, as an order: larger ones cannot be allocated.
    """

    def __cinit__(self, ReadaheadRules rules, uint64_t size, uint64_t device_pages, uint64_t io_pages,
                  unsigned int min_order=0, unsigned int max_order=9, unsigned int exec_order=0,
                  int largest_free=63):
        self.rules, self.size = rules, size
        self.device_pages, self.io_pages = device_pages, io_pages
        self.min_order, self.max_order, self.exec_order = min_order, max_order, exec_order
        self.largest_free = largest_free
        self.pool = NodePool()
        xa_init(&self.xa, &self.pool.pool, CHUNK_SHIFT, 0)
        memset(&self.log, 0, sizeof(log_t))
        memset(self.allocated, 0, sizeof(self.allocated))
        self.used = <uint64_t*>calloc((self.page_count() >> 6) + 1, 8)
        if self.used is NULL:
            raise MemoryError("no room for a bit for each page; give a smaller size")

    def __dealloc__(self):
        free(self.used)
        free(self.log.requests)

    cdef uint64_t page_count(self) noexcept nogil:
        return (self.size + (1 << PAGE_SHIFT) - 1) >> PAGE_SHIFT

    cdef bint find_cached(self, uint64_t index, cached_t* found) noexcept nogil:
        cdef entry_t entry = xa_load(&self.xa, index)
        if entry == NULL_ENTRY:
            return False
        folio_of(entry, index, found)
        return True

    cdef void clear_readahead(self, uint64_t index) noexcept nogil:
        cdef xa_state xas
        cdef entry_t entry
        xas_init(&xas, &self.xa, index, 0)
        entry = xas_load(&xas)
        xas_store(&xas, mk_value(to_value(entry) & ~<uint64_t>MARKED))

    cdef bint hole_after(self, uint64_t index, uint64_t pages, uint64_t* hole) noexcept nogil:
        return xa_next_hole(&self.xa, index, pages, never, self.rules.on.scans_lag, hole)

    cdef bint hole_before(self, uint64_t index, uint64_t pages, uint64_t* hole) noexcept nogil:
        return xa_prev_hole(&self.xa, index, pages, never, self.rules.on.scans_lag, hole)

    cdef int add(self, uint64_t index, unsigned int order, bint marked) noexcept nogil:
        cdef xa_state xas
        if <int>order > self.largest_free:
            return ADD_NO_MEMORY
        self.allocated[order] += 1
        xas_init(&xas, &self.xa, index, order)
        if xas_conflict(&xas) != NULL_ENTRY:
            return ADD_CACHED
        xas_store(&xas, mk_value(order | (MARKED if marked else 0)))
        if xas.error:
            self.out_of_memory = True
            return ADD_NO_NODE
        if index != self.log.open.first + self.log.open.pages:
            self.submit()
            self.log.open.first = index
        self.log.open.pages += <uint64_t>1 << order
        return ADDED

    cdef void submit(self) noexcept nogil:
        cdef log_t* log = &self.log
        cdef request_t* larger
        if not log.open.pages:
            return
        if log.count == log.room:
            larger = <request_t*>realloc(log.requests, (log.room * 2 + 64) * sizeof(request_t))
            if larger is NULL:
                self.out_of_memory = True
                return
            log.requests, log.room = larger, log.room * 2 + 64
        log.requests[log.count] = log.open
        log.count += 1
        log.open.first, log.open.pages = 0, 0

    cdef void use(self, uint64_t first, uint64_t after) noexcept nogil:
        while first < after:
            self.used[first >> 6] |= <uint64_t>1 << (first & 63)
            first += 1

    cdef int check(self) except -1:
        """Raise what went wrong in a compiled loop."""
        if self.rules.failed is not None:
            failed, self.rules.failed = self.rules.failed, None
            raise failed
        if self.out_of_memory:
            raise MemoryError("no memory for the simulated cache; give a smaller size")
        return 0

    def open(self):
        """A new description of the file, as open() gives: it has read nothing yet."""
        return Description(self)

    def folios(self):
        """First pages, orders and marks of the cached folios, in file order: three arrays."""
        cdef xa_state xas
        cdef cached_t found
        cdef uint64_t[::1] first
        cdef unsigned char[::1] order, marked
        cdef entry_t entry
        cdef uint64_t count = 0, most = sum(self.allocated)
        index, orders, marks = np.zeros(most, np.uint64), np.zeros(most, np.uint8), np.zeros(most, np.uint8)
        first, order, marked = index, orders, marks
        xas_init(&xas, &self.xa, 0, 0)
        entry = xas_find(&xas, ~<uint64_t>0)
        while entry != NULL_ENTRY:
            folio_of(entry, xas.index, &found)
            first[count], order[count], marked[count] = found.first, found.order, found.marked
            count += 1
            entry = xas_next_entry(&xas, ~<uint64_t>0)
        return index[:count].copy(), orders[:count].copy(), marks[:count].astype(bool)

    def requests(self):
        """First page and pages of each request, in the order sent: an array of shape (n, 2)."""
        cdef uint64_t k
        cdef uint64_t[:, ::1] row
        found = np.zeros((self.log.count, 2), np.uint64)
        row = found
        for k in range(self.log.count):
            row[k, 0], row[k, 1] = self.log.requests[k].first, self.log.requests[k].pages
        return found

    def allocations(self):
        """Folios allocated by order: one that met a cached page counts, and is not cached."""
        return {order: count for order, count in enumerate(self.allocated) if count}

    def pages_used(self):
        """Pages that were read or touched."""
        cdef uint64_t[::1] words = <uint64_t[:(self.page_count() >> 6) + 1]>self.used
        return int(np.bitwise_count(np.asarray(words)).sum())


cdef class Description:
    """An open file description of a simulated file: reads, advice and mappings move its state."""

    def __cinit__(self, SimulatedFile file):
        self.file = file
        ra_open(&self.ra, file)

    @property
    def state(self):
        """Start, size and pages from the mark on of the last window, and the miss counter."""
        return self.ra.start, self.ra.size, self.ra.async_size, self.ra.misses

    def advise(self, advice):
        """posix_fadvise: normal, random or seq."""
        ra_advise(&self.ra, self.file, ADVICE[advice])

    def willneed(self, uint64_t position, uint64_t length):
        """Read the pages of a range, as FADV_WILLNEED, MADV_WILLNEED and readahead() do."""
        cdef uint64_t first = position >> PAGE_SHIFT, after = self.file.page_count()
        if length:
            after = min(after, ((position + length - 1) >> PAGE_SHIFT) + 1)
        if first < after:
            force_pages(self.file, &self.ra, first, after - first)
        self.file.check()

    def map(self, advice=()):
        """A mapping of the whole file, with advice out of seq, rand, huge and exec."""
        return MappedFile(self, advice)


cdef class MappedFile:
    """One mmap() of a simulated file."""

    def __cinit__(self, Description description, advice=()):
        self.description = description
        self.mapped.advice = sum({MAPPING_ADVICE[word] for word in advice})
        self.mapped.pages = description.file.page_count()
        self.mapped.present = <uint64_t*>calloc((self.mapped.pages >> 6) + 1, 8)
        if self.mapped.present is NULL:
            raise MemoryError("no room for a page table; give a smaller size")

    def __dealloc__(self):
        free(self.mapped.present)

    def touch(self, uint64_t page, uint64_t count=1, int64_t step=0):
        """Read a byte of a page, `count` times, the page moving on by `step`."""
        cdef SimulatedFile file = self.description.file
        cdef uint64_t k
        for k in range(count):
            touch_page(file, &self.description.ra, &self.mapped, page)
            if page < self.mapped.pages and is_present(&self.mapped, page):
                file.use(page, page + 1)
            page += <uint64_t>step
            if not k & CHECKED_ROUNDS:
                PyErr_CheckSignals()
                file.check()
        file.check()


# read() ----------------------------------------------------------------------------------------


cdef struct taken_t:  # the folios that one round of a read takes
    uint64_t after  # their end
    cached_t last


cdef bint take(SimulatedFile file, uint64_t index, uint64_t end, taken_t* taken) noexcept nogil:
    """Take cached folios from `index` on, up to the first with the mark; False if none is cached."""
    cdef unsigned int count = 0
    cdef cached_t found
    taken.after = index
    end += file.rules.on.read_past_end
    while taken.after < end and count < file.rules.on.folio_batch:
        if not file.find_cached(taken.after, &found):
            break
        taken.last = found
        taken.after = found.first + (<uint64_t>1 << found.order)
        count += 1
        if found.marked:
            break
    return count != 0


cdef bint take_or_read(
        SimulatedFile file, readahead_t* ra, uint64_t index, uint64_t end, taken_t* taken) noexcept nogil:
    """The same; what is not cached is read, a window of it or at least the page.  False: no memory."""
    if take(file, index, end, taken):
        return True
    ra_miss(file, ra, index, end - index)
    if take(file, index, end, taken):
        return True
    if read_page(file, index) != ADDED:
        return False
    taken.last.marked = False
    taken.after = round_down(index, file.min_order) + (<uint64_t>1 << file.min_order)
    return True


cdef void read_file(
        SimulatedFile file, readahead_t* ra, uint64_t position, uint64_t length) noexcept nogil:
    """read(): all pages of a range of bytes, up to the file's end."""
    cdef uint64_t end = min(position + length, file.size), at = position, index
    cdef uint64_t request_end = ((position + length - 1) >> PAGE_SHIFT) + 1
    cdef taken_t taken
    if length == 0 or position >= file.size:
        return
    if file.rules.on.request_rounded:
        request_end = round_up(request_end, file.min_order)
    while at < end:
        index = at >> PAGE_SHIFT
        if not take_or_read(file, ra, index, request_end, &taken):
            return
        if taken.last.marked:
            ra_marked(file, ra, &taken.last, taken.last.first, request_end - taken.last.first)
        at = min(taken.after << PAGE_SHIFT, end)
        file.use(index, ((at - 1) >> PAGE_SHIFT) + 1)
        if file.rules.on.position_moves:
            ra.previous = at
    ra.previous = end


def read_rounds(list descriptions, list positions, uint64_t length, uint64_t rounds=1, int64_t step=0):
    """Read `length` bytes at each position, `rounds` times, the positions moving on by `step`.

    Parameters
    ----------
    descriptions : list of Description
        One for each position; a description may occur more than once.
    positions : list of int
        In bytes.
    """
    cdef uint64_t round_
    cdef int64_t at
    cdef Py_ssize_t k
    cdef Description description = descriptions[0]
    cdef SimulatedFile file = description.file
    for round_ in range(rounds):
        for k in range(len(positions)):
            description = descriptions[k]
            at = <int64_t>positions[k] + <int64_t>round_ * step
            read_file(file, &description.ra, <uint64_t>at, length)
        if not round_ & CHECKED_ROUNDS:
            PyErr_CheckSignals()
            file.check()
    file.check()
