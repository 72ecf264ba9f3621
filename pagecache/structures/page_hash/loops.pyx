"""Single calls of the page hash in compiled loops: for benchmarks and large fills."""

from libc.stdint cimport uint64_t

from pagecache.structures.page_hash.page_hash cimport PageHash, hash_record, record_of, record_order
from pagecache.structures.page_hash.table cimport hash_find, hashed_t
from pagecache.structures.pool cimport pool_free

cdef void* MAPPING = <void*>0x1000  # of the one file


def load_each(PageHash table not None, const uint64_t[::1] indices):
    """`hash_find` at each index; the sum of the values, modulo 2**64."""
    cdef Py_ssize_t k
    cdef uint64_t total = 0
    cdef hashed_t* entry
    with nogil:
        for k in range(indices.shape[0]):
            entry = hash_find(&table.table.table, MAPPING, indices[k], record_order)
            total += 0 if entry is NULL else record_of(entry).value
    return total


def load_chained(PageHash table not None, const uint64_t[::1] indices, uint64_t zero=0):
    """The same where each index waits for the last answer: `zero` of it is added."""
    cdef Py_ssize_t k
    cdef uint64_t total = 0, value = 0
    cdef hashed_t* entry
    with nogil:
        for k in range(indices.shape[0]):
            entry = hash_find(&table.table.table, MAPPING, indices[k] + (value & zero), record_order)
            value = 0 if entry is NULL else record_of(entry).value
            total += value
    return total


def store_each(PageHash table not None, const uint64_t[::1] indices, unsigned int order=0):
    """`insert` of the index itself, at each index; how many went in."""
    cdef Py_ssize_t k, stored = 0
    with nogil:
        for k in range(indices.shape[0]):
            if table.put(MAPPING, indices[k], indices[k], order):
                break
            stored += 1
    return stored


def erase_each(PageHash table not None, const uint64_t[::1] indices):
    """`delete` at each index; how many held something."""
    cdef Py_ssize_t k, erased = 0
    cdef hash_record* record
    with nogil:
        for k in range(indices.shape[0]):
            record = table.drop(MAPPING, indices[k])
            if record is not NULL:
                pool_free(&table.pool.pool, record)
                erased += 1
    return erased


def iterate(PageHash table not None):
    """Visit all entries, chain by chain; how many."""
    cdef uint64_t bucket, seen = 0
    cdef hashed_t* entry
    with nogil:
        for bucket in range(<uint64_t>1 << table.table.table.bits):
            entry = table.table.table.buckets[bucket]
            while entry is not NULL:
                seen += 1
                entry = entry.next
    return seen
