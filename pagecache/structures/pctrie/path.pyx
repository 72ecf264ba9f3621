"""A lookup in a trie that writes down what it reads."""

from libc.stdint cimport uintptr_t

from pagecache.structures.pctrie.trie cimport (
    FAN_OUT,
    LEAF,
    child_read,
    digit,
    is_leaf,
    key_of,
    trie_node,
)

from pagecache.picture.nodes import Node, Slot, Step
from pagecache.picture.walk import Walk


cdef object walk_through(const trie_root* root, uint64_t index, object between, object naming):
    """The `Walk` to the key `index`; `naming` gives the words for a key's address.  O(slots)."""
    cdef list steps = []
    cdef uint64_t child = child_read(&root.top), at
    cdef const trie_node* node
    if is_leaf(child):
        steps.append(Step(None, leaf_slot(0, index, index, child, index, naming), ""))
    while not is_leaf(child):
        node = <const trie_node*><uintptr_t>child
        at = digit(node, index)
        how = digit_text(node, index)
        shown = picture(node, naming)
        if at >= FAN_OUT:
            beyond = f"is above {FAN_OUT - 1}" if index >= node.owner else "is below 0"
            steps.append(Step(shown, None, f"{how} {beyond}"))
            break
        if between is not None and is_leaf(node.children[at]):
            between()
            between = None
        child = child_read(&node.children[at])
        steps.append(Step(shown, child_slot(node, at, child, index, naming), how))
    return Walk(index, tuple(steps), "root", None)


cdef str digit_text(const trie_node* node, uint64_t index):
    """How the child's number follows from the index."""
    text = f"{index} - {node.owner}" if node.owner else f"{index}"
    if node.level == 0:
        return text
    return f"({text}) >> {node.level}" if node.owner else f"{text} >> {node.level}"


cdef object picture(const trie_node* node, object naming):
    """The node as it is now."""
    cdef unsigned int k
    slots = tuple(
        child_slot(node, k, node.children[k], own_key(node.children[k]), naming)
        for k in range(FAN_OUT)
        if node.children[k] != LEAF
    )
    last = node.owner + ((<uint64_t>FAN_OUT << node.level) - 1)
    return Node(f"owner {node.owner:#x}, level {node.level}", node.owner, last, FAN_OUT, slots)


cdef uint64_t own_key(uint64_t child):
    """The key of a leaf; of a node anything."""
    return key_of(child)[0] if is_leaf(child) else 0


cdef object child_slot(
        const trie_node* node, unsigned int k, uint64_t child, uint64_t index, object naming):
    cdef uint64_t first = node.owner + (<uint64_t>k << node.level)
    cdef uint64_t last = first + ((<uint64_t>1 << node.level) - 1)
    if not is_leaf(child):
        return Slot(k, first, last, "node", "node")
    return leaf_slot(k, first, last, child, index, naming)


cdef object leaf_slot(
        unsigned int k, uint64_t first, uint64_t last, uint64_t child, uint64_t index, object naming):
    """A leaf in words, for who looks for `index`: the key in the record is compared with it."""
    cdef uint64_t* key = key_of(child)
    if key is NULL:
        return Slot(k, first, last, "nothing", "nothing")
    if key[0] != index:
        return Slot(k, first, last, f"key {key[0]}", "other")
    return Slot(k, first, last, naming(<uint64_t><uintptr_t>key), "entry")
