"""Folios under the keys of an array: one looked up, the next one found, and those behind it.

Nothing here knows which index asks; a *key* is as in xarray_index.pxd.
"""

from libc.stdint cimport uint64_t

from pagecache.xarray.entry cimport NULL_ENTRY, RETRY_ENTRY, entry_t, is_internal, is_value
from pagecache.xarray.find cimport xas_find
from pagecache.xarray.grace cimport reader_retries
from pagecache.xarray.walk cimport (
    seen_t,
    still_there,
    xa_find_slot,
    xa_state,
    xarray_t,
    xas_init,
    xas_reload,
    xas_seek,
    xas_still_there,
)
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


cdef inline entry_t folio_try_get(xarray_t* xa, uint64_t key, bint subpages) noexcept nogil:
    """Look up and reference, by the protocol that needs no lock: the entry, if it names a page.

    Walk; take a reference unless the count is zero; load again: if that is not the same, the
    reference may be to another file's page, so put it.  `subpages`: a slot names its own page, and
    the count is the head's.  NULL if nothing is cached; retry: try again, with nothing held.
    """
    cdef seen_t seen
    cdef entry_t entry = xa_find_slot(xa, key, &seen)
    cdef page_t* head = as_page(entry)
    if head is NULL:
        return RETRY_ENTRY if entry == RETRY_ENTRY else NULL_ENTRY
    if subpages:
        head = compound_head(head)
    if page_try_get(head):
        if still_there(&seen, entry):
            return entry
        page_put(head)
    return RETRY_ENTRY


cdef inline entry_t next_page(xa_state* xas, uint64_t last) noexcept nogil:
    """The next entry up to `last` that names a page, values passed over; or NULL."""
    cdef entry_t entry = xas_find(xas, last)
    while is_value(entry):
        entry = xas_find(xas, last)
    return entry


cdef inline bint hold(const xa_state* xas, page_t* head, entry_t entry) noexcept nogil:
    """Reference the folio that the state stands at; False, with nothing held, if it is going or gone."""
    if not page_try_get(head):
        return False
    if xas_still_there(xas, entry):
        return True
    page_put(head)
    return False


cdef inline entry_t page_again(xa_state* xas, uint64_t last) noexcept nogil:
    """The page at the state's index or after it, from the head, after `hold` has refused."""
    cdef entry_t entry
    reader_retries()
    entry = xas_reload(xas)
    return next_page(xas, last) if as_page(entry) is NULL else entry


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
