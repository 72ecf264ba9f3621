"""The first half of the Python class: entries, one call at a time, and what the tree takes.

`XArray` (xarray.pyx) adds marks, searches and batches to it; nobody makes one of these alone.
"""

from libc.stdint cimport uint64_t

from pagecache.xarray.node cimport NodePool
from pagecache.xarray.walk cimport xarray_t


cdef class Entries:
    cdef xarray_t xa
    cdef readonly NodePool pool
    cdef uint64_t next_id
