"""A pool of nodes of one size, cut from chunks (chunks.pxd).

    chunk 0 (64 KiB)        chunk 1 (doubles the pool)
    | node | node | ... |   | node | node | fresh ...  |
              ^                                            free --> node --> node --> NULL
              |_ handed out                                         linked through one word of each

A freed node keeps what it holds, except the word at `link`; which words a structure
must clear, it knows best.  A node that was never used is all zero.  The limit counts nodes that
are handed out, so that a test can make each allocation of an operation fail.

The XArray's own pool (xarray/node) does the same for nodes that clean themselves by their count.
"""

from libc.stdint cimport SIZE_MAX

from pagecache.chunks cimport chunk_t

cdef enum:
    RESERVE = 64  # nodes


cdef struct pool_t:
    size_t node_size
    size_t link  # the byte of a free node that holds the next one
    size_t nodes  # handed out and not yet back
    size_t limit  # refuse to hand out more than this
    void* free
    char* fresh  # the untouched rest of the newest chunk, up to `end`
    char* end
    chunk_t* chunks
    size_t mapped  # bytes of all chunks
    size_t first_chunk  # bytes of the first; later ones double the whole


cdef void* pool_grow(pool_t* pool) noexcept nogil
cdef void pool_destroy(pool_t* pool) noexcept nogil


cdef extern from *:
    void prefetch "__builtin_prefetch"(const void* address, int for_write) noexcept nogil


cdef inline void** pool_link(const pool_t* pool, void* node) noexcept nogil:
    return <void**>(<char*>node + pool.link)


cdef inline void* pool_alloc(pool_t* pool) noexcept nogil:
    """A node, or NULL at the limit or if memory ran out.  O(1).

    The one after it is asked for in advance, as a slab allocator does: the list lies in the nodes.
    """
    cdef void* node = pool.free
    if node is NULL or pool.nodes >= pool.limit:
        return pool_grow(pool)
    pool.free = pool_link(pool, node)[0]
    prefetch(pool.free, 1)
    pool.nodes += 1
    return node


cdef inline void pool_free(pool_t* pool, void* node) noexcept nogil:
    pool_link(pool, node)[0] = pool.free
    pool.free = node
    pool.nodes -= 1


cdef inline void pool_use_reserve(pool_t* pool) noexcept nogil:
    """Let a removal, which must not fail, have a few nodes more than the limit, or than there are."""
    cdef size_t most = pool.nodes if pool.nodes > pool.limit else pool.limit
    if pool.limit <= SIZE_MAX - RESERVE:
        pool.limit = most + RESERVE


cdef class Pool:
    cdef pool_t pool
