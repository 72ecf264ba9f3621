"""One multi-index entry a folio, for layouts that build on it."""

from pagecache.designs.xarray_index cimport XArrayIndex


cdef class MultiEntry(XArrayIndex):
    pass
