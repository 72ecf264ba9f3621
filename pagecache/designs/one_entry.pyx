"""One entry a folio: the array counts in the file's own unit, and every folio fills one slot.

    unit 2 MiB:   huge index   0   1   2   3          an order-9 folio each
                  slot         A   B   C   D

hugetlbfs up to 6.6, with the unit of its huge page; and, with a unit of one page, any file without
large folios.  Nothing smaller than the unit can be cached, which is why hugetlbfs has no fallback.
"""

from libc.errno cimport EINVAL
from libc.stdint cimport uint64_t

from pagecache.designs.xarray_index cimport XArrayIndex, erase_folio, store_folio


cdef class OneEntry(XArrayIndex):
    """One entry a folio, `unit` being the order of every folio."""

    cdef int insert(self, uint64_t index, unsigned int order, uint64_t pfn) noexcept nogil:
        if order != self.unit:
            return -EINVAL
        return store_folio(self, index >> self.unit, 0, order, pfn)

    cdef uint64_t remove(self, uint64_t index) noexcept nogil:
        return erase_folio(self, index >> self.unit)
