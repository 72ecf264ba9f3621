"""A lookup in a radix tree that writes down what it reads: for pictures.

`between` is called once, when the walk stands in the node that holds what it looks for and has not
read the slot: what a writer does under the reader.
"""

from libc.stdint cimport uint64_t

from pagecache.structures.radix.node cimport radix_root


cdef object walk_through(radix_root* root, uint64_t index, object between, object naming)
