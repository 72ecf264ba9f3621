"""2^order slots a folio, each naming the head or its own subpage.

    order 2 at index 4:   index        4     5     6     7
                          names heads  A     A     A     A       THP 5.4 - 5.16
                          subpages     A+0   A+1   A+2   A+3     THP 4.8 - 5.3

It costs the nodes and the stores of order-0 pages, whatever the folio.  The slots fill `per-slot`,
a walk from the root for each, as 4.x did, or `per-leaf`: one walk, then a step to the next slot
while the leaf lasts.
"""

from libc.errno cimport EEXIST, EFAULT, ENOMEM
from libc.stdint cimport uint64_t

from pagecache.designs.contract cimport ABSENT, folio_added, folio_removed, page_usable
from pagecache.designs.file_index cimport folio_ref_t, get_again, get_folio_again
from pagecache.designs.folio_lookup cimport as_page, folio_try_get
from pagecache.designs.xarray_index cimport XArrayIndex, fill_ref, mark_folio
from pagecache.xarray.entry cimport NULL_ENTRY, entry_t, is_internal
from pagecache.xarray.find cimport xas_find
from pagecache.xarray.store cimport xas_store
from pagecache.xarray.walk cimport in_node, xa_load, xa_state, xas_init
from pagecache.page.frames cimport (
    compound_head,
    folio_order,
    frames_fit,
    page_put,
    page_t,
    page_to_pfn,
)
from pagecache.relaxed cimport load_word


cdef class Slots(XArrayIndex):
    """2^order slots a folio.

    Parameters
    ----------
    names : {"head", "subpage"}
        What each slot names.
    fill : {"per-leaf", "per-slot"}
        How the slots of one folio are reached.
    """

    cdef readonly str names
    cdef readonly str fill
    cdef bint subpage
    cdef bint per_slot

    def __init__(self, frames, pool=None, *, names="head", fill="per-leaf", **options):
        if names not in ("head", "subpage"):
            raise ValueError(f"names={names!r}: slots name 'head' or 'subpage'")
        if fill not in ("per-leaf", "per-slot"):
            raise ValueError(f"fill={fill!r}: slots fill 'per-leaf' or 'per-slot'")
        self.names, self.fill = names, fill
        self.subpage, self.per_slot = names == "subpage", fill == "per-slot"

    cdef uint64_t get(self, uint64_t index) noexcept nogil:
        cdef entry_t entry = folio_try_get(&self.xa, index, self.subpage)
        cdef page_t* page = <page_t*>entry
        cdef page_t* head
        cdef uint64_t frame = ABSENT
        if is_internal(entry):
            return get_again(self, index)
        if page is NULL:
            return ABSENT
        head = compound_head(page) if self.subpage else page
        if page_usable(head, <void*>self):
            frame = page_to_pfn(self.frames, head) + index - load_word(head.index)
        page_put(head)
        return frame

    cdef int insert(self, uint64_t index, unsigned int order, uint64_t pfn) noexcept nogil:
        cdef xa_state xas
        cdef page_t* head = self.frames.base + pfn
        cdef uint64_t slots = <uint64_t>1 << order, done
        if not frames_fit(self.frames, pfn, order):
            return -EFAULT
        xas_init(&xas, &self.xa, index, 0)
        if xas_find(&xas, index + slots - 1) != NULL_ENTRY:
            return -EEXIST
        folio_added(self, head, index, order)  # before a reader can find it
        done = self.write(index, slots, head)
        if done < slots:
            self.write(index, done, NULL)
            folio_removed(self, head, order)
            return -ENOMEM
        return 0

    cdef uint64_t remove(self, uint64_t index) noexcept nogil:
        cdef page_t* head = as_page(xa_load(&self.xa, index))
        cdef uint64_t slots
        if head is NULL:
            return 0
        head = compound_head(head)
        slots = <uint64_t>1 << folio_order(head)
        self.write(index & ~(slots - 1), slots, NULL)
        return folio_removed(self, head, folio_order(head))

    cdef uint64_t mark(self, uint64_t index) noexcept nogil:
        """Only the slot of the head carries the mark, as THP had it until 5.17."""
        cdef page_t* page = as_page(xa_load(&self.xa, index))
        return mark_folio(self, index if page is NULL else compound_head(page).index)

    cdef bint get_folio(self, uint64_t index, uint64_t last, folio_ref_t* ref) noexcept nogil:
        cdef entry_t entry = folio_try_get(&self.xa, index, self.subpage)
        if is_internal(entry):
            return get_folio_again(self, index, last, ref)
        if entry == NULL_ENTRY:
            return False
        return fill_ref(self, compound_head(<page_t*>entry), index, last, ref)

    cdef page_t* evict(self, uint64_t index, entry_t shadow) noexcept nogil:
        """Each slot of the folio keeps a shadow of its own."""
        cdef page_t* head = as_page(xa_load(&self.xa, index))
        cdef uint64_t slots
        if head is NULL:
            return NULL
        head = compound_head(head)
        slots = <uint64_t>1 << folio_order(head)
        self.fill_slots(index & ~(slots - 1), slots, shadow)
        folio_removed(self, head, folio_order(head))
        return head

    cdef int split_folio(self, uint64_t index, unsigned int order) noexcept nogil:
        """Slots that name subpages stay as they are; others name the heads of their pieces."""
        cdef page_t* head = as_page(xa_load(&self.xa, index))
        cdef uint64_t first, piece
        if self.subpage:
            return 0
        first = index >> folio_order(head) << folio_order(head)
        for piece in range(1, <uint64_t>1 << (folio_order(head) - order)):
            self.write(first + (piece << order), <uint64_t>1 << order, head + (piece << order))
        return 0

    cdef uint64_t mark_key(self, uint64_t key) noexcept nogil:
        """The head's slot carries the marks, as THP had it until 5.17."""
        cdef page_t* page = as_page(xa_load(&self.xa, key))
        return key if page is NULL else compound_head(page).index

    cdef void fill_slots(self, uint64_t index, uint64_t slots, entry_t value) noexcept nogil:
        """Put one value into slots that hold something: no node is needed."""
        cdef xa_state xas
        cdef uint64_t _
        xas_init(&xas, &self.xa, index, 0)
        for _ in range(slots):
            xas_store(&xas, value)
            self.step(&xas)

    cdef uint64_t write(self, uint64_t index, uint64_t slots, page_t* head) noexcept nogil:
        """Name `head` (NULL: nothing) in `slots` slots; how many were written before memory ended."""
        cdef xa_state xas
        cdef page_t* named
        cdef uint64_t k
        xas_init(&xas, &self.xa, index, 0)
        for k in range(slots):
            named = head + k if self.subpage and head is not NULL else head
            xas_store(&xas, <entry_t>named)
            if xas.error:
                return k
            self.step(&xas)
        return slots

    cdef void step(self, xa_state* xas) noexcept nogil:
        """On to the next index: the next slot of the leaf, or a new walk."""
        if not self.per_slot and in_node(xas) and xas.offset < xas.xa.mask:
            xas.index, xas.offset = xas.index + 1, xas.offset + 1
        else:
            xas_init(xas, xas.xa, xas.index + 1, 0)
