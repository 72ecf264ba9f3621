"""Passes over a range: entries into arrays, and marks set or cleared as whole bitmaps.

Both work on a node at a time.  The slots of an order-9 folio show how: marks are set from the last
slot back, since a sibling says at once where its entry begins,

    slot    8      9    10   ...  15      16     17   ...  23
            entry  s8   s8        s8  <-  entry  s16       s16  <-  from here

and the 64 bits of the node's bitmap are written in one go.
"""

from libc.stdint cimport uint64_t

from pagecache.xarray.entry cimport entry_t
from pagecache.xarray.walk cimport xa_state, xarray_t


cdef size_t xas_extract(
    xa_state* xas, uint64_t last, unsigned int filter, uint64_t* index, entry_t* entries,
    size_t limit) noexcept nogil
cdef size_t xa_extract_numbers(
    xarray_t* xa, uint64_t first, uint64_t last, unsigned int filter, uint64_t* index,
    uint64_t* out, size_t limit) noexcept nogil
cdef void xa_mark_range(
    xarray_t* xa, uint64_t first, uint64_t last, unsigned int mark, bint on) noexcept nogil
