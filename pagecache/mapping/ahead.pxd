"""What the next operations will look at, fetched into the caches together: their misses overlap.

    slots           walked to from the head, and fetched, for some operations
    struct pages    that these slots name, fetched
    then            the operations themselves, which find both

Where an index and its struct pages are larger than the caches, most of an operation is spent in two
misses, one after the other.  No kernel does this, so whoever measures an operation leaves it out.
Nothing is changed, and nothing is relied on: a slot of the wrong unit costs a fetch and no more.
"""

from libc.stdint cimport uint32_t, uint64_t

cdef enum:
    AHEAD = 16  # operations: as many misses as a core has on their way at a time


cdef void fetch_ahead(
    void** mappings, const uint32_t* file, const uint64_t* index, Py_ssize_t n) noexcept nogil
