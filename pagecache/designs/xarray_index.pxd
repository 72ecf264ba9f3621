"""What the layouts on an XArray share: lookups, marks, the pass that removes everything.

A layout (one_entry.pyx, multi_entry.pyx, slots.pyx) says how a folio lies in the slots: it
overrides `insert` and `remove`, and `get` if its slots name something else than heads.

*Key* is the number a folio is found under in the array: the index, or the huge index where the
unit is a huge page: `index >> unit`.
"""

from libc.errno cimport EEXIST, EFAULT
from libc.stdint cimport uint64_t

from pagecache.designs.contract cimport folio_added, folio_removed, page_usable
from pagecache.designs.file_index cimport FileIndex, folio_ref_t
from pagecache.designs.folio_lookup cimport as_page
from pagecache.xarray.entry cimport NULL_ENTRY, entry_t
from pagecache.xarray.find cimport xas_conflict
from pagecache.xarray.node cimport NodePool
from pagecache.xarray.store cimport xas_store
from pagecache.xarray.walk cimport xa_state, xarray_t, xas_init
from pagecache.page.frames cimport (
    folio_order,
    frames_fit,
    page_put,
    page_t,
    page_to_pfn,
)
from pagecache.relaxed cimport load_word


cdef class XArrayIndex(FileIndex):
    cdef xarray_t xa
    cdef readonly NodePool pool
    cdef bint by_entry  # an entry may cover part of a folio only

    # What an entry that names a page looks like in this layout, and back.
    cdef page_t* page_of(self, entry_t entry) noexcept nogil
    cdef entry_t name_of(self, page_t* head) noexcept nogil
    # Where the marks of the folio that covers `key` lie.
    cdef uint64_t mark_key(self, uint64_t key) noexcept nogil


cdef uint64_t mark_folio(XArrayIndex self, uint64_t key) noexcept nogil


cdef inline bint fill_ref(
        XArrayIndex self, page_t* head, uint64_t index, uint64_t last, folio_ref_t* ref) noexcept nogil:
    """Where the page at `index` of a referenced folio lies; False, and put, if it is unusable.

    The order stands in another cache line than all else: it is read only for more than one page.
    """
    cdef uint64_t first = load_word(head.index) << self.unit, end = index
    if not page_usable(head, <void*>self):
        page_put(head)
        return False
    if index != last:
        end = first + (<uint64_t>1 << folio_order(head)) - 1
        end = end if end < last else last
    ref.head, ref.last = head, end
    ref.frame = page_to_pfn(self.frames, head) + (index - first)
    return True


cdef inline int store_folio(
        XArrayIndex self, uint64_t key, unsigned int entry_order, unsigned int order,
        uint64_t pfn) noexcept nogil:
    """Put one entry of `entry_order` at `key`, unless something is there: 0 or a negative errno.

    One walk: the scan for conflicts leaves the state where the store goes on.
    """
    cdef xa_state xas
    cdef page_t* head = self.frames.base + pfn
    if not frames_fit(self.frames, pfn, order):
        return -EFAULT
    xas_init(&xas, &self.xa, key, entry_order)
    if xas_conflict(&xas) != NULL_ENTRY:
        return -EEXIST
    folio_added(self, head, key << self.unit, order)  # before a reader can find it
    xas_store(&xas, <entry_t>head)
    if xas.error:
        folio_removed(self, head, order)
    return -xas.error


cdef inline uint64_t erase_folio(XArrayIndex self, uint64_t key) noexcept nogil:
    """Remove the entry that covers `key`; the pages of its folio."""
    cdef xa_state xas
    cdef page_t* head
    xas_init(&xas, &self.xa, key, 0)
    head = as_page(xas_store(&xas, NULL_ENTRY))
    if head is NULL:
        return 0
    return folio_removed(self, head, folio_order(head))
