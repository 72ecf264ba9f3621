"""Spare nodes, taken while sleeping is allowed, for a store that must not fail under the lock.

4.19 keeps them a CPU; this keeps them a root.  A store takes from the pool first, so that a cgroup
is charged, and from the spare nodes only if that fails.  How many are enough:

    one insertion of order 0            21 = 2 x 11 - 1: a way down to the leaf, and growing as high
    2^k insertions of order 0 in a row  11 + (11 - h) - 1 + t full trees of height h, where 2^k is
                                        t x 64^h and t at most 64; for a huge page, k = 9: 28
"""

from pagecache.structures.radix.node cimport radix_root

cdef int radix_preload(radix_root* root, unsigned int nodes) noexcept nogil
cdef void drop_spare(radix_root* root) noexcept nogil
cdef unsigned int preload_for(unsigned int order) noexcept nogil
