"""Frame numbers as entries: storing, splitting, references counted entry by entry."""

from libc.errno cimport EEXIST, EFAULT

from pagecache.designs.contract cimport ABSENT
from pagecache.designs.entries cimport next_order
from pagecache.designs.file_index cimport VALUE_PFN, folio_ref_t, is_kind, mk_kind, to_payload
from pagecache.xarray.entry cimport NULL_ENTRY, RETRY_ENTRY
from pagecache.xarray.find cimport entry_first, entry_last, xas_conflict, xas_order
from pagecache.xarray.grace cimport reader_retries
from pagecache.xarray.split cimport xa_try_split
from pagecache.xarray.store cimport xas_store
from pagecache.xarray.walk cimport (
    seen_t,
    still_there,
    xa_find_slot,
    xa_load,
    xa_state,
    xas_init,
    xas_load,
)
from pagecache.page.frames cimport (
    PG_HWPOISON,
    PG_UPTODATE,
    compound_head,
    folio_order,
    frames_fit,
    page_put,
    page_ref_add,
    page_to_pfn,
    page_try_get,
)


cdef class PfnEntry(MultiEntry):
    """One multi-index entry a folio or a part of one, naming its first frame by number.

    Tails must name their heads.
    """

    def __cinit__(self, *args, **options):
        self.by_entry = True

    cdef page_t* page_of(self, entry_t entry) noexcept nogil:
        return self.frames.base + to_payload(entry) if is_kind(entry, VALUE_PFN) else NULL

    cdef entry_t name_of(self, page_t* page) noexcept nogil:
        return mk_kind(page_to_pfn(self.frames, page), VALUE_PFN)

    cdef uint64_t get(self, uint64_t index) noexcept nogil:
        cdef page_t* head = self.get_head(index)
        cdef uint64_t frame
        if head is NULL:
            return ABSENT
        frame = page_to_pfn(self.frames, head) + (index & ((<uint64_t>1 << folio_order(head)) - 1))
        page_put(head)
        return frame

    cdef uint64_t load(self, uint64_t index) noexcept nogil:
        cdef entry_t entry = xa_load(&self.xa, index)
        return to_payload(entry) if is_kind(entry, VALUE_PFN) else ABSENT

    cdef page_t* get_head(self, uint64_t index) noexcept nogil:
        """Look up and reference, as `folio_try_get` does; one step more from the number to the page."""
        cdef seen_t seen
        cdef entry_t entry
        cdef page_t* head
        while True:
            entry = xa_find_slot(&self.xa, index, &seen)
            if is_kind(entry, VALUE_PFN):
                head = compound_head(self.frames.base + to_payload(entry))
                if page_try_get(head):
                    if still_there(&seen, entry):
                        return head
                    page_put(head)
            elif entry != RETRY_ENTRY:
                return NULL
            reader_retries()

    cdef bint get_folio(self, uint64_t index, uint64_t last, folio_ref_t* ref) noexcept nogil:
        cdef xa_state xas
        cdef page_t* head = self.get_head(index)
        if head is NULL:
            return False
        if head.flags & (PG_UPTODATE | PG_HWPOISON) != PG_UPTODATE:
            page_put(head)
            return False
        ref.head, ref.last = head, index
        ref.frame = page_to_pfn(self.frames, head) + (
            index & ((<uint64_t>1 << folio_order(head)) - 1))
        if index != last:
            xas_init(&xas, &self.xa, index, 0)
            xas_load(&xas)
            ref.last = entry_last(&xas)
            ref.last = ref.last if ref.last < last else last
        return True

    cdef int insert(self, uint64_t index, unsigned int order, uint64_t pfn) noexcept nogil:
        """`pfn` may lie within a folio: the entry then covers that part of it."""
        cdef xa_state xas
        if not frames_fit(self.frames, pfn, order):
            return -EFAULT
        xas_init(&xas, &self.xa, index, order)
        if xas_conflict(&xas) != NULL_ENTRY:
            return -EEXIST
        xas_store(&xas, mk_kind(pfn, VALUE_PFN))
        if not xas.error:
            self.refer(compound_head(self.frames.base + pfn), index, order)
        return -xas.error

    cdef void refer(self, page_t* head, uint64_t index, unsigned int order) noexcept nogil:
        """A reference a page; the first file that has the folio is the one that it names."""
        self.pages += <uint64_t>1 << order
        page_ref_add(head, 1 << order)
        if head.mapping is NULL:
            head.mapping = <void*>self
            head.index = index >> folio_order(head) << folio_order(head)

    cdef uint64_t remove(self, uint64_t index) noexcept nogil:
        return self.put_entry(index, NULL_ENTRY)

    cdef page_t* evict(self, uint64_t index, entry_t shadow) noexcept nogil:
        cdef page_t* page = self.page_of(xa_load(&self.xa, index))
        if page is NULL:
            return NULL
        self.put_entry(index, shadow)
        return compound_head(page)

    cdef uint64_t put_entry(self, uint64_t index, entry_t entry) noexcept nogil:
        """Something else in place of the entry that covers `index`; the pages it had."""
        cdef xa_state xas
        cdef page_t* head
        cdef uint64_t first, pages
        xas_init(&xas, &self.xa, index, 0)
        head = self.page_of(xas_load(&xas))
        if head is NULL:
            return 0
        head = compound_head(head)
        first = entry_first(&xas)
        pages = entry_last(&xas) - first + 1
        xas_init(&xas, &self.xa, first, xas_order(&xas))
        xas_store(&xas, entry)
        self.pages -= pages
        if page_ref_add(head, -<int>pages) == 0 or head.mapping == <void*>self:
            head.mapping = NULL
        return pages

    cdef int split_value(self, uint64_t index, unsigned int order) noexcept nogil:
        """Entries of part of a folio each, step by step; the folio stays as it is."""
        cdef xa_state xas
        cdef unsigned int has
        cdef int failed = 0
        xas_init(&xas, &self.xa, index, 0)
        xas_load(&xas)
        has = xas_order(&xas)
        while has > order and not failed:
            failed = self.split_step(index, has, next_order(&self.xa, has, order))
            has = next_order(&self.xa, has, order)
        return failed

    cdef int split_step(self, uint64_t index, unsigned int has, unsigned int order) noexcept nogil:
        cdef xa_state xas
        cdef entry_t entry = xa_load(&self.xa, index)
        cdef uint64_t first = index >> has << has, k
        cdef int failed = xa_try_split(&self.xa, index, order)
        if failed or not is_kind(entry, VALUE_PFN):
            return failed
        for k in range(1, <uint64_t>1 << (has - order)):
            xas_init(&xas, &self.xa, first + (k << order), order)
            xas_store(&xas, mk_kind(to_payload(entry) + (k << order), VALUE_PFN))
        return 0
