"""What is in a mapping, for Python: nothing is changed by looking."""

from libc.stdint cimport uint64_t

from pagecache.mapping.core cimport Core
from pagecache.mapping.readable cimport Readable
from pagecache.page.frames cimport page_t


cdef class View(Readable):
    pass


cdef list list_entries(Core m)
cdef object contents(Core m, uint64_t first, uint64_t pages)
cdef int check(Core m) except -1
cdef page_t* head_of(Core m, uint64_t frame) except NULL
