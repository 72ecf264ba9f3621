"""Entries that are frame numbers."""

from libc.stdint cimport uint64_t

from pagecache.designs.multi_entry cimport MultiEntry
from pagecache.xarray.entry cimport entry_t
from pagecache.page.frames cimport page_t


cdef class PfnEntry(MultiEntry):
    cdef page_t* get_head(self, uint64_t index) noexcept nogil
    cdef void refer(self, page_t* head, uint64_t index, unsigned int order) noexcept nogil
    cdef uint64_t put_entry(self, uint64_t index, entry_t entry) noexcept nogil
    cdef int split_step(self, uint64_t index, unsigned int has, unsigned int order) noexcept nogil
