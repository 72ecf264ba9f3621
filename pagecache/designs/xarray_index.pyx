"""Lookups, marks and the removing pass of every layout on an XArray."""

from libc.errno cimport EEXIST

from pagecache.designs.contract cimport ABSENT, AROUND_PAGES, folio_removed, frame_sum, page_usable
from pagecache.designs.entries cimport drop_values, node_of_shadows, split_down
from pagecache.designs.file_index cimport (
    FOUND_FOLIO,
    FOUND_NOTHING,
    FOUND_SHADOW,
    FOUND_ZERO,
    VALUE_ZERO,
    folio_ref_t,
    found_t,
    free_range,
    get_again,
    get_folio_again,
    is_kind,
    to_payload,
)
from pagecache.designs.folio_lookup cimport (
    BATCH,
    as_page,
    collect,
    folio_try_get,
    hold,
    next_page,
    page_again,
)
from pagecache.xarray.check cimport check_tree
from pagecache.xarray.entry cimport NULL_ENTRY, is_internal, is_value
from pagecache.xarray.find cimport entry_first, entry_last, xas_find, xas_find_marked
from pagecache.xarray.marks cimport xas_clear_mark, xas_set_mark
from pagecache.xarray.node cimport CHUNK_SHIFT, MARKS, NodePool
from pagecache.xarray.split cimport xa_split
from pagecache.xarray.store cimport xa_init
from pagecache.xarray.text cimport (
    array_text,
    count_nodes,
    count_slots,
    raw_slot,
    tree_height,
    walk_through,
)
from pagecache.xarray.trim cimport xa_destroy
from pagecache.xarray.walk cimport xa_load, xas_init, xas_load, xas_seek
from pagecache.page.frames cimport (
    PG_DIRTY,
    Frames,
    compound_head,
    folio_order,
    page_put,
    page_set_flags,
    page_to_pfn,
)
from pagecache.relaxed cimport load_word

cdef enum:
    DIRTY = 0  # the mark


