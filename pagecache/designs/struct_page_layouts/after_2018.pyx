"""Lookups over struct page as it has been since 4.18."""

from pagecache.page.page_structs cimport after_2018_t as struct_t, after_2018_traced_t as struct_traced_t

LAYOUT = "after-2018"

include "lookups.pxi"
