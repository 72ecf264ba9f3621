"""Many lookups at once: the same results as the single calls, one by one, in less time.

Indices that lie in one leaf take one walk.  Others go down the tree together, a level at a time,
each fetching the slot of the next level before the others are looked at: their cache misses
overlap.  The shift is counted down from the top node's, so that no node's first line is read.

    level          index 4660          index 70              index 9000
    shift 12       slot 1 -> fetch     slot 0 -> fetch       slot 2 -> fetch
    shift 6        slot 8 -> fetch     slot 1 -> fetch       slot 12: an entry of order 6
    shift 0        slot 52             slot 6

What all batches share is here too.
"""

from libc.stdint cimport uint64_t

from pagecache.xarray.entry cimport entry_t
from pagecache.xarray.walk cimport xarray_t


cdef extern from *:
    void prefetch "__builtin_prefetch"(const void* address) noexcept nogil

cdef enum:
    BLOCK = 32  # indices that go down together: enough to fill a core's outstanding misses
    PART = 512  # entries that are turned into numbers while they are in the first cache


cdef inline bint in_one_node(
        const xarray_t* xa, const uint64_t* index, size_t n, unsigned int level) noexcept nogil:
    """Do these indices differ in no more than their offsets in one node of shift `level`?"""
    cdef uint64_t apart = index[0] ^ index[n - 1]
    cdef size_t k
    if apart >> level >> xa.chunk_shift:
        return False  # the usual answer to random ones
    for k in range(n):
        apart |= index[k] ^ index[0]
    return apart >> level >> xa.chunk_shift == 0


cdef void xa_load_many(
    const xarray_t* xa, const uint64_t* index, entry_t* out, size_t n) noexcept nogil
cdef void xa_load_numbers(
    const xarray_t* xa, const uint64_t* index, uint64_t* out, size_t n, uint64_t default) noexcept nogil
