"""Struct pages chained by mapping and index."""

cimport cython
from libc.errno cimport EEXIST, EFAULT, ENOMEM
from libc.stdint cimport UINT64_MAX, uintptr_t

from pagecache.designs.contract cimport (
    ABSENT,
    AROUND_PAGES,
    folio_added,
    folio_removed,
    frame_sum,
    page_usable,
)
from pagecache.page.frames cimport (
    Frames,
    folio_order,
    frames_fit,
    page_put,
    page_ref_add,
    page_t,
    page_to_pfn,
)
from pagecache.structures.page_hash.path cimport walk_through
from pagecache.structures.page_hash.table cimport (
    LINK_BYTES,
    bucket_of,
    hash_add,
    hash_any,
    hash_find,
    hash_lock,
    hash_take,
    hash_unlock,
    hashed_t,
)

from pagecache.errors import InputError


cdef inline hashed_t* entry_of(page_t* head) noexcept nogil:
    return <hashed_t*>&head.mapping


cdef inline page_t* page_of(const hashed_t* entry) noexcept nogil:
    return <page_t*>(<char*>entry - 24)


cdef inline unsigned int page_order(const hashed_t* entry) noexcept nogil:
    return folio_order(page_of(entry))


LOCKED = "--meanwhile: a lookup in a page hash holds the lock of the table: no writer comes between"


cdef inline page_t* look(PageHashIndex self, uint64_t index) noexcept nogil:
    """The folio that covers `index`, or NULL.  O(orders x chain)."""
    cdef hashed_t* entry = hash_find(&self.pool.table, <void*>self, index, page_order)
    return NULL if entry is NULL else page_of(entry)


@cython.no_gc_clear  # what it is made of must be there when it is taken down
cdef class PageHashIndex(PageIndex):
    """One file in a page hash, keyed by the first index of each folio.

    Parameters
    ----------
    frames : Frames
        The struct pages, which the chains run through: they must be backed by memory.
    pool : HashTable, optional
        The table, which many files may share; sized to `frames` by the first of them.
    huge_order : int
        Order of a huge page in `huge_fault`.
    """

    provides = frozenset()
    needs_struct_pages = True

    def __cinit__(self, Frames frames not None, HashTable pool=None, **options):
        self.pool = PageHashIndex.make_pool() if pool is None else pool
        self.limit = UINT64_MAX
        if self.pool.buckets == 0:
            self.pool.reserve(frames.count)
            self.pool.table.origin = <void*>self
            self.table_bytes = self.pool.size

    def __dealloc__(self):
        if self.pool is not None:
            unlink_all(self)

    cdef uint64_t load(self, uint64_t index) noexcept nogil:
        cdef page_t* head = look(self, index)
        return ABSENT if head is NULL else page_to_pfn(self.frames, head)

    cdef uint64_t get(self, uint64_t index) noexcept nogil:
        """The frame of the page at `index`, referenced under the lock and put; or `ABSENT`."""
        cdef page_t* head = hold(self, index)
        cdef uint64_t frame = ABSENT
        if head is NULL:
            return ABSENT
        if page_usable(head, <void*>self):
            frame = page_to_pfn(self.frames, head) + index - head.index
        page_put(head)
        return frame

    cdef int insert(self, uint64_t index, unsigned int order, uint64_t pfn) noexcept nogil:
        cdef page_t* head = self.frames.base + pfn
        if not frames_fit(self.frames, pfn, order):
            return -EFAULT
        hash_lock(&self.pool.table.lock)
        if hash_any(&self.pool.table, <void*>self, index, order, page_order):
            hash_unlock(&self.pool.table.lock)
            return -EEXIST
        if held_bytes(self) + LINK_BYTES > self.limit:
            hash_unlock(&self.pool.table.lock)
            return -ENOMEM
        folio_added(self, head, index, order)
        hash_add(&self.pool.table, entry_of(head), <void*>self, index, order)
        link_first(self, <listed_t*>&head.compound_head)
        hash_unlock(&self.pool.table.lock)
        return 0

    cdef uint64_t remove(self, uint64_t index) noexcept nogil:
        cdef page_t* head
        cdef uint64_t pages = 0
        hash_lock(&self.pool.table.lock)
        head = look(self, index)
        if head is not NULL:
            pages = take_out(self, head)
        hash_unlock(&self.pool.table.lock)
        return pages

    cdef int next_folio(self, uint64_t* index) noexcept nogil:
        """The page itself by its chain; another one only by a look at all.  O(folios)."""
        cdef page_t* head = look(self, index[0])
        if head is NULL:
            head = nearest_after(self, index[0])
        if head is NULL:
            return -1
        index[0] = head.index
        return folio_order(head)

    cdef uint64_t read(self, uint64_t index, uint64_t count) noexcept nogil:
        """The sum of the frames of those of `count` pages that are cached; a lookup a folio."""
        cdef uint64_t last = index + count - 1, at = index, end, total = 0
        cdef page_t* head
        while True:
            end, head = at, hold(self, at)
            if head is not NULL:
                end = head.index + ((<uint64_t>1 << folio_order(head)) - 1)
                end = end if end < last else last
                if page_usable(head, <void*>self):
                    total += frame_sum(page_to_pfn(self.frames, head) - head.index, at, end)
                page_put(head)
            if end >= last:
                return total
            at = end + 1

    cdef uint64_t fault_around(self, uint64_t index) noexcept nogil:
        """`read` of the aligned 16 pages around a fault."""
        return self.read(index & ~<uint64_t>(AROUND_PAGES - 1), AROUND_PAGES)

    cdef uint64_t truncate(self) noexcept nogil:
        """Remove everything, along the file's list.  The number of pages removed."""
        cdef uint64_t before = self.pages
        while self.first is not NULL:
            hash_lock(&self.pool.table.lock)
            take_out(self, listed_page(self.first))
            hash_unlock(&self.pool.table.lock)
        return before

    @staticmethod
    def make_pool(**options):
        """A table without a size yet: there is a bucket for each page of memory."""
        return HashTable()

    def set_limit(self, uint64_t limit):
        """Take no more than `limit` bytes, table and links counted as in `index_bytes`."""
        self.limit = limit

    @property
    def nodes(self):
        """Links of 16 bytes in struct pages, one a folio."""
        return self.folios_cached

    @property
    def index_bytes(self):
        """Bytes of links, and of the table with the first file that was made with it."""
        return held_bytes(self)

    def walk(self, uint64_t index, between=None):
        """The walk of one lookup, read by read.  InputError for a writer that comes between."""
        if between is not None:
            raise InputError(LOCKED)
        return walk_through(
            &self.pool.table, <void*>self, index, page_order, self.name_entry)

    def name_entry(self, uint64_t entry):
        """What an entry of a chain names, in words, by its address."""
        return f"frame {page_to_pfn(self.frames, page_of(<hashed_t*><uintptr_t>entry))}"

    def check(self):
        """Raise AssertionError, with the dump, if the file's list and the chains do not agree."""
        PageIndex.check(self)
        folios, misplaced = listed(self)
        assert folios == self.folios_cached, f"{folios} listed, {self.folios_cached} counted"
        assert misplaced is None, f"the chain of index {misplaced} does not hold it:\n{self.dump()}"


