"""Single calls of the trie in compiled loops: for benchmarks and large fills."""

from libc.stdint cimport uint64_t

from pagecache.structures.pctrie.pctrie cimport PcTrie, trie_record
from pagecache.structures.pctrie.trie cimport trie_after, trie_lookup, trie_next, trie_node


def load_each(PcTrie trie not None, const uint64_t[::1] indices):
    """`trie_lookup` at each index; the sum of the values, modulo 2**64."""
    cdef Py_ssize_t k
    cdef uint64_t total = 0
    cdef uint64_t* key
    with nogil:
        for k in range(indices.shape[0]):
            key = trie_lookup(&trie.root, indices[k])
            total += 0 if key is NULL else (<trie_record*>key).value
    return total


def load_chained(PcTrie trie not None, const uint64_t[::1] indices, uint64_t zero=0):
    """The same where each index waits for the last answer: `zero` of it is added."""
    cdef Py_ssize_t k
    cdef uint64_t total = 0, value = 0
    cdef uint64_t* key
    with nogil:
        for k in range(indices.shape[0]):
            key = trie_lookup(&trie.root, indices[k] + (value & zero))
            value = 0 if key is NULL else (<trie_record*>key).value
            total += value
    return total


def store_each(PcTrie trie not None, const uint64_t[::1] indices, unsigned int order=0):
    """`insert` of the index itself, at each index; how many went in.

    A leaf names one key, so a folio of any `order` is one too: it is found by its first index.
    """
    cdef Py_ssize_t k, stored = 0
    with nogil:
        for k in range(indices.shape[0]):
            if trie.put(indices[k], indices[k]):
                break
            stored += 1
    return stored


def erase_each(PcTrie trie not None, const uint64_t[::1] indices):
    """`delete` at each index; how many held something."""
    cdef Py_ssize_t k, erased = 0
    with nogil:
        for k in range(indices.shape[0]):
            erased += trie.drop(indices[k]) is not NULL
    return erased


def iterate(PcTrie trie not None):
    """Visit all keys in order; how many."""
    cdef trie_node* home
    cdef uint64_t* key
    cdef uint64_t seen = 0
    with nogil:
        key = trie_next(&trie.root, 0, &home)
        while key is not NULL:
            seen += 1
            key = trie_after(&trie.root, key[0], &home)
    return seen
