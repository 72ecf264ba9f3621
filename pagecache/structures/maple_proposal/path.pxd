"""A lookup in the proposal's tree that writes down what it reads: for pictures.

`between` is called once, when the walk stands in the leaf and has not read the slot: what a writer
does under the reader.  A reader in a node that was taken out finds it dead and begins again.
"""

from libc.stdint cimport uint64_t

from pagecache.structures.maple_proposal.node cimport marked_tree


cdef object walk_through(marked_tree* tree, uint64_t index, object between, object naming)
