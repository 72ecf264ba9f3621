"""A leaf's entries as a list, holes left out, and how many leaves a list takes.

    leaf   27   38   511  1023  end       list   first-last:  28-28 ... 38-38  512-1023
           -    ...   -    e     -               word, marks

Single pages of one window stay together, as a *group*; an entry of more pages is a group of its own.
`pack` lays groups into leaves from the left, as many as go: into a dense leaf one window's group
alone, into a range leaf up to 15 slots, the holes between and beside them counted.  A leaf ends
where the window of its last page ends, so that pages of that window come to it.
"""

from libc.stdint cimport uint32_t, uint64_t

from pagecache.structures.maple_proposal.node cimport marked_node, word_t


cdef enum:
    MOST = 64  # two full dense leaves and an entry
    MOST_PARTS = 8


cdef struct item_t:
    uint64_t first
    uint64_t last
    word_t word
    uint32_t marks


cdef struct items_t:
    unsigned int n
    item_t at[MOST]


# A leaf to be: the items from the part before to `end`, in a range that ends at `last`.
cdef struct part_t:
    unsigned int end
    uint64_t last


cdef inline void add_item(
        items_t* items, uint64_t first, uint64_t last, word_t word, uint32_t marks) noexcept nogil:
    items.at[items.n].first, items.at[items.n].last = first, last
    items.at[items.n].word, items.at[items.n].marks = word, marks
    items.n += 1


cdef void take_leaf(items_t* items, marked_node* node, unsigned int kind, uint64_t start,
                    uint64_t end) noexcept nogil
cdef void take_children(items_t* items, marked_node* node, unsigned int first, unsigned int end,
                        uint64_t node_end) noexcept nogil
cdef void put_children(
    const items_t* items, unsigned int first, unsigned int end, marked_node* node) noexcept nogil
cdef unsigned int put_leaf(const items_t* items, unsigned int first, unsigned int end,
                           uint64_t start, uint64_t last, marked_node* node) noexcept nogil
cdef unsigned int pack(
    const items_t* items, uint64_t start, uint64_t end, part_t* parts, bint evenly) noexcept nogil
cdef void put_in_order(items_t* items, uint64_t first, uint64_t last, word_t word) noexcept nogil
cdef void drop_item(items_t* items, uint64_t index) noexcept nogil
