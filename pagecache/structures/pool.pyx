"""The chunks of a pool, and its Python face."""

from libc.stdint cimport SIZE_MAX, uint64_t
from libc.stdlib cimport free, malloc
from libc.string cimport memset

from pagecache.chunks cimport HUGE_PAGE, SMALL_CHUNK, chunk_add, chunk_t, chunks_free
from pagecache.sizes cimport array_size

cdef enum:
    SMALLEST_NODE = 16
    LARGEST_NODE = 65536


cdef void* pool_grow(pool_t* pool) noexcept nogil:
    """What `pool_alloc` does when the free list is empty: cut a node from a chunk."""
    cdef void* node
    if pool.nodes >= pool.limit:
        return NULL
    if <size_t>(pool.end - pool.fresh) < pool.node_size and not map_chunk(pool):
        return NULL
    node = pool.fresh
    pool.fresh += pool.node_size
    pool.nodes += 1
    return node


cdef bint map_chunk(pool_t* pool) noexcept nogil:
    """A chunk as large as all before it, to cut nodes from."""
    cdef size_t size = pool.mapped if pool.mapped > pool.first_chunk else pool.first_chunk
    cdef char* start = chunk_add(&pool.chunks, size)
    if start is NULL:
        return False
    pool.mapped += size
    pool.fresh, pool.end = start, start + size
    return True


cdef void pool_destroy(pool_t* pool) noexcept nogil:
    chunks_free(&pool.chunks)
    pool.free, pool.fresh, pool.end = NULL, NULL, NULL
    pool.nodes, pool.mapped = 0, 0


cdef class Pool:
    """Memory for the nodes of one or many indexes of one structure.

    Parameters
    ----------
    node_size : int
        Bytes of a node, a multiple of 8; chunks start at a page, so nodes of 256 bytes are
        aligned to that.
    link : int
        The byte of a free node at which the pool may keep the address of the next.
    huge : bool
        Map whole huge pages from the first chunk on, as measurements want it.

    Examples
    --------
    >>> from pagecache.structures.pool import Pool
    >>> Pool(576, 24).nodes
    0
    """

    def __cinit__(self, size_t node_size, size_t link=0, *, bint huge=False):
        if node_size % 8 or not SMALLEST_NODE <= node_size <= LARGEST_NODE:
            raise ValueError(f"node_size is {node_size}; give a multiple of 8 from 16 to 65536")
        if link % 8 or link + 8 > node_size:
            raise ValueError(f"link is {link}; give a multiple of 8 within the node")
        memset(&self.pool, 0, sizeof(pool_t))
        self.pool.node_size, self.pool.link = node_size, link
        self.pool.limit = SIZE_MAX
        self.pool.first_chunk = HUGE_PAGE if huge else SMALL_CHUNK

    def __dealloc__(self):
        pool_destroy(&self.pool)

    @property
    def node_size(self):
        """Bytes of one node."""
        return self.pool.node_size

    @property
    def nodes(self):
        """Nodes handed out and not yet given back."""
        return self.pool.nodes

    @property
    def mapped(self):
        """Bytes of memory mapped for chunks."""
        return self.pool.mapped

    @property
    def limit(self):
        """The pool refuses to hand out more nodes than this; a store then raises MemoryError."""
        return self.pool.limit

    @limit.setter
    def limit(self, size_t nodes):
        self.pool.limit = nodes

    def shuffle(self, uint64_t seed):
        """Put the free nodes into a random order, as they are in a machine that ran for long.

        O(free nodes).  The same seed gives the same order.
        """
        cdef void* node = self.pool.free
        cdef void** nodes
        cdef size_t count = 0, k, other
        while node is not NULL:
            count, node = count + 1, pool_link(&self.pool, node)[0]
        if count < 2:
            return
        nodes = <void**>malloc(array_size(count, sizeof(void*)))
        if nodes is NULL:
            raise MemoryError("no room to shuffle the free nodes")
        node = self.pool.free
        for k in range(count):
            nodes[k], node = node, pool_link(&self.pool, node)[0]
        seed |= 1  # xorshift never leaves zero
        for k in range(count - 1, 0, -1):
            seed ^= seed << 13
            seed ^= seed >> 7
            seed ^= seed << 17
            other = seed % (k + 1)
            nodes[k], nodes[other] = nodes[other], nodes[k]
        for k in range(count):
            pool_link(&self.pool, nodes[k])[0] = nodes[k + 1] if k + 1 < count else NULL
        self.pool.free = nodes[0]
        free(nodes)

    def ranges(self):
        """The (address, bytes) of every chunk, newest first.  O(chunks)."""
        cdef chunk_t* chunk = self.pool.chunks
        found = []
        while chunk is not NULL:
            found.append((<size_t>chunk.start, chunk.size))
            chunk = chunk.older
        return found
