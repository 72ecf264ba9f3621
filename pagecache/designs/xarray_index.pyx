"""Lookups, marks and the removing pass of every layout on an XArray."""

from pagecache.index.entry cimport NULL_ENTRY
from pagecache.index.find cimport xas_find, xas_find_marked
from pagecache.index.marks cimport xas_set_mark
from pagecache.index.node cimport CHUNK_SHIFT
from pagecache.index.store cimport xa_init
from pagecache.index.text cimport (
    array_text,
    check_tree,
    count_nodes,
    count_slots,
    raw_slot,
    tree_height,
)
from pagecache.index.trim cimport xa_destroy
from pagecache.index.walk cimport xa_load, xas_init, xas_load, xas_seek
from pagecache.memory.frames cimport (
    PG_DIRTY,
    folio_order,
    page_ref_add,
    page_set_flags,
    page_to_pfn,
)

cdef enum:
    DIRTY = 0  # the mark
    BATCH = 15  # folios that a truncate collects before it removes them


cdef class XArrayIndex(PageIndex):
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

    def __cinit__(self, Frames frames not None, NodePool pool=None, *, unsigned int unit=0,
                  unsigned int huge_order=9, **options):
        self.frames = frames
        self.pool = NodePool(CHUNK_SHIFT) if pool is None else pool
        self.unit, self.huge_order = unit, huge_order
        xa_init(&self.xa, &self.pool.pool, self.pool.chunk_shift, 0)

    def __dealloc__(self):
        if self.pool is not None:
            xa_destroy(&self.xa)

    cdef uint64_t get(self, uint64_t index) noexcept nogil:
        """The frame of the page at `index`, referenced and put; all ones if it is not cached."""
        cdef page_t* head = folio_get(&self.xa, index >> self.unit, False)
        cdef uint64_t frame
        if head is NULL:
            return ~<uint64_t>0
        frame = page_to_pfn(self.frames, head) + index - (head.index << self.unit)
        if not page_usable(head, &self.xa):
            frame = ~<uint64_t>0
        page_put(head)
        return frame

    cdef uint64_t load(self, uint64_t index) noexcept nogil:
        """The frame that the slot for `index` names, nothing else touched."""
        cdef page_t* page = as_page(xa_load(&self.xa, index >> self.unit))
        return ~<uint64_t>0 if page is NULL else page_to_pfn(self.frames, page)

    cdef uint64_t huge_fault(self, uint64_t huge_index) noexcept nogil:
        """The first frame of a huge page, given its number in the file."""
        return self.get(huge_index << self.huge_order)

    cdef uint64_t read(self, uint64_t index, uint64_t count) noexcept nogil:
        """The sum of the frames of those of `count` pages that are cached; a step a folio."""
        cdef xa_state xas
        cdef uint64_t last = index + count - 1, first, end, total = 0
        cdef page_t* head
        cdef entry_t entry
        xas_init(&xas, &self.xa, index >> self.unit, 0)
        entry = xas_find(&xas, last >> self.unit)
        while entry != NULL_ENTRY:
            head = compound_head(<page_t*>entry)
            if not page_try_get(head):
                break
            first = head.index << self.unit
            end = first + (<uint64_t>1 << folio_order(head)) - 1
            if page_usable(head, &self.xa):
                total += frame_sum(
                    page_to_pfn(self.frames, head) - first,
                    first if first > index else index, end if end < last else last)
            page_put(head)
            if end >= last:
                break
            entry = xas_seek(&xas, (end + 1) >> self.unit)
            if entry == NULL_ENTRY:
                entry = xas_find(&xas, last >> self.unit)
        return total

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
            if page_try_get(head):
                total += page_to_pfn(self.frames, head) if page_usable(head, &self.xa) else 0
                page_put(head)
            entry = xas_find_marked(&xas, ~<uint64_t>0, DIRTY)
        return total

    cdef int next_folio(self, uint64_t* index) noexcept nogil:
        """The first folio that reaches `index` or lies after it: its order; -1 if there is none.

        `index` is set to its first page.
        """
        cdef xa_state xas
        cdef page_t* head
        xas_init(&xas, &self.xa, index[0] >> self.unit, 0)
        head = as_page(xas_find(&xas, ~<uint64_t>0))
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
            found = collect(self, firsts)
            for k in range(found):
                self.remove(firsts[k])
        return before - self.pages

    cdef void taken(self, page_t* head, uint64_t key, unsigned int order) noexcept nogil:
        """A folio goes in: the cache holds one reference a page, and the head says where it is."""
        self.pages += <uint64_t>1 << order
        if self.frames.backed:
            page_ref_add(head, 1 << order)
            head.mapping, head.index = &self.xa, key
            head.flags &= ~<uint64_t>PG_DIRTY

    cdef uint64_t given_back(self, page_t* head) noexcept nogil:
        """A folio has come out; how many pages it has."""
        cdef uint64_t pages = <uint64_t>1 << folio_order(head)
        self.pages -= pages
        head.mapping = NULL
        page_ref_add(head, -<int>pages)
        return pages

    def raw(self, uint64_t key):
        """The word in the slot for `key`, siblings as they are."""
        return raw_slot(&self.xa, key)

    @property
    def struct_pages(self):
        """Whether the struct pages that entries name can be read."""
        return self.frames.backed

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
    def node_bytes(self):
        """Bytes of those nodes."""
        return count_nodes(&self.xa) * self.pool.pool.node_size

    def dump(self):
        """The tree as text, as `pagecache.XArray.dump` gives it."""
        return array_text(&self.xa)

    def check(self):
        """Raise AssertionError, with the dump, if the tree breaks its rule."""
        check_tree(&self.xa)


