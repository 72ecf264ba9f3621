"""One multi-index entry a folio: the XArray's own way to hold 2^order indices at once.

    order 9 at index 512:   at shift 6, slot 8 has the entry and 9 .. 15 are its siblings

THP since 5.17 and hugetlbfs since 6.7.  Below order 6 the siblings fill as many slots as pages
would, so the gain is in stores, marks and steps and not in nodes; at 6, 12 and 18 a whole level
of nodes goes away.
"""

from pagecache.designs.xarray_index cimport XArrayIndex


cdef class MultiEntry(XArrayIndex):
    pass