cdef inline uint64_t held_bytes(PageHashIndex self) noexcept nogil:
    return self.table_bytes + self.folios_cached * LINK_BYTES


cdef inline page_t* listed_page(listed_t* link) noexcept nogil:
    return <page_t*>(<char*>link - 8)


cdef inline page_t* hold(PageHashIndex self, uint64_t index) noexcept nogil:
    """The folio that covers `index`, referenced, or NULL.

    The cache's own reference cannot go while the lock is held, so the count is not zero.
    """
    cdef page_t* head
    hash_lock(&self.pool.table.lock)
    head = look(self, index)
    if head is not NULL:
        page_ref_add(head, 1)
    hash_unlock(&self.pool.table.lock)
    return head


cdef inline void link_first(PageHashIndex self, listed_t* link) noexcept nogil:
    link.next, link.pprev = self.first, &self.first
    if self.first is not NULL:
        self.first.pprev = &link.next
    self.first = link
    self.folios_cached += 1


cdef uint64_t take_out(PageHashIndex self, page_t* head) noexcept nogil:
    """Unlink a folio from its chain and its file's list; how many pages it has."""
    cdef listed_t* link = <listed_t*>&head.compound_head
    cdef unsigned int order = folio_order(head)
    hash_take(&self.pool.table, entry_of(head), order)
    link.pprev[0] = link.next
    if link.next is not NULL:
        link.next.pprev = link.pprev
    link.next, link.pprev = NULL, NULL
    self.folios_cached -= 1
    return folio_removed(self, head, order)


cdef page_t* nearest_after(PageHashIndex self, uint64_t index) noexcept nogil:
    """The first folio that begins after `index`, or NULL.  O(folios)."""
    cdef listed_t* link = self.first
    cdef page_t* found = NULL
    while link is not NULL:
        if listed_page(link).index > index and (
                found is NULL or listed_page(link).index < found.index):
            found = listed_page(link)
        link = link.next
    return found


cdef tuple listed(PageHashIndex self):
    """How many folios the list has, and the index of one that its chain does not hold, or None."""
    cdef listed_t* link = self.first
    cdef hashed_t* entry
    cdef hashed_t* wanted
    folios, misplaced = 0, None
    while link is not NULL:
        wanted = entry_of(listed_page(link))
        entry = self.pool.table.buckets[bucket_of(&self.pool.table, <void*>self, wanted.index)]
        while entry is not NULL and entry != wanted:
            entry = entry.next
        misplaced = wanted.index if entry is NULL else misplaced
        folios, link = folios + 1, link.next
    return folios, misplaced


cdef void unlink_all(PageHashIndex self) noexcept nogil:
    """Leave no chain that leads to this file's struct pages."""
    while self.first is not NULL:
        take_out(self, listed_page(self.first))
