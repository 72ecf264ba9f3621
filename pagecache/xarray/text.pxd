"""The tree as text, its sizes, and the walk of one lookup as a picture.

The text has the head with the array's marks, then each node, depth first:

    H n m000; N 0 6 c8 v0 m0,0,0 0=p1 1=s0 2=s0 3=s0 4=s0 5=s0 6=s0 7=s0;

that is first index (hex), shift, count, nr_values, the three mark bitmaps (hex), the filled slots.

*Walks.*  `walk_through` is the same walk as `xa_load`, slow, and writes down what it reads.  Readers
take no lock, and a writer may free a node that one of them stands in.  To show what then happens,
`between` is called once, when the walk stands in the node that holds what it looks for and has not
read the slot: it may store, erase and free as it likes.  Freed nodes keep their memory while the
pool lives; slots that were in use say retry, and the walk begins again.
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
cdef object walk_through(xarray_t* xa, uint64_t index, object between, object naming)
cdef list tree_nodes(xarray_t* xa, size_t most)
cdef object head_slot(xarray_t* xa)
