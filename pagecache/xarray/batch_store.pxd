"""Many stores, or erasures, at once: the same results as the single calls, one by one.

A block of indices first goes down to the nodes that their entries belong into, all together, so
that the cache misses overlap.  What then finds its node, and nothing there but whole entries of
its own kind, is written without a walk.  All else (a node is missing, a larger entry is in the
way, marks are to be cleared) takes the single call, and the node that it made or met serves those
that follow.

    store 4660, 4661, 70      nodes found: leaf of 4608, leaf of 4608, none
    4660, 4661                two slots of one leaf, written without a walk
    70                        the single call makes the leaf of 64
"""

from libc.stdint cimport uint64_t

from pagecache.xarray.entry cimport entry_t
from pagecache.xarray.walk cimport xarray_t


cdef size_t xa_store_many(
    xarray_t* xa, const uint64_t* index, const entry_t* entries, size_t n,
    unsigned int order) noexcept nogil
cdef size_t xa_store_numbers(
    xarray_t* xa, const uint64_t* index, const uint64_t* values, size_t n,
    unsigned int order) noexcept nogil
cdef void xa_erase_many(xarray_t* xa, const uint64_t* index, size_t n) noexcept nogil
