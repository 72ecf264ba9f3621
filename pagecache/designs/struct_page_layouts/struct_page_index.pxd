"""A design's lookups over struct pages of any layout, compiled once for each.

    StructPageIndex (abstract)        the tree, filled as the design fills it
      ByHead                      `get` by the head, as in xarray_index.pyx
        ByPage                    `get` by the page itself

`ByHead` and `ByPage` are in lookups.pxi, which before_2018.pyx, after_2018.pyx and folio.pyx each
include with the structs of their layout: one body, three compilations, and no call more.  The
trace of a thread is a module's own, so that lines are counted there too.

*By page* is how callers worked before folios: a lookup gave them the very page, head or tail, and
each step after it (a flag, the mapping, the put) found the head again.  That reads the record of
the page itself, which for a tail is another cache line than its head's.

The tree is that of the design: the same entries in the same slots.  Folios go in one by one and
come out all at once (`truncate`); marks, scans and single removals are for the design itself.
"""

from libc.stdint cimport uint64_t

from pagecache.designs.contract cimport ABSENT, PageIndex
from pagecache.designs.folio_lookup cimport as_page
from pagecache.page.page_structs cimport record_t
from pagecache.page.struct_pages cimport (
    StructPages,
    count_add,
    record_count,
    record_head,
    struct_page_index,
    record_order,
    record_put,
    record_try_get,
    record_usable,
)
from pagecache.xarray.entry cimport NULL_ENTRY, RETRY_ENTRY, entry_t
from pagecache.xarray.find cimport xas_find
from pagecache.xarray.node cimport NodePool
from pagecache.xarray.walk cimport seen_t, still_there, xa_find_slot, xa_state, xarray_t, xas_init, xas_seek


cdef class StructPageIndex(PageIndex):
    cdef xarray_t xa
    cdef readonly NodePool pool
    cdef readonly StructPages struct_pages
    cdef bint each
    cdef bint subpages

    cdef void added(self, uint64_t pfn, uint64_t key, unsigned int order) noexcept nogil
    cdef uint64_t removed(self, void* page) noexcept nogil
    cdef unsigned int lines_of_get(self, uint64_t index) noexcept nogil
    cdef unsigned int lines_of_read(self, uint64_t index, uint64_t count) noexcept nogil
    cdef int store(self, uint64_t key, unsigned int order, uint64_t pfn) noexcept nogil
    cdef void unstore(self, uint64_t key, uint64_t entries) noexcept nogil


cdef inline record_t* reference(StructPageIndex self, record_t* base, uint64_t index) noexcept nogil:
    """The page that the slot names, referenced, by the protocol of `folio_try_get`; or NULL."""
    cdef seen_t seen
    cdef entry_t entry
    cdef record_t* page
    cdef record_t* head
    while True:
        entry = xa_find_slot(&self.xa, index >> self.unit, &seen)
        page = <record_t*>as_page(entry)
        if page is NULL:
            if entry == RETRY_ENTRY:
                continue
            return NULL
        head = record_head(page) if self.subpages else page
        if not record_try_get(head):
            continue
        if still_there(&seen, entry):
            return page
        record_put(head)


cdef inline uint64_t get_by_head(StructPageIndex self, record_t* base, uint64_t index) noexcept nogil:
    cdef record_t* head = reference(self, base, index)
    cdef uint64_t frame
    if head is NULL:
        return ABSENT
    if self.subpages:
        head = record_head(head)
    frame = <uint64_t>(head - base) + index - (struct_page_index(head) << self.unit)
    if not record_usable(head, &self.xa):
        frame = ABSENT
    record_put(head)
    return frame


cdef inline uint64_t get_by_page(StructPageIndex self, record_t* base, uint64_t index) noexcept nogil:
    """The page itself is what the caller has, and every step finds its head."""
    cdef record_t* page = reference(self, base, index)
    cdef uint64_t frame
    if page is NULL:
        return ABSENT
    if not self.subpages:
        page += index - (struct_page_index(page) << self.unit)
    frame = <uint64_t>(page - base)
    if not record_usable(record_head(page), &self.xa):
        frame = ABSENT
    record_put(record_head(page))
    return frame


cdef inline uint64_t read_folios(
        StructPageIndex self, record_t* base, uint64_t index, uint64_t count) noexcept nogil:
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
        first = struct_page_index(head) << self.unit
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
        StructPageIndex self, record_t* base, uint64_t pfn, uint64_t key, unsigned int order) noexcept nogil:
    cdef record_t* head = base + pfn
    count_add(record_count(head), 1 << order)
    head.mapping, head.index = &self.xa, key


cdef inline uint64_t note_removed(StructPageIndex self, record_t* page) noexcept nogil:
    cdef record_t* head = record_head(page)
    cdef uint64_t pages = 1 if self.each else <uint64_t>1 << record_order(head)
    count_add(record_count(head), -<int>pages)
    head.mapping = NULL
    return pages
