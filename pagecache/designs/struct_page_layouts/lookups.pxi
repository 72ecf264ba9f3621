# Included with the names of a layout: LAYOUT, struct_t and struct_traced_t (see struct_page_index.pxd).

from libc.stdint cimport uint64_t

from pagecache.designs.contract cimport ABSENT
from pagecache.designs.struct_page_layouts.struct_page_index cimport (
    StructPageIndex,
    get_by_head,
    get_by_page,
    note_added,
    note_removed,
    read_folios,
)
from pagecache.page.struct_pages cimport traced


cdef class ByHead(StructPageIndex):
    """Lookups over struct pages of this layout, by the head."""

    layout = LAYOUT

    cdef void added(self, uint64_t pfn, uint64_t key, unsigned int order) noexcept nogil:
        note_added(self, <struct_t*>self.struct_pages.base, pfn, key, order)

    cdef uint64_t removed(self, void* page) noexcept nogil:
        return note_removed(self, <struct_t*>page)

    cdef uint64_t get(self, uint64_t index) noexcept nogil:
        return get_by_head(self, <struct_t*>self.struct_pages.base, index)

    cdef unsigned int lines_of_get(self, uint64_t index) noexcept nogil:
        traced.count = 0
        if get_by_head(self, <struct_traced_t*>self.struct_pages.base, index) == ABSENT:
            return 0
        return traced.count

    cdef uint64_t read(self, uint64_t index, uint64_t count) noexcept nogil:
        return read_folios(self, <struct_t*>self.struct_pages.base, index, count)

    cdef unsigned int lines_of_read(self, uint64_t index, uint64_t count) noexcept nogil:
        traced.count = 0
        read_folios(self, <struct_traced_t*>self.struct_pages.base, index, count)
        return traced.count


cdef class ByPage(ByHead):
    """The same, by page."""

    cdef uint64_t get(self, uint64_t index) noexcept nogil:
        return get_by_page(self, <struct_t*>self.struct_pages.base, index)

    cdef unsigned int lines_of_get(self, uint64_t index) noexcept nogil:
        traced.count = 0
        if get_by_page(self, <struct_traced_t*>self.struct_pages.base, index) == ABSENT:
            return 0
        return traced.count
