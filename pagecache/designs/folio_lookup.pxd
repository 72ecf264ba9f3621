"""Folios under the keys of an array: one looked up, the next one found, and those behind it.

Nothing here knows which index asks; a *key* is as in xarray_index.pxd.
"""

from libc.stdint cimport uint64_t

from pagecache.xarray.entry cimport NULL_ENTRY, RETRY_ENTRY, entry_t, is_internal, is_value
from pagecache.xarray.find cimport xas_find
from pagecache.xarray.walk cimport slot_read, xa_find_slot, xa_state, xarray_t, xas_init, xas_seek
from pagecache.page.frames cimport (
    compound_head,
    folio_order,
    page_put,
    page_t,
    page_try_get,
)

cdef enum:
    BATCH = 15  # folios that a truncate collects before it removes them


cdef inline page_t* as_page(entry_t entry) noexcept nogil:
    """The struct page an entry names: NULL for nothing, and for entries that are no pointers."""
    return NULL if is_internal(entry) or is_value(entry) else <page_t*>entry


cdef inline page_t* folio_get(xarray_t* xa, uint64_t key, bint subpages) noexcept nogil:
    """Look up and reference, by the protocol that needs no lock; NULL if nothing is cached.

    Walk; take a reference unless the count is zero; read the slot again: if it changed meanwhile,
    the reference may be to another file's page, so put it and start again.  `subpages`: a slot
    names its own page, and the count is the head's.
    """
    cdef entry_t* slot
    cdef entry_t entry
    cdef page_t* page
    cdef page_t* head
    while True:
        entry = xa_find_slot(xa, key, &slot)
        page = as_page(entry)
        if page is NULL:
            if entry == RETRY_ENTRY:
                continue
            return NULL
        head = compound_head(page) if subpages else page
        if not page_try_get(head):
            continue
        if slot_read(slot) == entry:
            return page
        page_put(head)


cdef inline entry_t next_page(xa_state* xas, uint64_t last) noexcept nogil:
    """The next entry up to `last` that names a page, values passed over; or NULL."""
    cdef entry_t entry = xas_find(xas, last)
    while is_value(entry):
        entry = xas_find(xas, last)
    return entry


cdef inline entry_t after_folio(xa_state* xas, page_t* head, unsigned int unit) noexcept nogil:
    """The next entry that does not belong to the folio at `head`."""
    cdef unsigned int order = folio_order(head)
    cdef uint64_t next_key = head.index + (<uint64_t>1 << (order - unit))
    cdef entry_t entry = xas_seek(xas, next_key)
    return next_page(xas, ~<uint64_t>0) if as_page(entry) is NULL else entry


cdef inline unsigned int collect(xarray_t* xa, unsigned int unit, uint64_t* firsts) noexcept nogil:
    """The first indices of up to a batch of folios, from the start of the file."""
    cdef xa_state xas
    cdef page_t* head
    cdef unsigned int found = 0
    cdef entry_t entry
    xas_init(&xas, xa, 0, 0)
    entry = next_page(&xas, ~<uint64_t>0)
    while entry != NULL_ENTRY:
        head = compound_head(<page_t*>entry)
        firsts[found] = head.index << unit
        found += 1
        if found == BATCH:
            break
        entry = after_folio(&xas, head, unit)
    return found
