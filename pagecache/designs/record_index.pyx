"""A design's lookups over struct pages of any layout, compiled once for each.

    RecordIndex (abstract)        the tree, filled as the design fills it
      Before2018  After2018  Folio          `get` by the head, as in xarray_index.pyx
      Before2018ByPage  After2018ByPage  FolioByPage      `get` by the page itself

*By page* is how callers worked before folios: a lookup gave them the very page, head or tail, and
each step after it (a flag, the mapping, the put) found the head again.  That reads the record of
the page itself, which for a tail is another cache line than its head's.

The tree is that of the design: the same entries in the same slots.  Folios go in one by one and
come out all at once (`truncate`); marks, scans and single removals are for the design itself.
"""

from libc.errno cimport EEXIST, EFAULT, EINVAL, ENOMEM
from libc.stdint cimport uint64_t

from pagecache.designs.folio_lookup cimport as_page
from pagecache.xarray.check cimport check_tree
from pagecache.xarray.entry cimport NULL_ENTRY, RETRY_ENTRY, entry_t
from pagecache.xarray.find cimport xas_conflict, xas_find
from pagecache.xarray.node cimport CHUNK_SHIFT, NodePool
from pagecache.designs.contract cimport PageIndex
from pagecache.xarray.store cimport xa_init, xas_store
from pagecache.xarray.text cimport array_text, count_nodes
from pagecache.xarray.trim cimport xa_destroy
from pagecache.xarray.walk cimport slot_read, xa_load, xa_slot, xa_state, xarray_t, xas_init, xas_seek
from pagecache.page.page_structs cimport (
    after_2018_t, after_2018_traced_t, before_2018_t, before_2018_traced_t,
    folio_t, folio_traced_t, record_t,
)
from pagecache.page.records cimport (
    TRACE,
    Records,
    count_add,
    record_count,
    record_head,
    record_index,
    record_order,
    record_put,
    record_try_get,
    record_usable,
    records_fit,
    traced,
)

from pagecache.errors import InputError

cdef enum:
    RECORD = 64


cdef class RecordIndex(PageIndex):
    """The index of one file over records of one layout.

    Parameters
    ----------
    records : Records
        Struct pages in the class's layout.
    pool : NodePool, optional
    unit : int
        Order of the pages that the array counts in.
    huge_order : int
        Order of a huge page in `huge_fault`.
    each : bool
        An entry for each page of a folio; else one entry a folio.
    subpages : bool
        Each entry names its own page; else the head.
    """

    layout = ""
    cdef xarray_t xa
    cdef readonly NodePool pool
    cdef readonly Records records
    cdef bint each
    cdef bint subpages

    def __cinit__(self, Records records not None, NodePool pool=None, *, bint each=False,
                  bint subpages=False, **options):
        if type(self) is RecordIndex:
            raise TypeError("RecordIndex is abstract; make one of a layout: record_layouts.make()")
        if records.layout != self.layout:
            raise InputError(f"records are laid out {records.layout}, not {self.layout}")
        self.records = records
        self.pool = NodePool(CHUNK_SHIFT) if pool is None else pool
        self.each, self.subpages = each, subpages
        xa_init(&self.xa, &self.pool.pool, self.pool.chunk_shift, 0)

    def __dealloc__(self):
        if self.pool is not None:
            xa_destroy(&self.xa)

    cdef void added(self, uint64_t pfn, uint64_t key, unsigned int order) noexcept nogil:
        """A folio goes in: a reference a page, and the head says where it is."""

    cdef uint64_t removed(self, void* page) noexcept nogil:
        """An entry goes; how many pages it stood for."""
        return 0

    cdef uint64_t get_traced(self, uint64_t index) noexcept nogil:
        return ~<uint64_t>0

    cdef uint64_t read_traced(self, uint64_t index, uint64_t count) noexcept nogil:
        return 0

    cdef uint64_t load(self, uint64_t index) noexcept nogil:
        cdef char* page = <char*>as_page(xa_load(&self.xa, index >> self.unit))
        return ~<uint64_t>0 if page is NULL else (page - <char*>self.records.base) // RECORD

    cdef int insert(self, uint64_t index, unsigned int order, uint64_t pfn) noexcept nogil:
        cdef xa_state xas
        if not records_fit(self.records, pfn, order):
            return -EFAULT
        if order < self.unit:
            return -EINVAL
        xas_init(&xas, &self.xa, index >> self.unit, order - self.unit)
        if xas_conflict(&xas) != NULL_ENTRY:
            return -EEXIST
        if self.store(index >> self.unit, order - self.unit, pfn):
            return -ENOMEM
        self.added(pfn, index >> self.unit, order)
        return 0

    cdef int store(self, uint64_t key, unsigned int order, uint64_t pfn) noexcept nogil:
        """Fill the slots of one folio: an errno, and nothing filled, if memory ends."""
        cdef xa_state xas
        cdef char* head = <char*>self.records.base + pfn * RECORD
        cdef uint64_t k, entries = <uint64_t>1 << order if self.each else 1
        for k in range(entries):
            xas_init(&xas, &self.xa, key + k, 0 if self.each else order)
            xas_store(&xas, <entry_t>(head + k * RECORD if self.subpages else head))
            if xas.error:
                self.unstore(key, k)
                return xas.error
        return 0

    cdef void unstore(self, uint64_t key, uint64_t entries) noexcept nogil:
        cdef xa_state xas
        cdef uint64_t k
        for k in range(entries):
            xas_init(&xas, &self.xa, key + k, 0)
            xas_store(&xas, NULL_ENTRY)

    cdef uint64_t truncate(self) noexcept nogil:
        """Remove everything.  The number of pages removed."""
        cdef xa_state xas
        cdef uint64_t pages = 0
        cdef entry_t entry
        xas_init(&xas, &self.xa, 0, 0)
        entry = xas_find(&xas, ~<uint64_t>0)
        while entry != NULL_ENTRY:
            pages += self.removed(<void*>entry)
            entry = xas_find(&xas, ~<uint64_t>0)
        xa_destroy(&self.xa)
        return pages

    def remove_folio(self, uint64_t index):
        """Not here: NotImplementedError."""
        raise NotImplementedError("folios leave all at once here; the design itself removes one")

    def lines(self, uint64_t index):
        """Cache lines of struct pages that one `get` touches: counted as it runs."""
        traced.count = 0
        if self.get_traced(index) == ~<uint64_t>0:
            raise KeyError(f"no page is cached at index {index}")
        return traced.count

    def lines_read(self, uint64_t index, uint64_t count=32):
        """Cache lines of struct pages that a read of up to 32 pages touches.

        ValueError if that is more than can be noted: a read of that many small folios.
        """
        traced.count = 0
        self.read_traced(index, count)
        if traced.count == TRACE:
            raise ValueError(f"a read of {count} pages touches {TRACE} lines or more; read fewer")
        return traced.count

    @property
    def nodes(self):
        """Nodes of this file's tree.  O(nodes)."""
        return count_nodes(&self.xa)

    @property
    def index_bytes(self):
        """Bytes of those nodes."""
        return count_nodes(&self.xa) * self.pool.pool.node_size

    def dump(self):
        """The tree as text, as `pagecache.XArray.dump` gives it."""
        return array_text(&self.xa)

    def check(self):
        """Raise AssertionError, with the dump, if the tree breaks its rule."""
        check_tree(&self.xa)


