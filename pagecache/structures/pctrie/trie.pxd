"""A radix trie of fan-out 16 that has a node only where two keys part.

    byte 0       8     10      11  12       16       24                                 152
         | owner | map | level | - | - ...  | parent | child 0 | child 1 | ... | child 15 |

*Words.*  A *digit* is 4 bits of an index.  A node of *level* n (a multiple of 4) decides by the
digit that begins at bit n; its *owner* is what all indices below it share, the bits below n + 4
cleared.  A child is a node, or a *leaf*: the address of a key in the user's record with bit 0 set;
that bit alone is *empty*.  The key is read back from the record, so a hit always touches it.

*The picture.*  Keys 0x1234, 0x1239 and 0x50000 (digits not shown are zero):

    root --> owner 0, level 16 --> child 0 --> owner 0x1230, level 0 --> child 4 --> key 0x1234
                               |                                     |-> child 9 --> key 0x1239
                               |-> child 5 --> key 0x50000

No node stands for the digits 0, 1, 2 and 3 in between: nothing parts there.  So nodes are never
more than keys, wherever these lie; the nodes follow from the keys alone, in whatever order they
came.  A dense file takes ceil(n/16) + ceil(n/256) + ... nodes of 152 bytes.

*A lookup* compares no owner with a mask: (index - owner) >> level is the digit, and 16 or more
says that the node does not cover the index.  At the leaf the whole key is compared.  *The next
key* lies in the same node 15 times of 16 where keys are dense, so a walk in order keeps the node
that its last key was found in.

*The one rule.*  Every node has at least two children; `map` has a bit for each.  An entry covers
one index: a trie of pages holds 512 leaves for a superpage.
"""

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t, uintptr_t

from pagecache.structures.pool cimport pool_t


cdef enum:
    WIDTH = 4
    FAN_OUT = 16
    LEAF = 1  # the bit; alone it is an empty child
    NODE_LINK = 16  # where a free node keeps the next one


cdef struct trie_node:
    uint64_t owner
    uint16_t map
    uint8_t level
    uint8_t made  # its children were made empty once
    uint32_t padding
    trie_node* parent
    uint64_t children[FAN_OUT]


cdef struct trie_root:
    uint64_t top  # a child: empty, a leaf or a node
    uint64_t nodes
    pool_t* pool


cdef extern from *:
    """
    /* A reader may run beside the one writer: children are read once, and published whole. */
    #define pc_trie_read(child) __atomic_load_n((child), __ATOMIC_ACQUIRE)
    #define pc_trie_publish(child, word) __atomic_store_n((child), (word), __ATOMIC_RELEASE)
    """
    uint64_t child_read "pc_trie_read"(const uint64_t* child) noexcept nogil
    void child_publish "pc_trie_publish"(uint64_t* child, uint64_t word) noexcept nogil
    int ctz "__builtin_ctzll"(unsigned long long word) noexcept nogil
    int clz "__builtin_clzll"(unsigned long long word) noexcept nogil


cdef inline bint is_leaf(uint64_t child) noexcept nogil:
    return child & LEAF


cdef inline uint64_t* key_of(uint64_t leaf) noexcept nogil:
    """The key that a leaf names; NULL of an empty child."""
    return <uint64_t*><uintptr_t>(leaf & ~<uint64_t>LEAF)


cdef inline uint64_t digit(const trie_node* node, uint64_t index) noexcept nogil:
    """The child that covers `index`; FAN_OUT or more if none does."""
    return (index - node.owner) >> node.level


cdef inline uint64_t* trie_lookup(const trie_root* root, uint64_t index) noexcept nogil:
    """The address of the key `index`, or NULL.  O(height)."""
    cdef uint64_t child = child_read(&root.top), at
    cdef uint64_t* key
    while not is_leaf(child):
        at = digit(<trie_node*><uintptr_t>child, index)
        if at >= FAN_OUT:
            return NULL
        child = child_read(&(<trie_node*><uintptr_t>child).children[at])
    key = key_of(child)
    return key if key is not NULL and key[0] == index else NULL


cdef inline uint64_t* first_below(uint64_t child, trie_node** home) noexcept nogil:
    """The lowest key of a child of `home`, which becomes the node that holds it.  O(height)."""
    while not is_leaf(child):
        home[0] = <trie_node*><uintptr_t>child
        child = home[0].children[ctz(home[0].map)]
    return key_of(child)


cdef inline uint64_t* trie_next(const trie_root* root, uint64_t index, trie_node** home) noexcept nogil:
    """The address of the first key from `index` on, or NULL, and the node it lies in.  O(height)."""
    cdef uint64_t child = root.top, later = LEAF, at
    cdef unsigned int rest
    cdef trie_node* node
    cdef trie_node* later_home = NULL
    cdef uint64_t* key
    home[0] = NULL
    while not is_leaf(child):
        node = <trie_node*><uintptr_t>child
        if node.owner > index:
            return first_below(child, home)
        at = digit(node, index)
        if at >= FAN_OUT:
            home[0] = later_home
            return first_below(later, home)
        rest = node.map >> at >> 1
        if rest:
            later, later_home = node.children[at + 1 + ctz(rest)], node
        home[0], child = node, node.children[at]
    key = key_of(child)
    if key is not NULL and key[0] >= index:
        return key
    home[0] = later_home
    return first_below(later, home)


cdef inline uint64_t* trie_after(const trie_root* root, uint64_t index, trie_node** home) noexcept nogil:
    """The key after `index`, the one found last: in its node if there is one.  O(1), or O(height)."""
    cdef unsigned int rest = 0
    cdef uint64_t at
    if home[0] is not NULL:
        at = digit(home[0], index)
        rest = home[0].map >> at >> 1
        if rest:
            return first_below(home[0].children[at + 1 + ctz(rest)], home)
    return NULL if index == ~<uint64_t>0 else trie_next(root, index + 1, home)
