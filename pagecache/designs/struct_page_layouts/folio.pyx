"""Lookups over struct page as folios see it, from 5.17 on."""

from pagecache.page.page_structs cimport folio_t as struct_t, folio_traced_t as struct_traced_t

LAYOUT = "folio"

include "lookups.pxi"
