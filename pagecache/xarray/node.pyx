"""The node pool: nodes of one size, carved from chunks that huge pages can back."""

from libc.stdint cimport SIZE_MAX, uintptr_t
from libc.stdlib cimport free, malloc
from libc.string cimport memset

from pagecache.chunks cimport HUGE_PAGE, SMALL_CHUNK, chunk_add, chunk_t, chunks_free
from pagecache.xarray.entry cimport mk_value
from pagecache.xarray.grace cimport Readers, grace_begin, grace_over

from pagecache.sizes cimport array_size

from operator import index as as_integer


cdef extern from *:
    """
    /* What all counts of bytes rest on, and what a node takes in Linux. */
    #define pc_assert_node(fits) _Static_assert(fits, "a node of 64 slots takes 576 bytes")
    """
    void assert_node "pc_assert_node"(bint fits) noexcept nogil


cdef extern from "<sys/mman.h>" nogil:
    int madvise(void* address, size_t size, int advice)
    int MADV_DONTNEED


cdef bint node_any_mark(xa_node* node, unsigned int mark) noexcept nogil:
    return node_next_mark(node, 0, mark) < (<unsigned int>1 << node.chunk_shift)


cdef size_t node_bytes(unsigned int chunk_shift) noexcept nogil:
    cdef size_t slots = <size_t>1 << chunk_shift
    return NODE_HEADER + 8 * (slots + MARKS * mark_words(slots))


cdef void node_clean(xa_node* node, size_t size) noexcept nogil:
    memset(node.slots, 0, size - NODE_HEADER)


cdef int pool_init(node_pool* pool, unsigned int chunk_shift, bint huge) noexcept nogil:
    assert_node(sizeof(xa_node) + MARKS * sizeof(uint64_t) == 576)
    assert_node(sizeof(xa_node) - 64 * sizeof(entry_t) == NODE_HEADER)
    memset(pool, 0, sizeof(node_pool))
    pool.node_size = node_bytes(chunk_shift)
    pool.limit = SIZE_MAX
    pool.first_chunk = HUGE_PAGE if huge else SMALL_CHUNK
    pool.whole = huge
    return 0


cdef xa_node* pool_grow(node_pool* pool) noexcept nogil:
    """What `pool_alloc` does when the free list is empty: cut a node from a chunk."""
    cdef xa_node* node
    if pool.nodes >= pool.limit:
        return NULL
    if pool.deferred:
        pool_reclaim(pool)
        if pool.free is not NULL:
            return pool_alloc(pool)
    if <size_t>(pool.end - pool.fresh) < pool.node_size and not map_chunk(pool):
        return NULL
    node = <xa_node*>pool.fresh
    pool.fresh += pool.node_size
    pool.nodes += 1
    return node


cdef void pool_defer(node_pool* pool, xa_node* node) noexcept nogil:
    """Keep an unlinked node until each reader has been quiescent."""
    node.next = NULL
    if pool.unlinked is NULL:
        pool.unlinked = node
    else:
        pool.unlinked_last.next = node
    pool.unlinked_last = node
    pool.deferred += 1
    if pool.deferred % MOST_DEFERRED == 0:
        pool_reclaim(pool)


cdef void pool_reclaim(node_pool* pool) noexcept nogil:
    """Free the nodes whose period is over; those unlinked since then wait for the next one."""
    if pool.waiting is not NULL and grace_over(pool.grace, pool.number):
        free_waiting(pool)
    if pool.waiting is NULL and pool.unlinked is not NULL:
        pool.waiting, pool.waiting_last = pool.unlinked, pool.unlinked_last
        pool.waiting_nodes = pool.deferred
        pool.unlinked = NULL
        pool.number = grace_begin(pool.grace)
        if grace_over(pool.grace, pool.number):
            free_waiting(pool)


cdef void free_waiting(node_pool* pool) noexcept nogil:
    cdef xa_node* node = pool.waiting
    cdef size_t k
    while pool.poison and node is not NULL:
        for k in range(<size_t>1 << node.chunk_shift):
            node.slots[k] = mk_value(POISON)
        node.count, node = 1, node.next  # to be cleaned before its next use
    pool.deferred -= pool.waiting_nodes
    pool.waiting_last.next = pool.free
    pool.free = pool.waiting
    pool.waiting = NULL


cdef bint map_chunk(node_pool* pool) noexcept nogil:
    """A chunk as large as all before it, to cut nodes from."""
    cdef size_t size = pool.mapped if pool.mapped > pool.first_chunk else pool.first_chunk
    cdef char* start = chunk_add(&pool.chunks, size)
    if start is NULL:
        return False
    pool.mapped += size
    pool.fresh, pool.end = start, start + size
    return True


cdef void pool_trim(node_pool* pool) noexcept nogil:
    """After many stores: give back what the newest huge page leaves unused, if that is too much.

    Once for each: that page is then one of small pages, and so are those it will still be filled
    by.  To take small pages from the start costs four times the time of a huge one.
    """
    cdef char* fresh = pool.fresh + (-<uintptr_t>pool.fresh & 4095)
    cdef char* end = pool.fresh + (-<uintptr_t>pool.fresh & (HUGE_PAGE - 1))
    cdef size_t used = pool.mapped - <size_t>(pool.end - pool.fresh)
    if end > pool.end or end == pool.cut or pool.whole:
        return
    if fresh < end and <size_t>(end - fresh) > used // MOST_UNUSED:
        madvise(fresh, end - fresh, MADV_DONTNEED)
        pool.cut = end