cdef inline record_t* reference(RecordIndex self, record_t* base, uint64_t index) noexcept nogil:
    """The page that the slot names, referenced, by the protocol of `folio_get`; or NULL."""
    cdef const entry_t* slot
    cdef entry_t entry
    cdef record_t* page
    cdef record_t* head
    while True:
        slot = xa_slot(&self.xa, index >> self.unit)
        if slot is NULL:
            return NULL
        entry = slot_read(slot)
        if entry == RETRY_ENTRY:
            continue
        page = <record_t*>as_page(entry)
        if page is NULL:
            return NULL
        head = record_head(page) if self.subpages else page
        if not record_try_get(head):
            continue
        if slot_read(slot) == entry:
            return page
        record_put(head)


cdef inline uint64_t get_by_head(RecordIndex self, record_t* base, uint64_t index) noexcept nogil:
    cdef record_t* head = reference(self, base, index)
    cdef uint64_t frame
    if head is NULL:
        return ~<uint64_t>0
    if self.subpages:
        head = record_head(head)
    frame = <uint64_t>(head - base) + index - (record_index(head) << self.unit)
    if not record_usable(head, &self.xa):
        frame = ~<uint64_t>0
    record_put(head)
    return frame


cdef inline uint64_t get_by_page(RecordIndex self, record_t* base, uint64_t index) noexcept nogil:
    """The page itself is what the caller has, and every step finds its head."""
    cdef record_t* page = reference(self, base, index)
    cdef uint64_t frame
    if page is NULL:
        return ~<uint64_t>0
    if not self.subpages:
        page += index - (record_index(page) << self.unit)
    frame = <uint64_t>(page - base)
    if not record_usable(record_head(page), &self.xa):
        frame = ~<uint64_t>0
    record_put(record_head(page))
    return frame


cdef inline uint64_t read_folios(
        RecordIndex self, record_t* base, uint64_t index, uint64_t count) noexcept nogil:
    """The sum of the frames of those of `count` pages that are cached; a step a folio."""
    cdef xa_state xas
    cdef uint64_t last = index + count - 1, first, end, begin, pages, total = 0
    cdef record_t* head
    cdef entry_t entry
    xas_init(&xas, &self.xa, index >> self.unit, 0)
    entry = xas_find(&xas, last >> self.unit)
    while entry != NULL_ENTRY:
        head = record_head(<record_t*>entry)
        if not record_try_get(head):
            break
        first = record_index(head) << self.unit
        end = first + (<uint64_t>1 << record_order(head)) - 1
        if record_usable(head, &self.xa):
            begin = max(first, index)
            pages = min(end, last) + 1 - begin
            # Consecutive frames, from that of `begin` on.
            total += pages * (<uint64_t>(head - base) + begin - first) + pages * (pages - 1) // 2
        record_put(head)
        if end >= last:
            break
        entry = xas_seek(&xas, (end + 1) >> self.unit)
        if entry == NULL_ENTRY:
            entry = xas_find(&xas, last >> self.unit)
    return total


