"""The abstract class of an index that can serve a mapping."""

from libc.errno cimport EINVAL


cdef class FileIndex(PageIndex):
    """An index that also keeps shadows and zero entries, splits folios and has three marks.

    Cannot be made itself: a layout overrides all methods declared in file_index.pxd.
    """

    def __init__(self, *args, **kwargs):
        if type(self) is FileIndex:
            raise TypeError("FileIndex is abstract; make a design: pagecache.designs.make(NAME)")

    cdef xarray_t* tree(self) noexcept nogil:
        return NULL

    cdef bint grab(self, uint64_t index, uint64_t last, grip_t* grip) noexcept nogil:
        return False

    cdef int next_entry(self, uint64_t index, uint64_t last, held_t* found) noexcept nogil:
        return HELD_NOTHING

    cdef int put_folio(self, uint64_t index, unsigned int order, uint64_t pfn) noexcept nogil:
        return -EINVAL

    cdef int put_value(self, uint64_t index, unsigned int order, entry_t value) noexcept nogil:
        return -EINVAL

    cdef void erase_value(self, uint64_t index) noexcept nogil:
        pass

    cdef page_t* evict(self, uint64_t index, entry_t shadow) noexcept nogil:
        return NULL

    cdef int split_value(self, uint64_t index, unsigned int order) noexcept nogil:
        return -EINVAL

    cdef int split_folio(self, uint64_t index, unsigned int order) noexcept nogil:
        return -EINVAL

    cdef void set_mark(self, uint64_t index, unsigned int mark) noexcept nogil:
        pass

    cdef void clear_mark(self, uint64_t index, unsigned int mark) noexcept nogil:
        pass

    cdef int next_marked(
            self, uint64_t index, uint64_t last, unsigned int mark, held_t* found) noexcept nogil:
        return HELD_NOTHING

    cdef bint shadow_node(self, uint64_t index, uint64_t* first, unsigned int* shift) noexcept nogil:
        return False

    cdef bint drop_shadows(self, uint64_t first, unsigned int shift) noexcept nogil:
        return False