cdef uint64_t mark_folio(XArrayIndex self, uint64_t key) noexcept nogil:
    """Set the folio under `key` dirty, in its struct page and in the array; its first frame."""
    cdef xa_state xas
    cdef page_t* head
    xas_init(&xas, &self.xa, key, 0)
    head = as_page(xas_load(&xas))
    if head is NULL:
        return ~<uint64_t>0
    head = compound_head(head)
    page_set_flags(head, PG_DIRTY)
    xas_set_mark(&xas, DIRTY)
    return page_to_pfn(self.frames, head)


cdef inline uint64_t frame_sum(uint64_t offset, uint64_t first, uint64_t last) noexcept nogil:
    """The sum of `offset + index` for the indices from `first` to `last`, modulo 2^64."""
    cdef uint64_t n = last - first + 1, a = first + last
    if n & 1:
        a //= 2  # an odd number of terms: first + last is even
    else:
        n //= 2
    return (last - first + 1) * offset + n * a


cdef unsigned int collect(XArrayIndex self, uint64_t* firsts) noexcept nogil:
    """The first indices of up to a batch of folios, from the start of the file."""
    cdef xa_state xas
    cdef page_t* head
    cdef unsigned int found = 0
    cdef entry_t entry
    xas_init(&xas, &self.xa, 0, 0)
    entry = xas_find(&xas, ~<uint64_t>0)
    while entry != NULL_ENTRY:
        head = compound_head(<page_t*>entry)
        firsts[found] = head.index << self.unit
        found += 1
        if found == BATCH:
            break
        entry = after_folio(&xas, head, self.unit)
    return found


cdef inline entry_t after_folio(xa_state* xas, page_t* head, unsigned int unit) noexcept nogil:
    """The next entry that does not belong to the folio at `head`."""
    cdef unsigned int order = folio_order(head)
    cdef uint64_t next_key = head.index + (<uint64_t>1 << (order - unit))
    cdef entry_t entry = xas_seek(xas, next_key)
    return xas_find(xas, ~<uint64_t>0) if entry == NULL_ENTRY else entry
