"""Splitting one entry into smaller ones that hold the same.

An order-9 entry split into order 7 stays in its node: of its 8 slots every second becomes
canonical.  Into order 3 each of the 8 slots gets a child of 64 slots, filled with 8 entries:

    before, shift 6    slot:  8      9    10   ...  15
                              entry  s8   s8        s8
    after              slot:  node   node node      node
    in each, shift 0   slot:  0      1    ...  7    8      9   ...
                              entry  s0        s0   entry  s8

All children are made before the first is put in, so a split that fails for lack of memory has
changed nothing.  One that would need children of children is refused, since its order is more than
one level below: with EINVAL, where Linux since 6.14 says ENOMEM.  Before that an order-12 entry was
split into pieces of the wrong order; here it is refused whatever kernel the array is like.
"""

from libc.stdint cimport uint64_t

from pagecache.xarray.entry cimport entry_t
from pagecache.xarray.walk cimport xarray_t


cdef int xa_split(xarray_t* xa, uint64_t index, unsigned int order) noexcept nogil
cdef int xa_try_split(xarray_t* xa, uint64_t index, unsigned int order) noexcept nogil
