"""Truncating, punching holes, and the splits that they take."""

from libc.stdint cimport uint64_t

from pagecache.mapping.core cimport Core


cdef int truncate_to(Core m, uint64_t size) noexcept nogil
cdef int punch(Core m, uint64_t position, uint64_t end) noexcept nogil
cdef void drop_range(Core m, uint64_t first, uint64_t last, bint at_end) noexcept nogil