cdef void pool_destroy(node_pool* pool) noexcept nogil:
    chunks_free(&pool.chunks)
    pool.free, pool.fresh, pool.end, pool.cut = NULL, NULL, NULL, NULL
    pool.waiting, pool.unlinked = NULL, NULL
    pool.nodes, pool.mapped, pool.deferred = 0, 0, 0


cdef class NodePool:
    """Memory for the nodes of one or many indexes.

    Parameters
    ----------
    chunk_shift : int
        A node has ``2**chunk_shift`` slots (3 to 9; 6 in Linux).
    huge : bool
        Map whole huge pages from the first chunk on, as measurements want it.  Otherwise the
        first chunk is 64 KiB, each later one doubles the pool, and what the newest huge page leaves
        unused after a batch of stores is given back.
    readers : Readers, optional
        Threads that read the arrays without a lock, beside one writer at a time: nodes are then used
        again only when none of those can be in them (grace.pxd).

    Examples
    --------
    >>> from pagecache.xarray.node import NodePool
    >>> NodePool().node_size
    576
    """

    def __cinit__(self, chunk_shift=CHUNK_SHIFT, *, bint huge=False, Readers readers=None):
        if not 3 <= as_integer(chunk_shift) <= 9:
            raise ValueError(f"chunk_shift is {chunk_shift}; it must be 3 to 9")
        self.chunk_shift = chunk_shift
        pool_init(&self.pool, chunk_shift, huge)
        if readers is not None:
            self.readers_ = readers
            self.pool.grace = &readers.grace

    def __dealloc__(self):
        pool_destroy(&self.pool)

    @property
    def node_size(self):
        """Bytes of one node: 576 of 64 slots.  O(1).

        Examples
        --------
        >>> import pagecache as pc
        >>> pc.NodePool(3).node_size, pc.NodePool(9).node_size
        (128, 4328)
        """
        return self.pool.node_size

    @property
    def nodes(self):
        """Nodes handed out and not yet given back.  O(1).

        Examples
        --------
        >>> import pagecache as pc
        >>> pool = pc.NodePool()
        >>> xa, other = pc.XArray(pool=pool), pc.XArray(pool=pool)
        >>> xa.store(1, 7)
        >>> other.store(1, 7)
        >>> pool.nodes
        2
        """
        return self.pool.nodes

    @property
    def deferred(self):
        """Nodes given back that a reader may still be in.  O(1).

        They are free when each reader has been quiescent and nodes are given back or asked for.

        Examples
        --------
        >>> import pagecache as pc
        >>> pc.NodePool().deferred
        0
        """
        return self.pool.deferred

    @property
    def poison(self):
        """Whether freed nodes are filled with a value nobody stored, to find readers in them.  O(1).

        Examples
        --------
        >>> import pagecache as pc
        >>> pool = pc.NodePool()
        >>> pool.poison = True
        """
        return self.pool.poison

    @poison.setter
    def poison(self, bint poison):
        self.pool.poison = poison

    @property
    def mapped(self):
        """Bytes of memory mapped for chunks.  O(1).

        Examples
        --------
        >>> import pagecache as pc
        >>> pool = pc.NodePool()
        >>> pc.XArray(pool=pool).store(1, 7)
        >>> pool.mapped
        65536
        """
        return self.pool.mapped

    @property
    def limit(self):
        """The pool refuses to hand out more nodes than this; a store then raises MemoryError.  O(1).

        Examples
        --------
        >>> import pagecache as pc
        >>> xa = pc.XArray()
        >>> xa.pool.limit = 0
        >>> xa.store(1, 7)
        Traceback (most recent call last):
        MemoryError: the node pool cannot grow; the array is as before
        """
        return self.pool.limit

    @limit.setter
    def limit(self, size_t nodes):
        self.pool.limit = nodes

    def shuffle(self, uint64_t seed):
        """Put the free nodes into a random order, as they are in a machine that ran for long.

        O(free nodes).  The same seed gives the same order.  Raises MemoryError if there is no room
        for a list of them.

        Examples
        --------
        >>> import pagecache as pc
        >>> xa = pc.XArray()
        >>> xa.store_range(1, 5000, 7)
        >>> xa.destroy()
        >>> xa.pool.shuffle(seed=1)
        """
        cdef xa_node* node = self.pool.free
        cdef xa_node** nodes
        cdef size_t count = 0, k, other
        while node is not NULL:
            count, node = count + 1, node.next
        if count < 2:
            return
        nodes = <xa_node**>malloc(array_size(count, sizeof(xa_node*)))
        if nodes is NULL:
            raise MemoryError("no room to shuffle the free nodes")
        node = self.pool.free
        for k in range(count):
            nodes[k], node = node, node.next
        seed |= 1  # xorshift never leaves zero
        for k in range(count - 1, 0, -1):
            seed ^= seed << 13
            seed ^= seed >> 7
            seed ^= seed << 17
            other = seed % (k + 1)
            nodes[k], nodes[other] = nodes[other], nodes[k]
        for k in range(count):
            nodes[k].next = nodes[k + 1] if k + 1 < count else NULL
        self.pool.free = nodes[0]
        free(nodes)

    def ranges(self):
        """The (address, bytes) of every chunk, newest first.  O(chunks).

        Examples
        --------
        >>> import pagecache as pc
        >>> xa = pc.XArray()
        >>> xa.store(1, 7)
        >>> [size for _, size in xa.pool.ranges()]
        [65536]
        """
        cdef chunk_t* chunk = self.pool.chunks
        found = []
        while chunk is not NULL:
            found.append((<size_t>chunk.start, chunk.size))
            chunk = chunk.older
        return found
