"""Changes of a trie."""

from libc.errno cimport EEXIST, ENOMEM
from libc.stdint cimport uintptr_t

from pagecache.structures.pctrie.trie cimport (
    FAN_OUT,
    LEAF,
    WIDTH,
    child_publish,
    clz,
    ctz,
    digit,
    is_leaf,
    key_of,
    trie_node,
)
from pagecache.structures.pool cimport pool_alloc, pool_free


cdef inline trie_node* to_node(uint64_t child) noexcept nogil:
    return <trie_node*><uintptr_t>child


cdef trie_node* new_node(trie_root* root, uint64_t index, uint64_t other) noexcept nogil:
    """A node where two indices part, without children; or NULL.

    A node that comes back has one child still, which a late reader may be reading.
    """
    cdef trie_node* node = <trie_node*>pool_alloc(root.pool)
    cdef unsigned int k
    if node is NULL:
        return NULL
    if node.made:
        node.children[ctz(node.map)] = LEAF
    else:
        for k in range(FAN_OUT):
            node.children[k] = LEAF
    node.made, node.map = 1, 0
    node.level = (63 - clz(index ^ other)) // WIDTH * WIDTH
    node.owner = index >> node.level >> WIDTH << WIDTH << node.level
    root.nodes += 1
    return node


cdef inline void adopt(trie_node* parent, uint64_t index, uint64_t child) noexcept nogil:
    """Put a child that covers `index` below a node."""
    cdef uint64_t at = digit(parent, index)
    if not is_leaf(child):
        to_node(child).parent = parent
    child_publish(&parent.children[at], child)
    parent.map |= 1 << at


cdef int part(trie_root* root, trie_node* parent, uint64_t* slot, uint64_t* key,
              uint64_t other) noexcept nogil:
    """A node in the place of what lies in `slot`, above that and the new key."""
    cdef trie_node* node = new_node(root, key[0], other)
    if node is NULL:
        return -ENOMEM
    adopt(node, key[0], <uint64_t><uintptr_t>key | LEAF)
    adopt(node, other, slot[0])
    node.parent = parent
    child_publish(slot, <uint64_t><uintptr_t>node)
    return 0


cdef int trie_insert(trie_root* root, uint64_t* key) noexcept nogil:
    """Put in a key, which must stay where it is: 0, -EEXIST or -ENOMEM, the trie then as before."""
    cdef uint64_t* slot = &root.top
    cdef trie_node* parent = NULL
    cdef uint64_t at
    while not is_leaf(slot[0]):
        at = digit(to_node(slot[0]), key[0])
        if at >= FAN_OUT:
            return part(root, parent, slot, key, to_node(slot[0]).owner)
        parent = to_node(slot[0])
        slot = &parent.children[at]
    if slot[0] != LEAF:
        if key_of(slot[0])[0] == key[0]:
            return -EEXIST
        return part(root, parent, slot, key, key_of(slot[0])[0])
    if parent is NULL:
        child_publish(slot, <uint64_t><uintptr_t>key | LEAF)
    else:
        adopt(parent, key[0], <uint64_t><uintptr_t>key | LEAF)
    return 0


cdef void replace_by_child(trie_root* root, trie_node* node) noexcept nogil:
    """The one child of a node that has no other takes its place."""
    cdef uint64_t left = node.children[ctz(node.map)]
    cdef trie_node* parent = node.parent
    if not is_leaf(left):
        to_node(left).parent = parent
    if parent is NULL:
        child_publish(&root.top, left)
    else:
        child_publish(&parent.children[digit(parent, node.owner)], left)
    root.nodes -= 1
    pool_free(root.pool, node)


cdef uint64_t* trie_remove(trie_root* root, uint64_t index) noexcept nogil:
    """Take out the key `index`: where it lies, or NULL if it is not here.  O(height)."""
    cdef uint64_t* slot = &root.top
    cdef uint64_t* key
    cdef trie_node* parent = NULL
    cdef uint64_t at = 0
    while not is_leaf(slot[0]):
        parent = to_node(slot[0])
        at = digit(parent, index)
        if at >= FAN_OUT:
            return NULL
        slot = &parent.children[at]
    key = key_of(slot[0])
    if key is NULL or key[0] != index:
        return NULL
    child_publish(slot, LEAF)
    if parent is not NULL:
        parent.map &= ~(1 << at)
        if parent.map & (parent.map - 1) == 0:
            replace_by_child(root, parent)
    return key


cdef void forget(trie_root* root, uint64_t child) noexcept nogil:
    cdef trie_node* node
    cdef unsigned int k
    if is_leaf(child):
        return
    node = to_node(child)
    for k in range(FAN_OUT):
        forget(root, node.children[k])
        node.children[k] = LEAF
    node.map = 1  # a free node's map has one bit
    root.nodes -= 1
    pool_free(root.pool, node)


cdef void trie_forget(trie_root* root) noexcept nogil:
    """Give back all nodes, the keys left as they are.  O(nodes)."""
    forget(root, root.top)
    root.top = LEAF
