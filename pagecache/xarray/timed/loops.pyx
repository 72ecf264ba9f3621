"""Single calls of the XArray in compiled loops, and the machine's own limits: for benchmarks.

Each loop makes the plain call once for every index, as Cython code would that has one index at a
time; the batches of `XArray` are another thing and measured apart.
"""

from libc.stdint cimport uint64_t

from pagecache.xarray.api cimport xa_erase, xa_store
from pagecache.xarray.entry cimport NULL_ENTRY, entry_t, is_error, mk_value
from pagecache.xarray.find cimport xas_find_marked, xas_next_entry
from pagecache.xarray.marks cimport xa_set_mark
from pagecache.xarray.walk cimport xa_load, xa_state, xas_init
from pagecache.xarray.xarray cimport XArray


def load_each(XArray xa not None, const uint64_t[::1] indices):
    """`xa_load` at each index; the sum of the words, modulo 2**64."""
    cdef Py_ssize_t k
    cdef uint64_t total = 0
    with nogil:
        for k in range(indices.shape[0]):
            total += xa_load(&xa.xa, indices[k])
    return total


def load_chained(XArray xa not None, const uint64_t[::1] indices, uint64_t zero=0):
    """The same where each index waits for the last answer: `zero` of it is added."""
    cdef Py_ssize_t k
    cdef uint64_t total = 0
    cdef entry_t entry = NULL_ENTRY
    with nogil:
        for k in range(indices.shape[0]):
            entry = xa_load(&xa.xa, indices[k] + (entry & zero))
            total += entry
    return total


def store_each(XArray xa not None, const uint64_t[::1] indices, unsigned int order=0):
    """`xa_store` of a value at each index: the index itself.  How many went in."""
    cdef Py_ssize_t k, stored = 0
    with nogil:
        for k in range(indices.shape[0]):
            if is_error(xa_store(&xa.xa, indices[k], order, mk_value(indices[k]))):
                break
            stored += 1
    return stored


def erase_each(XArray xa not None, const uint64_t[::1] indices):
    """`xa_erase` at each index; how many held something."""
    cdef Py_ssize_t k, erased = 0
    with nogil:
        for k in range(indices.shape[0]):
            erased += xa_erase(&xa.xa, indices[k]) != NULL_ENTRY
    return erased


def mark_each(XArray xa not None, const uint64_t[::1] indices, unsigned int mark=0):
    """`xa_set_mark` at each index."""
    cdef Py_ssize_t k
    if mark > 2:
        raise ValueError(f"mark {mark} must be 0, 1 or 2")
    with nogil:
        for k in range(indices.shape[0]):
            xa_set_mark(&xa.xa, indices[k], mark)


def iterate(XArray xa not None):
    """Visit all entries in order; how many."""
    cdef xa_state xas
    cdef uint64_t seen = 0
    with nogil:
        xas_init(&xas, &xa.xa, 0, 0)
        while xas_next_entry(&xas, ~<uint64_t>0) != NULL_ENTRY:
            seen += 1
    return seen


def iterate_marked(XArray xa not None, unsigned int mark=0):
    """Visit all entries that carry the mark; how many."""
    cdef xa_state xas
    cdef uint64_t seen = 0
    if mark > 2:
        raise ValueError(f"mark {mark} must be 0, 1 or 2")
    with nogil:
        xas_init(&xas, &xa.xa, 0, 0)
        while xas_find_marked(&xas, ~<uint64_t>0, mark) != NULL_ENTRY:
            seen += 1
    return seen


def chase(const uint64_t[::1] following, Py_ssize_t steps):
    """Go from element to element, each saying where the next is: the time of a dependent read."""
    cdef uint64_t at = 0, n = following.shape[0]
    if n == 0:
        raise ValueError("there must be an element to begin with")
    with nogil:
        while steps > 0 and at < n:
            at = following[at]
            steps -= 1
    if at >= n:
        raise IndexError(f"element {at} is none of the {n}")
    return at


def stream(const uint64_t[::1] words):
    """The sum of all elements, modulo 2**64: the time of reading memory in order."""
    cdef Py_ssize_t k
    cdef uint64_t total = 0
    with nogil:
        for k in range(words.shape[0]):
            total += words[k]
    return total


def gather(const uint64_t[::1] words, const uint64_t[::1] places):
    """The sum of the words at these places, modulo 2**64: the time of an independent read."""
    cdef Py_ssize_t k = 0
    cdef uint64_t total = 0, n = words.shape[0]
    with nogil:
        while k < places.shape[0] and places[k] < n:
            total += words[places[k]]
            k += 1
    if k < places.shape[0]:
        raise IndexError(f"place {places[k]} is none of the {n}")
    return total
