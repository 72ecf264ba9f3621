"""Single calls of the radix tree in compiled loops: for benchmarks and large fills."""

from libc.stdint cimport uint64_t

from pagecache.structures.radix.entry cimport NULL_ENTRY, entry_t, mk_exceptional
from pagecache.structures.radix.iterate cimport ANY_TAG, iter_init, radix_iter, radix_next
from pagecache.structures.radix.preload cimport preload_for, radix_preload
from pagecache.structures.radix.radix cimport (
    RadixTree,
    radix_delete,
    radix_insert,
    radix_lookup,
)


def load_each(RadixTree tree not None, const uint64_t[::1] indices):
    """`radix_lookup` at each index; the sum of the words, modulo 2**64."""
    cdef Py_ssize_t k
    cdef uint64_t total = 0
    with nogil:
        for k in range(indices.shape[0]):
            total += radix_lookup(&tree.root, indices[k])
    return total


def load_chained(RadixTree tree not None, const uint64_t[::1] indices, uint64_t zero=0):
    """The same where each index waits for the last answer: `zero` of it is added."""
    cdef Py_ssize_t k
    cdef uint64_t total = 0
    cdef entry_t entry = 0
    with nogil:
        for k in range(indices.shape[0]):
            entry = radix_lookup(&tree.root, indices[k] + (entry & zero))
            total += entry
    return total


def store_each(RadixTree tree not None, const uint64_t[::1] indices, unsigned int order=0):
    """Preload, then `radix_insert` of the index itself, at each index; how many went in."""
    cdef Py_ssize_t k, stored = 0
    cdef unsigned int spare = preload_for(0)
    with nogil:
        for k in range(indices.shape[0]):
            if tree.root.nr_spare < spare and radix_preload(&tree.root, spare):
                break
            if radix_insert(&tree.root, indices[k], order, mk_exceptional(indices[k])):
                break
            stored += 1
    return stored


def erase_each(RadixTree tree not None, const uint64_t[::1] indices):
    """`radix_delete` at each index; how many held something."""
    cdef Py_ssize_t k, erased = 0
    with nogil:
        for k in range(indices.shape[0]):
            erased += radix_delete(&tree.root, indices[k]) != NULL_ENTRY
    return erased


def iterate(RadixTree tree not None):
    """Visit all entries in order; how many."""
    cdef radix_iter walk
    cdef uint64_t seen = 0
    with nogil:
        iter_init(&walk, &tree.root, 0, ANY_TAG)
        while radix_next(&walk) != NULL_ENTRY:
            seen += 1
    return seen
