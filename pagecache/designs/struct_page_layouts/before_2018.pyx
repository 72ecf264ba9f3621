"""Lookups over struct page as it was up to 4.17."""

from pagecache.page.page_structs cimport before_2018_t as struct_t, before_2018_traced_t as struct_traced_t

LAYOUT = "before-2018"

include "lookups.pxi"
