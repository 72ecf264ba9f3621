"""Slots taken out of nodes, in order, and put into new ones.

    leaf   pivots:  9   14   15   end        list   last:  9   11   12   14   15   end
           slots:   e   -    e    -   +  store 12 -->      e   -    new  -    e    -

A change is worked out on such a list, each slot with its last index; where it begins follows from
the one before.  A list can hold what two full nodes and a store between them come to: 33.
"""

from libc.stdint cimport uint64_t

from pagecache.structures.maple.node cimport maple_node, word_t


cdef enum:
    MOST = 40


cdef struct maple_list:
    unsigned int n
    uint64_t last[MOST]
    word_t slot[MOST]


cdef inline void list_add(maple_list* items, uint64_t last, word_t slot) noexcept nogil:
    items.last[items.n], items.slot[items.n] = last, slot
    items.n += 1


cdef void list_take(maple_list* items, const maple_node* node, unsigned int first, unsigned int end,
                    uint64_t node_end) noexcept nogil
cdef void list_put(const maple_list* items, unsigned int first, unsigned int end,
                   maple_node* node) noexcept nogil
cdef void list_join(maple_list* items, const maple_list* more) noexcept nogil
cdef unsigned int avoid_null(const maple_list* items, unsigned int cut, unsigned int end) noexcept nogil
