"""One multi-index entry a folio: the XArray's own way to hold 2^order indices at once.

    order 9 at index 512:   at shift 6, slot 8 has the entry and 9 .. 15 are its siblings

THP since 5.17 and hugetlbfs since 6.7.  Below order 6 the siblings fill as many slots as pages
would, so the gain is in stores, marks and steps and not in nodes; at 6, 12 and 18 a whole level
of nodes goes away.
"""

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
