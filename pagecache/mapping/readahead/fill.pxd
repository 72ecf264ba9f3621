"""A window becomes folios.

    fill_window    in folios of an order, each as its index is aligned and as the window's end allows
    fill_pages     in folios of the minimum order: single pages, where that is 0
    force_pages    the same for whoever named the pages: no mark, no state, 2 MiB at a time
    read_page      one folio around a page that readahead has not cached

A *broken* window is one that met a cached page, or for which a large folio could not be allocated:
the rest of it is filled with single pages.
"""

from libc.stdint cimport uint64_t

from pagecache.mapping.readahead.cached_file cimport CachedFile, readahead_t


cdef void fill_window(
    CachedFile file, readahead_t* ra, uint64_t start, unsigned int order) noexcept nogil
cdef void fill_pages(CachedFile file, uint64_t start, uint64_t pages, uint64_t marked) noexcept nogil
cdef void force_pages(
    CachedFile file, const readahead_t* ra, uint64_t start, uint64_t pages) noexcept nogil
cdef int read_page(CachedFile file, uint64_t index) noexcept nogil
