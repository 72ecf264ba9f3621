"""What every design of a page-cache index answers, and the loops that ask.

A `PageIndex` is the index of one file.  Its methods are *events*, what one consumer does once,
and each returns a number that proves the work was done: the sum of the numbers of the frames
found.  A `Batch` holds the indexes of one or many files and runs an event over arrays, one
virtual call each.
"""

from libc.stdint cimport uint8_t, uint32_t, uint64_t


cdef class PageIndex:
    cdef uint64_t get(self, uint64_t index) noexcept nogil
    cdef uint64_t load(self, uint64_t index) noexcept nogil
    cdef uint64_t read(self, uint64_t index, uint64_t count) noexcept nogil
    cdef uint64_t huge_fault(self, uint64_t huge_index) noexcept nogil
    cdef int insert(self, uint64_t index, unsigned int order, uint64_t pfn) noexcept nogil
    cdef int next_folio(self, uint64_t* index) noexcept nogil
    cdef uint64_t remove(self, uint64_t index) noexcept nogil
    cdef uint64_t mark(self, uint64_t index) noexcept nogil
    cdef uint64_t scan(self) noexcept nogil
    cdef uint64_t truncate(self) noexcept nogil


cdef class NullIndex(PageIndex):
    pass


cdef class Batch:
    cdef list indexes
    cdef void** table
    cdef uint64_t zero
    cdef char* source
    cdef char* target
    cdef uint64_t copies
    cdef bint struct_pages
    cdef uint64_t checked(self, const uint32_t[::1] file, const uint64_t[::1] index,
                          bint touching=*) except? 0
    cdef int check_struct_pages(self) except -1


cdef int raise_insert(int failed, uint64_t index, unsigned int order, uint64_t pfn) except -1
