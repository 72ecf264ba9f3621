"""A design written in C, in a shared object of its own: `include/pagecache_design.h`.

    ./mine.so --> pagecache_design --> version, orders, create, load, insert, ...
                                          |
    CDesign: a PageIndex that holds what create() returned, and a pair_t of it for each verb

The verbs are the contract's.  A timed loop takes from the index the shared object's own function
and what `create` returned (`pair`), so it makes one indirect call an event, as for a design that
is compiled into the package; the methods below pass single calls on, for Python and for the
provided verbs, which a design may leave to the contract.

A shared object that does wrong can end the process that loads it.  So `c_library` describes one in
a process of its own, and it is measured in a worker; this module is for those who load it.
"""

from libc.stdint cimport int32_t, uint8_t, uint32_t, uint64_t

from pagecache.designs.c_walk cimport c_walk_t
from pagecache.designs.contract cimport PageIndex


cdef extern from "pagecache_design.h":
    enum:
        PAGECACHE_DESIGN_VERSION

    ctypedef struct c_page_t "struct pagecache_page":
        uint64_t flags
        uint64_t compound_head
        uint8_t order
        int32_t compound_mapcount
        void* mapping
        uint64_t index
        int32_t mapcount
        int32_t refcount

    ctypedef struct c_file_t "struct pagecache_file":
        c_page_t* base
        uint64_t frames
        void* mapping
        uint64_t* pages
        uint32_t huge_order
        uint32_t backed

    ctypedef struct c_design_t "struct pagecache_design":
        uint32_t version
        uint32_t flags
        uint64_t orders
        void* (*create)(c_file_t* file) noexcept nogil
        void (*destroy)(void* self) noexcept nogil
        void (*set_limit)(void* self, uint64_t bytes) noexcept nogil
        uint64_t (*load)(void* self, uint64_t index) noexcept nogil
        int (*insert)(void* self, uint64_t index, unsigned int order, uint64_t pfn) noexcept nogil
        uint64_t (*remove)(void* self, uint64_t index) noexcept nogil
        int (*next_folio)(void* self, uint64_t* index) noexcept nogil
        uint64_t (*nodes)(void* self) noexcept nogil
        uint64_t (*index_bytes)(void* self) noexcept nogil
        int (*is_empty)(void* self) noexcept nogil
        uint64_t (*get)(void* self, uint64_t index) noexcept nogil
        uint64_t (*read)(void* self, uint64_t index, uint64_t count) noexcept nogil
        uint64_t (*fault_around)(void* self, uint64_t index) noexcept nogil
        uint64_t (*huge_fault)(void* self, uint64_t huge_index) noexcept nogil
        uint64_t (*truncate)(void* self) noexcept nogil
        const char* (*check)(void* self) noexcept nogil
        uint64_t (*mark)(void* self, uint64_t index) noexcept nogil
        uint64_t (*scan)(void* self) noexcept nogil
        void (*walk)(void* self, uint64_t index, c_walk_t* walk) noexcept nogil  # of version 2


cdef class CDesign(PageIndex):
    cdef const c_design_t* design
    cdef void* state  # what `create` returned
    cdef c_file_t file
