"""The walk of a lookup as a design in C tells it, step by step: `walk` of `pagecache_design.h`.

    walk(self, index, to) --> to->node(to, "array", ...), to->read(to, &slot, "the middle")
                                |
    teller_t: the three functions of the header, and the `Telling` that they write to

The functions are called by the shared object and may not raise: what goes wrong in one is kept, and
raised when the walk has returned.
"""

from libc.stdint cimport uint32_t, uint64_t


cdef extern from "pagecache_design.h":
    enum:
        PAGECACHE_NOTHING
        PAGECACHE_NODE
        PAGECACHE_ENTRY
        PAGECACHE_SIBLING
        PAGECACHE_OTHER

    ctypedef struct c_slot_t "struct pagecache_slot":
        uint64_t number
        uint64_t first
        uint64_t last
        uint64_t value
        uint32_t kind

    ctypedef struct c_walk_t "struct pagecache_walk":
        void (*node)(c_walk_t* walk, const char* name, uint64_t first, uint64_t last,
                     uint64_t slots) noexcept nogil
        void (*has)(c_walk_t* walk, const c_slot_t* slot) noexcept nogil
        void (*read)(c_walk_t* walk, const c_slot_t* slot, const char* how) noexcept nogil


cdef struct teller_t:
    c_walk_t calls  # at its beginning: what the shared object is given
    void* telling  # a `Telling`, which whoever made this holds


cdef void tell_to(teller_t* teller, object telling) noexcept
