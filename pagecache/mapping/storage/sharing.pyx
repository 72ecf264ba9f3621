"""The array from shared blocks to the folios that cache them."""

from pagecache.xarray.api cimport xa_erase, xa_insert, xa_next
from pagecache.xarray.entry cimport NULL_ENTRY, entry_t, mk_value, to_value
from pagecache.xarray.find cimport PRESENT
from pagecache.xarray.node cimport CHUNK_SHIFT
from pagecache.xarray.store cimport xa_init
from pagecache.xarray.text cimport count_nodes
from pagecache.xarray.trim cimport xa_destroy


cdef class SharedBlocks:
    """The folios of shared blocks, by block."""

    def __cinit__(self):
        self.pool = NodePool(CHUNK_SHIFT)
        xa_init(&self.xa, &self.pool.pool, CHUNK_SHIFT, 0)

    def __dealloc__(self):
        if self.pool is not None:
            xa_destroy(&self.xa)

    def next_clone(self):
        """The number of the clone that is made now."""
        if self.clones == 2047:
            raise ValueError("2047 clones share blocks already; copy the file instead")
        self.clones += 1
        return self.clones

    @property
    def nodes(self):
        """Nodes of the array that finds a block's folio.  O(nodes)"""
        return count_nodes(&self.xa)


cdef bint shared_next(
        SharedBlocks self, uint64_t index, uint64_t last, uint64_t* first, uint64_t* end,
        uint64_t* pfn) noexcept nogil:
    """The first cached folio that reaches `index` or lies after it, up to `last`."""
    cdef entry_t entry
    first[0] = index
    entry = xa_next(&self.xa, first, end, last, PRESENT)
    pfn[0] = to_value(entry)
    return entry != NULL_ENTRY


cdef int shared_add(
        SharedBlocks self, uint64_t index, unsigned int order, uint64_t pfn) noexcept nogil:
    return xa_insert(&self.xa, index, order, mk_value(pfn))


cdef void shared_forget(SharedBlocks self, uint64_t index) noexcept nogil:
    xa_erase(&self.xa, index)