cdef class XArrayIndex(FileIndex):
    """The index of one file on an XArray.

    Parameters
    ----------
    frames : Frames
        The struct pages that entries name.
    pool : NodePool, optional
        Where nodes come from; one pool may serve many files.
    unit : int
        Order of the pages that the array counts in: 0, or the huge page's.
    huge_order : int
        Order of a huge page in `huge_fault`.
    """

    provides = frozenset({"mark", "scan", "values", "concurrent"})

    def __cinit__(self, Frames frames not None, NodePool pool=None, **options):
        self.pool = NodePool(CHUNK_SHIFT) if pool is None else pool
        self.value_order = self.unit
        xa_init(&self.xa, &self.pool.pool, self.pool.chunk_shift, 0)

    def __dealloc__(self):
        if self.pool is not None:
            xa_destroy(&self.xa)

    cdef uint64_t get(self, uint64_t index) noexcept nogil:
        """The frame of the page at `index`, referenced and put; `ABSENT` if it is not cached."""
        cdef entry_t entry = folio_try_get(&self.xa, index >> self.unit, False)
        cdef page_t* head = <page_t*>entry
        cdef uint64_t frame = ABSENT
        if is_internal(entry):
            return get_again(self, index)
        if head is NULL:
            return ABSENT
        if page_usable(head, <void*>self):
            frame = page_to_pfn(self.frames, head) + index - (load_word(head.index) << self.unit)
        page_put(head)
        return frame

    cdef uint64_t load(self, uint64_t index) noexcept nogil:
        """The frame that the slot for `index` names, nothing else touched."""
        cdef page_t* page = as_page(xa_load(&self.xa, index >> self.unit))
        return ABSENT if page is NULL else page_to_pfn(self.frames, page)

    cdef uint64_t huge_fault(self, uint64_t huge_index) noexcept nogil:
        """The first frame of a huge page, given its number in the file."""
        return self.get(huge_index << self.huge_order)

    cdef uint64_t read(self, uint64_t index, uint64_t count) noexcept nogil:
        """The sum of the frames of those of `count` pages that are cached; a step a folio."""
        return read_folios(self, index, count)

    cdef uint64_t fault_around(self, uint64_t index) noexcept nogil:
        return read_folios(self, index & ~<uint64_t>(AROUND_PAGES - 1), AROUND_PAGES)

    cdef uint64_t mark(self, uint64_t index) noexcept nogil:
        return mark_folio(self, index >> self.unit)

    cdef uint64_t scan(self) noexcept nogil:
        """Reference and put each folio marked dirty.  The sum of their first frames."""
        cdef xa_state xas
        cdef page_t* head
        cdef uint64_t total = 0
        cdef entry_t entry
        xas_init(&xas, &self.xa, 0, 0)
        entry = xas_find_marked(&xas, ~<uint64_t>0, DIRTY)
        while entry != NULL_ENTRY:
            head = compound_head(<page_t*>entry)
            if hold(&xas, head, entry):
                total += page_to_pfn(self.frames, head) if page_usable(head, <void*>self) else 0
                page_put(head)
            entry = xas_find_marked(&xas, ~<uint64_t>0, DIRTY)
        return total

    cdef int next_folio(self, uint64_t* index) noexcept nogil:
        """The first folio that reaches `index` or lies after it: its order, or -1.

        `index` is set to its first page.
        """
        cdef xa_state xas
        cdef page_t* head
        xas_init(&xas, &self.xa, index[0] >> self.unit, 0)
        head = as_page(next_page(&xas, ~<uint64_t>0))
        if head is NULL:
            return -1
        head = compound_head(head)
        index[0] = head.index << self.unit
        return folio_order(head)

    cdef uint64_t truncate(self) noexcept nogil:
        """Remove everything, a batch of folios at a time.  The number of pages removed."""
        cdef uint64_t firsts[BATCH]
        cdef uint64_t before = self.pages
        cdef unsigned int found = BATCH, k
        if not self.frames.backed:
            xa_destroy(&self.xa)
            self.pages = 0
            return before
        while found == BATCH:
            found = collect(&self.xa, self.unit, firsts)
            for k in range(found):
                self.remove(firsts[k])
        return before - self.pages

    # What a mapping asks (file_index.pxd).

    cdef page_t* page_of(self, entry_t entry) noexcept nogil:
        return as_page(entry)

    cdef entry_t name_of(self, page_t* head) noexcept nogil:
        return <entry_t>head

    cdef uint64_t mark_key(self, uint64_t key) noexcept nogil:
        return key

    cdef xarray_t* tree(self) noexcept nogil:
        return &self.xa

    cdef bint get_folio(self, uint64_t index, uint64_t last, folio_ref_t* ref) noexcept nogil:
        cdef entry_t entry = folio_try_get(&self.xa, index >> self.unit, False)
        if is_internal(entry):
            return get_folio_again(self, index, last, ref)
        if entry == NULL_ENTRY:
            return False
        return fill_ref(self, <page_t*>entry, index, last, ref)

    cdef int next_entry(self, uint64_t index, uint64_t last, found_t* found) noexcept nogil:
        cdef xa_state xas
        xas_init(&xas, &self.xa, index >> self.unit, 0)
        return describe(self, &xas, xas_find(&xas, last >> self.unit), found)

    cdef int store_folio(self, uint64_t index, unsigned int order, uint64_t pfn) noexcept nogil:
        cdef int failed = self.insert(index, order, pfn)
        if failed == -EEXIST:
            failed = free_range(self, index, order)
            if not failed:
                failed = self.insert(index, order, pfn)
        return failed

    cdef int store_value(self, uint64_t index, unsigned int order, entry_t value) noexcept nogil:
        cdef xa_state xas
        xas_init(&xas, &self.xa, index >> self.unit, order - self.unit)
        xas_store(&xas, value)
        return -xas.error

    cdef void erase_value(self, uint64_t index) noexcept nogil:
        cdef xa_state xas
        xas_init(&xas, &self.xa, index >> self.unit, 0)
        xas_store(&xas, NULL_ENTRY)

    cdef page_t* evict(self, uint64_t index, entry_t shadow) noexcept nogil:
        cdef xa_state xas
        cdef page_t* head
        xas_init(&xas, &self.xa, index >> self.unit, 0)
        head = self.page_of(xas_load(&xas))
        if head is NULL:
            return NULL
        xas_init(&xas, &self.xa, index >> self.unit, folio_order(head) - self.unit)
        xas_store(&xas, shadow)  # an entry of its order is there: no node is needed
        folio_removed(self, head, folio_order(head))
        return head

    cdef int split_value(self, uint64_t index, unsigned int order) noexcept nogil:
        return split_down(&self.xa, index >> self.unit, order - self.unit)

    cdef int split_folio(self, uint64_t index, unsigned int order) noexcept nogil:
        """The pieces' slots name the old head until each is stored again: that takes no nodes."""
        cdef xa_state xas
        cdef page_t* head
        cdef uint64_t key = index >> self.unit, first, piece
        cdef unsigned int whole
        cdef int failed
        xas_init(&xas, &self.xa, key, 0)
        head = self.page_of(xas_load(&xas))
        whole = folio_order(head)
        first = key >> whole << whole
        failed = xa_split(&self.xa, key, order)
        if failed:
            return failed
        for piece in range(1, <uint64_t>1 << (whole - order)):
            xas_init(&xas, &self.xa, first + (piece << order), order)
            xas_store(&xas, self.name_of(head + (piece << order)))
        return 0

    cdef void set_mark(self, uint64_t index, unsigned int mark) noexcept nogil:
        cdef xa_state xas
        xas_init(&xas, &self.xa, self.mark_key(index >> self.unit), 0)
        xas_load(&xas)
        xas_set_mark(&xas, mark)

    cdef void clear_mark(self, uint64_t index, unsigned int mark) noexcept nogil:
        cdef xa_state xas
        xas_init(&xas, &self.xa, self.mark_key(index >> self.unit), 0)
        xas_load(&xas)
        xas_clear_mark(&xas, mark)

    cdef int next_marked(
            self, uint64_t index, uint64_t last, unsigned int mark, found_t* found) noexcept nogil:
        cdef xa_state xas
        xas_init(&xas, &self.xa, index >> self.unit, 0)
        return describe(self, &xas, xas_find_marked(&xas, last >> self.unit, mark), found)

    cdef bint shadow_node(self, uint64_t index, uint64_t* first, unsigned int* shift) noexcept nogil:
        if not node_of_shadows(&self.xa, index >> self.unit, first, shift):
            return False
        first[0] <<= self.unit
        return True

    cdef bint drop_shadows(self, uint64_t first, unsigned int shift) noexcept nogil:
        return drop_values(&self.xa, first >> self.unit, shift)

    def raw(self, uint64_t key):
        """The word in the slot for `key`, siblings as they are."""
        return raw_slot(&self.xa, key)

    @staticmethod
    def make_pool(*, chunk_shift=CHUNK_SHIFT, huge=False, readers=None, **options):
        """A pool of nodes of ``2**chunk_shift`` slots, which `readers` may read beside a writer."""
        return NodePool(chunk_shift, huge=huge, readers=readers)

    def set_limit(self, uint64_t limit):
        """The pool hands out no more nodes than `limit` bytes hold: to all that it serves."""
        self.pool.limit = limit // self.pool.pool.node_size

    @property
    def is_empty(self):
        """Whether the array holds nothing: no node, no entry, no mark."""
        return self.xa.head == NULL_ENTRY and not self.xa.flags & ((1 << MARKS) - 1)

    @property
    def nodes(self):
        """Nodes of this file's tree.  O(nodes)."""
        return count_nodes(&self.xa)

    @property
    def slots(self):
        """Slots that hold an entry or a sibling of one.  O(nodes)."""
        return count_slots(&self.xa)

    @property
    def height(self):
        """Levels of the tree: the nodes that the longest walk visits."""
        return tree_height(&self.xa)

    @property
    def index_bytes(self):
        """Bytes of those nodes.  O(nodes)."""
        return count_nodes(&self.xa) * self.pool.pool.node_size

    def walk(self, uint64_t index, between=None):
        """The walk of one lookup, read by read; its index is in the array's unit."""
        return walk_through(&self.xa, index >> self.unit, between, self.name_entry)

    def name_entry(self, uint64_t word):
        """What an entry stands for, in words, and of which kind it is."""
        cdef page_t* page = self.page_of(word)
        if page is not NULL:
            return f"frame {page_to_pfn(self.frames, page)}", "entry"
        return ("zero entry" if is_kind(word, VALUE_ZERO) else "shadow"), "value"

    def dump(self):
        """The tree as text, as `pagecache.XArray.dump` gives it."""
        return array_text(&self.xa)

    def check(self):
        """Raise AssertionError, with the dump, if the tree breaks its rule."""
        check_tree(&self.xa)


