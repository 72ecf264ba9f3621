"""The example of a design in C, compiled into a module as the package's own designs are.

What a shared object costs is held against this: the same functions, called from a method each.
"""

from libc.stdint cimport uint64_t

from pagecache.designs.c_design cimport c_file_t, c_page_t
from pagecache.designs.contract cimport PageIndex
from pagecache.page.frames cimport Frames

cdef extern from "sorted_array.c":
    void* c_create "create"(c_file_t* file) noexcept nogil
    void c_destroy "destroy"(void* self) noexcept nogil
    void c_set_limit "set_limit"(void* self, uint64_t bytes) noexcept nogil
    uint64_t c_load "load"(void* self, uint64_t index) noexcept nogil
    uint64_t c_get "get"(void* self, uint64_t index) noexcept nogil
    int c_insert "insert"(void* self, uint64_t index, unsigned int order, uint64_t pfn) noexcept nogil
    uint64_t c_remove "remove_folio"(void* self, uint64_t index) noexcept nogil
    int c_next_folio "next_folio"(void* self, uint64_t* index) noexcept nogil
    uint64_t c_truncate "truncate_all"(void* self) noexcept nogil
    uint64_t c_nodes "nodes"(void* self) noexcept nogil
    uint64_t c_index_bytes "index_bytes"(void* self) noexcept nogil


cdef class Inside(PageIndex):
    cdef void* state
    cdef c_file_t file

    def __cinit__(self, Frames frames not None, *args, **options):
        self.file.base, self.file.frames = <c_page_t*>frames.base, frames.count
        self.file.mapping, self.file.pages = <void*>self, &self.pages
        self.file.huge_order, self.file.backed = self.huge_order, frames.backed
        self.state = c_create(&self.file)
        if self.state is NULL:
            raise MemoryError("create() gave no index")

    def __dealloc__(self):
        c_destroy(self.state)

    cdef uint64_t load(self, uint64_t index) noexcept nogil:
        return c_load(self.state, index)

    cdef uint64_t get(self, uint64_t index) noexcept nogil:
        return c_get(self.state, index)

    cdef int insert(self, uint64_t index, unsigned int order, uint64_t pfn) noexcept nogil:
        return c_insert(self.state, index, order, pfn)

    cdef uint64_t remove(self, uint64_t index) noexcept nogil:
        return c_remove(self.state, index)

    cdef int next_folio(self, uint64_t* index) noexcept nogil:
        return c_next_folio(self.state, index)

    cdef uint64_t truncate(self) noexcept nogil:
        return c_truncate(self.state)

    def set_limit(self, uint64_t limit):
        c_set_limit(self.state, limit)

    @property
    def nodes(self):
        return c_nodes(self.state)

    @property
    def index_bytes(self):
        return c_index_bytes(self.state)
