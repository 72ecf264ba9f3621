"""One multi-index entry a folio."""

from libc.stdint cimport uint64_t

from pagecache.designs.xarray_index cimport erase_folio, store_folio


cdef class MultiEntry(XArrayIndex):
    """One multi-index entry a folio, of any order up to 63."""

    def __cinit__(self, *args, **options):
        self.value_order = 63

    cdef int insert(self, uint64_t index, unsigned int order, uint64_t pfn) noexcept nogil:
        return store_folio(self, index, order, order, pfn)

    cdef uint64_t remove(self, uint64_t index) noexcept nogil:
        return erase_folio(self, index)
