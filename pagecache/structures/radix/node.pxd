"""A node of the radix tree, its three tags, and where nodes come from.

    byte 0      4     8        16     24       40                          552          576
         | bytes | - | parent | root | links  | slot 0 | slot 1 | ... | 63 | tags 0  1  2 |

The four bytes are shift, offset in the parent, count and exceptional.  576 bytes, field for field
as large as the XArray's node; Linux's slab gives each 584 with its free pointer, 14 to two pages,
585.1 bytes.  A node goes back with nothing in its slots but, after shrinking, slot 0, and with any
tags: `new_node` clears these four words, and the others are known to be zero.
"""

from libc.stdint cimport uint8_t, uint32_t, uint64_t

from pagecache.structures.pool cimport pool_t
from pagecache.structures.radix.entry cimport NULL_ENTRY, entry_t


cdef enum:
    MAP_SHIFT = 6
    SLOTS = 64
    TAGS = 3
    MOST_LEVELS = 11
    NODE_LINK = 24  # where a free node keeps the next one


cdef struct radix_node:
    uint8_t shift  # bits of the index below each slot
    uint8_t offset  # of the slot in `parent` that leads here
    uint8_t count  # slots that are not NULL: siblings, retries and children too
    uint8_t exceptional  # slots with an exceptional entry or a sibling of one, as differences leave it
    uint32_t padding
    radix_node* parent
    radix_root* root
    radix_node* next  # free and spare nodes; a list head of the user
    void* spare
    entry_t slots[SLOTS]
    uint64_t tags[TAGS]


# Flags of a root, above the bits that say which tags some entry carries.
cdef enum:
    DRIFTED = 8  # a join or a split happened: `exceptional` need not be the true number


cdef struct radix_root:
    entry_t head
    uint32_t flags  # bit k: some entry carries tag k
    uint32_t nr_spare
    radix_node* spare  # preloaded nodes
    pool_t* pool


cdef extern from *:
    int ctz "__builtin_ctzll"(unsigned long long word) noexcept nogil


cdef inline radix_node* take_node(radix_root* root) noexcept nogil:
    """From the pool, and only if that fails from the nodes that were preloaded."""
    cdef radix_node* node = <radix_node*>root.pool.free
    if node is not NULL and root.pool.nodes < root.pool.limit:
        root.pool.free = node.next
        root.pool.nodes += 1
        return node
    return take_slowly(root)


cdef radix_node* take_slowly(radix_root* root) noexcept nogil


cdef inline radix_node* new_node(radix_root* root, unsigned int shift) noexcept nogil:
    """An empty node of a level, or NULL."""
    cdef radix_node* node = take_node(root)
    if node is not NULL:
        node.shift, node.offset, node.count, node.exceptional = shift, 0, 0, 0
        node.parent, node.root = NULL, root
        node.slots[0] = NULL_ENTRY
        node.tags[0], node.tags[1], node.tags[2] = 0, 0, 0
    return node


cdef inline void free_node(radix_root* root, radix_node* node) noexcept nogil:
    """Take back a node that holds nothing beyond slot 0: the one place to defer it for readers."""
    node.next = <radix_node*>root.pool.free
    root.pool.free = node
    root.pool.nodes -= 1


cdef inline bint get_bit(const radix_node* node, unsigned int offset, unsigned int tag) noexcept nogil:
    return node.tags[tag] >> offset & 1


cdef inline void set_bit(radix_node* node, unsigned int offset, unsigned int tag) noexcept nogil:
    node.tags[tag] |= <uint64_t>1 << offset


cdef inline void clear_bit(radix_node* node, unsigned int offset, unsigned int tag) noexcept nogil:
    node.tags[tag] &= ~(<uint64_t>1 << offset)


cdef inline bint root_tagged(const radix_root* root, unsigned int tag) noexcept nogil:
    return root.flags >> tag & 1