cdef inline void note_added(
        RecordIndex self, record_t* base, uint64_t pfn, uint64_t key, unsigned int order) noexcept nogil:
    cdef record_t* head = base + pfn
    count_add(record_count(head), 1 << order)
    head.mapping, head.index = &self.xa, key


cdef inline uint64_t note_removed(RecordIndex self, record_t* page) noexcept nogil:
    cdef record_t* head = record_head(page)
    cdef uint64_t pages = 1 if self.each else <uint64_t>1 << record_order(head)
    count_add(record_count(head), -<int>pages)
    head.mapping = NULL
    return pages


cdef class Before2018(RecordIndex):
    """Lookups over struct page as it was up to 4.17."""

    layout = "before-2018"

    cdef void added(self, uint64_t pfn, uint64_t key, unsigned int order) noexcept nogil:
        note_added(self, <before_2018_t*>self.records.base, pfn, key, order)

    cdef uint64_t removed(self, void* page) noexcept nogil:
        return note_removed(self, <before_2018_t*>page)

    cdef uint64_t get(self, uint64_t index) noexcept nogil:
        return get_by_head(self, <before_2018_t*>self.records.base, index)

    cdef uint64_t get_traced(self, uint64_t index) noexcept nogil:
        return get_by_head(self, <before_2018_traced_t*>self.records.base, index)

    cdef uint64_t read(self, uint64_t index, uint64_t count) noexcept nogil:
        return read_folios(self, <before_2018_t*>self.records.base, index, count)

    cdef uint64_t read_traced(self, uint64_t index, uint64_t count) noexcept nogil:
        return read_folios(self, <before_2018_traced_t*>self.records.base, index, count)


cdef class Before2018ByPage(Before2018):
    """The same, by page."""

    cdef uint64_t get(self, uint64_t index) noexcept nogil:
        return get_by_page(self, <before_2018_t*>self.records.base, index)

    cdef uint64_t get_traced(self, uint64_t index) noexcept nogil:
        return get_by_page(self, <before_2018_traced_t*>self.records.base, index)


cdef class After2018(RecordIndex):
    """Lookups over struct page as it has been since 4.18."""

    layout = "after-2018"

    cdef void added(self, uint64_t pfn, uint64_t key, unsigned int order) noexcept nogil:
        note_added(self, <after_2018_t*>self.records.base, pfn, key, order)

    cdef uint64_t removed(self, void* page) noexcept nogil:
        return note_removed(self, <after_2018_t*>page)

    cdef uint64_t get(self, uint64_t index) noexcept nogil:
        return get_by_head(self, <after_2018_t*>self.records.base, index)

    cdef uint64_t get_traced(self, uint64_t index) noexcept nogil:
        return get_by_head(self, <after_2018_traced_t*>self.records.base, index)

    cdef uint64_t read(self, uint64_t index, uint64_t count) noexcept nogil:
        return read_folios(self, <after_2018_t*>self.records.base, index, count)

    cdef uint64_t read_traced(self, uint64_t index, uint64_t count) noexcept nogil:
        return read_folios(self, <after_2018_traced_t*>self.records.base, index, count)


cdef class After2018ByPage(After2018):
    """The same, by page."""

    cdef uint64_t get(self, uint64_t index) noexcept nogil:
        return get_by_page(self, <after_2018_t*>self.records.base, index)

    cdef uint64_t get_traced(self, uint64_t index) noexcept nogil:
        return get_by_page(self, <after_2018_traced_t*>self.records.base, index)


cdef class Folio(RecordIndex):
    """Lookups over folios, from 5.17 on."""

    layout = "folio"

    cdef void added(self, uint64_t pfn, uint64_t key, unsigned int order) noexcept nogil:
        note_added(self, <folio_t*>self.records.base, pfn, key, order)

    cdef uint64_t removed(self, void* page) noexcept nogil:
        return note_removed(self, <folio_t*>page)

    cdef uint64_t get(self, uint64_t index) noexcept nogil:
        return get_by_head(self, <folio_t*>self.records.base, index)

    cdef uint64_t get_traced(self, uint64_t index) noexcept nogil:
        return get_by_head(self, <folio_traced_t*>self.records.base, index)

    cdef uint64_t read(self, uint64_t index, uint64_t count) noexcept nogil:
        return read_folios(self, <folio_t*>self.records.base, index, count)

    cdef uint64_t read_traced(self, uint64_t index, uint64_t count) noexcept nogil:
        return read_folios(self, <folio_traced_t*>self.records.base, index, count)


cdef class FolioByPage(Folio):
    """The same, by page."""

    cdef uint64_t get(self, uint64_t index) noexcept nogil:
        return get_by_page(self, <folio_t*>self.records.base, index)

    cdef uint64_t get_traced(self, uint64_t index) noexcept nogil:
        return get_by_page(self, <folio_traced_t*>self.records.base, index)
