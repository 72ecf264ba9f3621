"""The Python class, second part: entries, one call at a time (tree.pxd has the parts)."""

from libc.stdint cimport uint64_t

from pagecache.xarray.tree cimport Tree


cdef class Entries(Tree):
    cdef uint64_t next_id
