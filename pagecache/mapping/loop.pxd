"""Operations on mappings in a compiled loop."""

from libc.stdint cimport uint64_t

from pagecache.mapping.core cimport Core


cdef int operate(
    Core m, unsigned int op, uint64_t index, uint64_t count, uint64_t* total) noexcept nogil
