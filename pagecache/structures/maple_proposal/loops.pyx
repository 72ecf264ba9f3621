"""Single calls of the proposal in compiled loops: for benchmarks and large fills."""

from libc.stdint cimport uint64_t

from pagecache.structures.maple_proposal.iterate cimport iter_init, marked_iter, marked_next
from pagecache.structures.maple_proposal.node cimport word_t
from pagecache.structures.maple_proposal.proposal cimport (
    ProposalTree,
    marked_erase,
    marked_insert,
    marked_load,
)


def load_each(ProposalTree tree not None, const uint64_t[::1] indices):
    """`marked_load` at each index; the sum of the words, modulo 2**64."""
    cdef Py_ssize_t k
    cdef uint64_t total = 0
    with nogil:
        for k in range(indices.shape[0]):
            total += marked_load(&tree.tree, indices[k])
    return total


def load_chained(ProposalTree tree not None, const uint64_t[::1] indices, uint64_t zero=0):
    """The same where each index waits for the last answer: `zero` of it is added."""
    cdef Py_ssize_t k
    cdef uint64_t total = 0
    cdef word_t entry = 0
    with nogil:
        for k in range(indices.shape[0]):
            entry = marked_load(&tree.tree, indices[k] + (entry & zero))
            total += entry
    return total


def store_each(ProposalTree tree not None, const uint64_t[::1] indices, unsigned int order=0):
    """`marked_insert` of the index itself over 2**order indices from each on; how many went in."""
    cdef Py_ssize_t k, stored = 0
    cdef uint64_t rest = (<uint64_t>1 << order) - 1
    with nogil:
        for k in range(indices.shape[0]):
            if marked_insert(&tree.tree, indices[k], indices[k] + rest, indices[k] << 1 | 1):
                break
            stored += 1
    return stored


def erase_each(ProposalTree tree not None, const uint64_t[::1] indices):
    """`marked_erase` at each index; how many held something, up to the first that failed."""
    cdef Py_ssize_t k, erased = 0
    cdef word_t old = 0
    with nogil:
        for k in range(indices.shape[0]):
            if marked_erase(&tree.tree, indices[k], &old):
                break
            erased += old != 0
    return erased


def iterate(ProposalTree tree not None):
    """Visit all entries in order; how many."""
    cdef marked_iter walk
    cdef uint64_t seen = 0
    with nogil:
        iter_init(&walk, &tree.tree, 0)
        while marked_next(&walk):
            seen += 1
    return seen