cdef int describe(XArrayIndex self, xa_state* xas, entry_t entry, found_t* found) noexcept nogil:
    """Say what the state stands at, in pages."""
    cdef page_t* head = self.page_of(entry)
    cdef uint64_t pages
    if head is not NULL and self.by_entry:
        found.kind, found.head = FOUND_FOLIO, compound_head(head)
        found.first, found.last = entry_first(xas), entry_last(xas)
        found.pfn = page_to_pfn(self.frames, head)
    elif head is not NULL:
        head = compound_head(head)
        pages = <uint64_t>1 << folio_order(head)
        found.kind, found.head = FOUND_FOLIO, head
        found.first = (xas.index << self.unit) & ~(pages - 1)
        found.last = found.first + pages - 1
        found.pfn = page_to_pfn(self.frames, head)
    elif is_value(entry):
        found.kind = FOUND_ZERO if is_kind(entry, VALUE_ZERO) else FOUND_SHADOW
        found.payload = to_payload(entry)
        found.first = entry_first(xas) << self.unit
        found.last = ((entry_last(xas) + 1) << self.unit) - 1
    else:
        found.kind = FOUND_NOTHING
    return found.kind


cdef uint64_t mark_folio(XArrayIndex self, uint64_t key) noexcept nogil:
    """Set the folio under `key` dirty, in its struct page and in the array; its first frame."""
    cdef xa_state xas
    cdef page_t* head
    xas_init(&xas, &self.xa, key, 0)
    head = as_page(xas_load(&xas))
    if head is NULL:
        return ABSENT
    head = compound_head(head)
    page_set_flags(head, PG_DIRTY)
    xas_set_mark(&xas, DIRTY)
    return page_to_pfn(self.frames, head)


