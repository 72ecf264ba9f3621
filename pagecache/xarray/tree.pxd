"""The Python class begins here: the array itself, its marks, and what its tree takes.

    XArray (xarray.pyx)       searches and batches
    Entries (entries.pyx)     entries, one call at a time
    Tree                      the pool, marks, counts, the invariant

Nobody makes one of the lower two alone.
"""

from pagecache.xarray.node cimport NodePool
from pagecache.xarray.walk cimport xarray_t


cdef class Tree:
    cdef xarray_t xa
    cdef readonly NodePool pool
