"""The abstract class of an index that can serve a mapping."""

from libc.errno cimport EEXIST, EINVAL

from pagecache.designs.folio_lookup cimport folio_try_get
from pagecache.page.frames cimport compound_head, page_put
from pagecache.xarray.entry cimport NULL_ENTRY, RETRY_ENTRY
from pagecache.xarray.grace cimport reader_retries


cdef class FileIndex(PageIndex):
    """An index that also keeps shadows and zero entries, splits folios and has three marks.

    Cannot be made itself: a layout overrides all methods declared in file_index.pxd.
    """

    def __init__(self, *args, **kwargs):
        if type(self) is FileIndex:
            raise TypeError("FileIndex is abstract; make a design: pagecache.designs.make(NAME)")

    cdef xarray_t* tree(self) noexcept nogil:
        return NULL

    cdef bint get_folio(self, uint64_t index, uint64_t last, folio_ref_t* ref) noexcept nogil:
        return False

    cdef int next_entry(self, uint64_t index, uint64_t last, found_t* found) noexcept nogil:
        return FOUND_NOTHING

    cdef int store_folio(self, uint64_t index, unsigned int order, uint64_t pfn) noexcept nogil:
        return -EINVAL

    cdef int store_value(self, uint64_t index, unsigned int order, entry_t value) noexcept nogil:
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
            self, uint64_t index, uint64_t last, unsigned int mark, found_t* found) noexcept nogil:
        return FOUND_NOTHING

    cdef bint shadow_node(self, uint64_t index, uint64_t* first, unsigned int* shift) noexcept nogil:
        return False

    cdef bint drop_shadows(self, uint64_t first, unsigned int shift) noexcept nogil:
        return False


cdef uint64_t get_again(FileIndex self, uint64_t index) noexcept nogil:
    """`get` after a retry, with nothing held.

    Here, and called last, since a call among the steps of the usual way costs them their registers.
    """
    wait_for_writer(self, index)
    return self.get(index)


cdef bint get_folio_again(
        FileIndex self, uint64_t index, uint64_t last, folio_ref_t* ref) noexcept nogil:
    """The same for `get_folio`."""
    wait_for_writer(self, index)
    return self.get_folio(index, last, ref)


cdef void wait_for_writer(FileIndex self, uint64_t index) noexcept nogil:
    """Until a lookup there is no retry: in a loop, since a writer may be long about it."""
    cdef entry_t entry = RETRY_ENTRY
    while entry == RETRY_ENTRY:
        reader_retries()
        entry = folio_try_get(self.tree(), index >> self.unit, True)
    if entry != NULL_ENTRY:
        page_put(compound_head(<page_t*>entry))


cdef int free_range(FileIndex self, uint64_t index, unsigned int order) noexcept nogil:
    """Remove the shadows in a folio's range, larger ones split first; -EEXIST if more lies there."""
    cdef found_t found
    cdef uint64_t at = index, last = index + ((<uint64_t>1 << order) - 1)
    while self.next_entry(at, last, &found) != FOUND_NOTHING:
        if found.kind != FOUND_SHADOW:
            return -EEXIST
        at = found.last + 1
        if found.last >= last:
            break
    while self.next_entry(index, last, &found) != FOUND_NOTHING:
        if found.last - found.first > last - index:
            self.split_value(index, order)  # for lack of a node, the whole shadow is lost
        self.erase_value(found.first if found.first > index else index)
    return 0