cdef inline uint64_t read_folios(XArrayIndex self, uint64_t index, uint64_t count) noexcept nogil:
    """`read`, in one walk and a step a folio."""
    cdef xa_state xas
    cdef uint64_t at = index, last = index + count - 1, first, end, total = 0
    cdef page_t* head
    cdef entry_t entry
    xas_init(&xas, &self.xa, index >> self.unit, 0)
    entry = next_page(&xas, last >> self.unit)
    while entry != NULL_ENTRY:
        head = compound_head(<page_t*>entry)
        if not hold(&xas, head, entry):
            entry = page_again(&xas, last >> self.unit)
            continue
        first = load_word(head.index) << self.unit
        end = first + (<uint64_t>1 << folio_order(head)) - 1
        if end >= at and page_usable(head, <void*>self):
            total += frame_sum(
                page_to_pfn(self.frames, head) - first,
                first if first > at else at, end if end < last else last)
        page_put(head)
        if end >= last:
            break
        if end < at:  # it was split within its node since the walk
            entry = page_again(&xas, last >> self.unit)
            continue
        at = end + 1  # what is joined behind it meanwhile is not summed again
        entry = xas_seek(&xas, at >> self.unit)
        if as_page(entry) is NULL:
            entry = next_page(&xas, last >> self.unit)
    return total
