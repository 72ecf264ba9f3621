"""Frame numbers in place of pointers: one folio in the indexes of many files.

    file A, order 9 at 512     value  frame 4096      one folio of order 9 at frame 4096,
    file B, order 9 at 512     value  frame 4096      1,024 references
    B after a write to 600     .. frame 4160 (order 3) | own page | frame 4185 ..

From the number to the struct page is arithmetic.  What is lost is that a struct page names its
file: many have it.  So an entry may cover part of a folio, its references are counted entry by
entry, and no lookup can check whether the page is still this file's.
"""

from libc.stdint cimport uint64_t

from pagecache.designs.multi_entry cimport MultiEntry
from pagecache.xarray.entry cimport entry_t
from pagecache.page.frames cimport page_t


cdef class PfnEntry(MultiEntry):
    cdef page_t* get_head(self, uint64_t index) noexcept nogil
    cdef void refer(self, page_t* head, uint64_t index, unsigned int order) noexcept nogil
    cdef uint64_t put_entry(self, uint64_t index, entry_t entry) noexcept nogil
    cdef int split_step(self, uint64_t index, unsigned int has, unsigned int order) noexcept nogil
