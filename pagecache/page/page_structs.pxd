"""The C structs of the layouts: written by tools/make_page_structs.py, not by hand.

Each is a union of 64 bytes; a member stands at its field's offset.  A `_traced` struct is the
same in C; the accessors of struct_pages.pxd are compiled for it once more, with a count of the
lines that they touch.
"""

from libc.stdint cimport int32_t, uint8_t, uint32_t, uint64_t


cdef extern from *:
    """
    #include <stddef.h>
    #include <stdint.h>
    typedef union {
        char record[64];
        struct { uint64_t flags; };
        struct { char before_refcount[28]; int32_t refcount; };
        struct { char before_mapping[8]; void* mapping; };
        struct { char before_index[16]; uint64_t index; };
        struct { char before_mapcount[24]; int32_t mapcount; };
        struct { char before_compound_mapcount[8]; int32_t compound_mapcount; };
        struct { char before_compound_head[32]; uint64_t compound_head; };
        struct { char before_order[44]; uint32_t order; };
    } pc_before_2018_t;
    _Static_assert(sizeof(pc_before_2018_t) == 64, "a record is 64 bytes");
    _Static_assert(offsetof(pc_before_2018_t, flags) == 0, "flags");
    _Static_assert(offsetof(pc_before_2018_t, refcount) == 28, "refcount");
    _Static_assert(offsetof(pc_before_2018_t, mapping) == 8, "mapping");
    _Static_assert(offsetof(pc_before_2018_t, index) == 16, "index");
    _Static_assert(offsetof(pc_before_2018_t, mapcount) == 24, "mapcount");
    _Static_assert(offsetof(pc_before_2018_t, compound_mapcount) == 8, "compound_mapcount");
    _Static_assert(offsetof(pc_before_2018_t, compound_head) == 32, "compound_head");
    _Static_assert(offsetof(pc_before_2018_t, order) == 44, "order");
    typedef union {
        char record[64];
        struct { uint64_t flags; };
        struct { char before_refcount[52]; int32_t refcount; };
        struct { char before_mapping[24]; void* mapping; };
        struct { char before_index[32]; uint64_t index; };
        struct { char before_mapcount[48]; int32_t mapcount; };
        struct { char before_compound_head[8]; uint64_t compound_head; };
        struct { char before_order[17]; uint8_t order; };
        struct { char before_compound_mapcount[20]; int32_t compound_mapcount; };
    } pc_after_2018_t;
    _Static_assert(sizeof(pc_after_2018_t) == 64, "a record is 64 bytes");
    _Static_assert(offsetof(pc_after_2018_t, flags) == 0, "flags");
    _Static_assert(offsetof(pc_after_2018_t, refcount) == 52, "refcount");
    _Static_assert(offsetof(pc_after_2018_t, mapping) == 24, "mapping");
    _Static_assert(offsetof(pc_after_2018_t, index) == 32, "index");
    _Static_assert(offsetof(pc_after_2018_t, mapcount) == 48, "mapcount");
    _Static_assert(offsetof(pc_after_2018_t, compound_head) == 8, "compound_head");
    _Static_assert(offsetof(pc_after_2018_t, order) == 17, "order");
    _Static_assert(offsetof(pc_after_2018_t, compound_mapcount) == 20, "compound_mapcount");
    typedef union {
        char record[64];
        struct { uint64_t flags; };
        struct { char before_refcount[52]; int32_t refcount; };
        struct { char before_mapping[24]; void* mapping; };
        struct { char before_index[32]; uint64_t index; };
        struct { char before_mapcount[48]; int32_t mapcount; };
        struct { char before_compound_head[8]; uint64_t compound_head; };
        struct { char before_order[17]; uint8_t order; };
        struct { char before_compound_mapcount[20]; int32_t compound_mapcount; };
    } pc_folio_t;
    _Static_assert(sizeof(pc_folio_t) == 64, "a record is 64 bytes");
    _Static_assert(offsetof(pc_folio_t, flags) == 0, "flags");
    _Static_assert(offsetof(pc_folio_t, refcount) == 52, "refcount");
    _Static_assert(offsetof(pc_folio_t, mapping) == 24, "mapping");
    _Static_assert(offsetof(pc_folio_t, index) == 32, "index");
    _Static_assert(offsetof(pc_folio_t, mapcount) == 48, "mapcount");
    _Static_assert(offsetof(pc_folio_t, compound_head) == 8, "compound_head");
    _Static_assert(offsetof(pc_folio_t, order) == 17, "order");
    _Static_assert(offsetof(pc_folio_t, compound_mapcount) == 20, "compound_mapcount");
    """
    ctypedef struct before_2018_t "pc_before_2018_t":
        uint64_t flags
        int32_t refcount
        void* mapping
        uint64_t index
        int32_t mapcount
        int32_t compound_mapcount
        uint64_t compound_head
        uint32_t order
    ctypedef struct after_2018_t "pc_after_2018_t":
        uint64_t flags
        int32_t refcount
        void* mapping
        uint64_t index
        int32_t mapcount
        uint64_t compound_head
        uint8_t order
        int32_t compound_mapcount
    ctypedef struct folio_t "pc_folio_t":
        uint64_t flags
        int32_t refcount
        void* mapping
        uint64_t index
        int32_t mapcount
        uint64_t compound_head
        uint8_t order
        int32_t compound_mapcount
    ctypedef struct before_2018_traced_t "pc_before_2018_t":
        uint64_t flags
        int32_t refcount
        void* mapping
        uint64_t index
        int32_t mapcount
        int32_t compound_mapcount
        uint64_t compound_head
        uint32_t order
    ctypedef struct after_2018_traced_t "pc_after_2018_t":
        uint64_t flags
        int32_t refcount
        void* mapping
        uint64_t index
        int32_t mapcount
        uint64_t compound_head
        uint8_t order
        int32_t compound_mapcount
    ctypedef struct folio_traced_t "pc_folio_t":
        uint64_t flags
        int32_t refcount
        void* mapping
        uint64_t index
        int32_t mapcount
        uint64_t compound_head
        uint8_t order
        int32_t compound_mapcount


ctypedef fused record_t:
    before_2018_t
    after_2018_t
    folio_t
    before_2018_traced_t
    after_2018_traced_t
    folio_traced_t

ctypedef fused traced_t:
    before_2018_traced_t
    after_2018_traced_t
    folio_traced_t
