"""The tree as text, and its sizes.

The text has the head with the array's marks, then each node, depth first:

    H n m000; N 0 6 c8 v0 m0,0,0 0=p1 1=s0 2=s0 3=s0 4=s0 5=s0 6=s0 7=s0;

that is first index (hex), shift, count, nr_values, the three mark bitmaps (hex), the filled slots.
"""

from libc.stdint cimport uint64_t

from pagecache.xarray.entry cimport entry_t
from pagecache.xarray.walk cimport xarray_t


cdef str entry_text(entry_t entry)
cdef str array_text(xarray_t* xa)
cdef uint64_t count_nodes(const xarray_t* xa) noexcept nogil
cdef uint64_t count_slots(const xarray_t* xa) noexcept nogil
cdef unsigned int tree_height(const xarray_t* xa) noexcept nogil
cdef entry_t raw_slot(xarray_t* xa, uint64_t index) noexcept nogil
