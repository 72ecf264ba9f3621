"""Blocks that several files name (reflink), and the folios that cache them, each once.

    index 512, order 9  ->  frame 4096

A clone is of a whole file, so a block has the same index in each, and is named by it and by the
number of the clone that shared it.  A file that writes to a shared block gets one of its own there,
which a later clone shares under another number.
"""

from libc.stdint cimport uint64_t

from pagecache.designs.file_index cimport found_t
from pagecache.xarray.node cimport NodePool
from pagecache.xarray.walk cimport xarray_t


cdef class SharedBlocks:
    cdef xarray_t xa
    cdef NodePool pool
    cdef readonly unsigned int clones  # made so far: those that shared what was data until then
    cdef public object frames  # the struct pages of the memory that all files' folios lie in
    cdef public bint content  # do the mappings that cache them keep what each page holds?

cdef enum:
    CLONE_SHIFT = 52  # above every index of a file


cdef inline uint64_t shared_key(uint64_t extent_value, uint64_t index) noexcept nogil:
    """What a shared block is found under: blocks that different clones shared are others."""
    return (extent_value >> 2) << CLONE_SHIFT | index


cdef bint shared_next(
    SharedBlocks self, uint64_t index, uint64_t last, uint64_t* first, uint64_t* end,
    uint64_t* pfn) noexcept nogil
cdef int shared_add(
    SharedBlocks self, uint64_t index, unsigned int order, uint64_t pfn) noexcept nogil
cdef void shared_forget(SharedBlocks self, uint64_t index) noexcept nogil
