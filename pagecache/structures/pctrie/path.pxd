"""A lookup in a trie that writes down what it reads: for pictures.

`between` is called once, when the walk stands in the node whose child is a leaf and has not read
it: what a writer does under the reader.  A node that is freed keeps its children, so the reader
goes on, and the key in the record decides.
"""

from libc.stdint cimport uint64_t

from pagecache.structures.pctrie.trie cimport trie_root


cdef object walk_through(const trie_root* root, uint64_t index, object between, object naming)
