"""A file's cache that holds folios and nothing else: no memory, no contents, no reclaim.

Its index is an XArray, node for node as Linux's, since the scans for holes depend on how folios lie
in it.  An entry is a value: the folio's order, and a bit for the mark.

    mark | order    one value entry for each folio, of the folio's order
"""

from libc.stdint cimport uint64_t

from pagecache.mapping.readahead.cached_file cimport CachedFile, readahead_t
from pagecache.mapping.readahead.fault cimport mapped_t
from pagecache.xarray.node cimport NodePool
from pagecache.xarray.walk cimport xarray_t

cdef struct request_t:
    uint64_t first
    uint64_t pages

cdef struct log_t:  # what was sent to the device, in order
    request_t* requests
    uint64_t count
    uint64_t room
    request_t open  # pages added since the last submit, as long as they are neighbours


cdef class SimulatedFile(CachedFile):
    cdef xarray_t xa
    cdef NodePool pool
    cdef readonly uint64_t size  # bytes
    cdef uint64_t* used  # a bit for each page: was it read, or touched?
    cdef log_t log
    cdef uint64_t[64] allocated  # folios by order, those that met a cached page included
    cdef readonly int largest_free  # order of the largest folio that can be allocated
    cdef bint out_of_memory
    cdef void use(self, uint64_t first, uint64_t after) noexcept nogil
    cdef int check(self) except -1


cdef class Description:  # an open file
    cdef SimulatedFile file
    cdef readahead_t ra


cdef class MappedFile:  # one mmap() of it
    cdef Description description
    cdef mapped_t mapped
