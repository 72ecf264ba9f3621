"""A lookup that writes down what it reads: the same walk as `xa_load`, slow, for pictures.

*Between.*  Readers take no lock, and a writer may free a node that one of them stands in.  To show
what then happens, `between` is called once, when the walk stands in the node that holds what it
looks for and has not read the slot: it may store, erase and free as it likes.  Freed nodes keep
their memory while the pool lives; slots that were in use say retry, and the walk begins again.
"""

from libc.stdint cimport uint64_t

from pagecache.xarray.walk cimport xarray_t


cdef object walk_through(xarray_t* xa, uint64_t index, object between, object naming)
cdef list tree_nodes(xarray_t* xa, size_t most)
cdef object head_slot(xarray_t* xa)
