"""One entry over any range, and nodes made for a range beforehand.

A range that is no power of two is stored as few runs of slots as fit: from 10 on, 150 indices are

    leaf of 0 .. 63       slots 10 .. 63     54 of them
    node above            slot 1             64
    leaf of 128 .. 191    slots 0 .. 31      32
"""

from libc.stdint cimport uint64_t

from pagecache.xarray.entry cimport entry_t
from pagecache.xarray.node cimport xa_node
from pagecache.xarray.walk cimport xa_state, xarray_t


cdef entry_t xa_store_range(xarray_t* xa, uint64_t first, uint64_t last, entry_t entry) noexcept nogil
cdef void xas_create_range(xa_state* xas) noexcept nogil
