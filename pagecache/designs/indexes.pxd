"""The indexes of one or many files, as loops over arrays name them: by position."""

from libc.stdint cimport uint32_t, uint64_t

from pagecache.designs.contract cimport pair_t, verb_t


cdef class Indexes:
    cdef list indexes
    cdef void** table  # of PageIndex, borrowed from the list
    cdef pair_t* calls  # of each verb, one a file
    cdef uint32_t files
    cdef bint backed  # the struct pages of all of them are
    cdef uint64_t checked(self, const uint32_t[::1] file, const uint64_t[::1] index,
                          bint touching=*) except? 0
    cdef int check_backed(self) except -1
    cdef const pair_t* pairs(self, verb_t verb) noexcept nogil
