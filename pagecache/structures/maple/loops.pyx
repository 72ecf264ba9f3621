"""Single calls of the maple tree in compiled loops: for benchmarks and large fills."""

from libc.stdint cimport uint64_t

from pagecache.structures.maple.iterate cimport iter_init, maple_iter, maple_next
from pagecache.structures.maple.maple cimport MapleTree, maple_erase, maple_load, maple_store
from pagecache.structures.maple.node cimport mk_value, word_t


def load_each(MapleTree tree not None, const uint64_t[::1] indices):
    """`maple_load` at each index; the sum of the words, modulo 2**64."""
    cdef Py_ssize_t k
    cdef uint64_t total = 0
    with nogil:
        for k in range(indices.shape[0]):
            total += maple_load(&tree.tree, indices[k])
    return total


def load_chained(MapleTree tree not None, const uint64_t[::1] indices, uint64_t zero=0):
    """The same where each index waits for the last answer: `zero` of it is added."""
    cdef Py_ssize_t k
    cdef uint64_t total = 0
    cdef word_t entry = 0
    with nogil:
        for k in range(indices.shape[0]):
            entry = maple_load(&tree.tree, indices[k] + (entry & zero))
            total += entry
    return total


def store_each(MapleTree tree not None, const uint64_t[::1] indices, unsigned int order=0):
    """`maple_store` of the index itself over 2**order indices from each on; how many went in."""
    cdef Py_ssize_t k, stored = 0
    cdef uint64_t rest = (<uint64_t>1 << order) - 1
    with nogil:
        for k in range(indices.shape[0]):
            if maple_store(&tree.tree, indices[k], indices[k] + rest, mk_value(indices[k])):
                break
            stored += 1
    return stored


def erase_each(MapleTree tree not None, const uint64_t[::1] indices):
    """`maple_erase` at each index; how many held something, up to the first that failed."""
    cdef Py_ssize_t k, erased = 0
    cdef word_t old = 0
    with nogil:
        for k in range(indices.shape[0]):
            if maple_erase(&tree.tree, indices[k], &old):
                break
            erased += old != 0
    return erased


def iterate(MapleTree tree not None):
    """Visit all entries in order; how many."""
    cdef maple_iter walk
    cdef uint64_t seen = 0
    with nogil:
        iter_init(&walk, &tree.tree, 0)
        while maple_next(&walk):
            seen += 1
    return seen
