"""Text and checks of a radix tree."""

from pagecache.structures.radix.entry cimport (
    NULL_ENTRY,
    RETRY_ENTRY,
    is_exceptional,
    is_internal,
    to_address,
    to_exceptional,
)
from pagecache.structures.radix.node cimport (
    DRIFTED,
    MAP_SHIFT,
    SLOTS,
    TAGS,
    get_bit,
    root_tagged,
)
from pagecache.structures.radix.walk cimport is_node, is_sibling, sibling_offset, slot_first


cdef str entry_text(const radix_node* node, entry_t entry):
    """One word: - v5 p7 s8 n r.  A pointer shows its address / 16."""
    if entry == NULL_ENTRY:
        return "-"
    if is_exceptional(entry):
        return f"v{to_exceptional(entry)}"
    if entry == RETRY_ENTRY:
        return "r"
    if is_node(node, entry):
        return "n"
    return f"s{sibling_offset(node, entry)}" if is_internal(entry) else f"p{entry // 16}"


cdef str node_text(radix_node* node, uint64_t first):
    cdef unsigned int k
    slots = [
        f" {k}={entry_text(node, node.slots[k])}" for k in range(SLOTS) if node.slots[k] != NULL_ENTRY
    ]
    tags = ",".join(f"{node.tags[k]:x}" for k in range(TAGS))
    counts = f"c{node.count} v{node.exceptional}"
    return f" N {first:x} {node.shift} {counts} m{tags}{''.join(slots)};"


cdef void append_nodes(list parts, radix_node* node, uint64_t first):
    cdef unsigned int k
    parts.append(node_text(node, first))
    if node.shift == 0:
        return
    for k in range(<unsigned int>SLOTS):
        if is_node(node, node.slots[k]):
            append_nodes(
                parts, <radix_node*>to_address(node.slots[k]), slot_first(node, k, first))


cdef str tree_text(radix_root* root):
    tags = "".join("1" if root_tagged(root, tag) else "0" for tag in range(TAGS))
    parts = [f"H {entry_text(NULL, root.head)} m{tags};"]
    if is_internal(root.head):
        append_nodes(parts, <radix_node*>to_address(root.head), 0)
    return "".join(parts)


cdef uint64_t count_nodes(radix_root* root) noexcept nogil:
    """The nodes of this tree, counted one by one: its pool may serve others too.  O(nodes)."""
    return count_below(<radix_node*>to_address(root.head)) if is_internal(root.head) else 0


cdef uint64_t count_below(const radix_node* node) noexcept nogil:
    cdef uint64_t nodes = 1
    cdef unsigned int k
    if node.shift:
        for k in range(<unsigned int>SLOTS):
            if is_node(node, node.slots[k]):
                nodes += count_below(<radix_node*>to_address(node.slots[k]))
    return nodes


cdef unsigned int tree_height(radix_root* root) noexcept nogil:
    """The nodes that the longest walk visits.  O(nodes)."""
    return height_below(<radix_node*>to_address(root.head)) if is_internal(root.head) else 0


cdef unsigned int height_below(const radix_node* node) noexcept nogil:
    cdef unsigned int k, most = 0, below
    if node.shift:
        for k in range(<unsigned int>SLOTS):
            if is_node(node, node.slots[k]):
                below = height_below(<radix_node*>to_address(node.slots[k]))
                most = below if below > most else most
    return most + 1


# The check -----------------------------------------------------------------------------------


cdef void check_tree(radix_root* root) except *:
    """Hold the tree against its rules; raise with the text of it if one is broken."""
    cdef unsigned int tag
    cdef radix_node* top
    if not is_internal(root.head):
        return
    top = <radix_node*>to_address(root.head)
    broken = node_violation(root, top, NULL)
    for tag in range(TAGS):
        if top.tags[tag] and not root_tagged(root, tag):
            broken = broken or f"the root's tag {tag} does not say what its top node has"
    if broken:
        raise AssertionError(f"{broken}\n{tree_text(root)}")


cdef str node_violation(radix_root* root, radix_node* node, radix_node* parent):
    """What is wrong with this node or one below it; None if nothing is."""
    cdef unsigned int k, filled = 0, exceptional = 0
    cdef entry_t content = NULL_ENTRY
    if node.parent != parent or node.root != root:
        return f"the node of shift {node.shift} does not know its parent or its root"
    for k in range(SLOTS):
        filled += node.slots[k] != NULL_ENTRY
        if not is_internal(node.slots[k]) or is_node(node, node.slots[k]):
            content = node.slots[k]
        exceptional += is_exceptional(content)
        violation = slot_violation(root, node, k)
        if violation:
            return violation
    if filled == 0 or filled != node.count:
        return f"a node of shift {node.shift} counts {node.count} slots and has {filled}"
    if exceptional != node.exceptional and not root.flags & DRIFTED:
        return f"a node of shift {node.shift} has {exceptional} exceptional slots, not {node.exceptional}"
    return None


cdef str slot_violation(radix_root* root, radix_node* node, unsigned int k):
    cdef entry_t entry = node.slots[k]
    if not is_internal(entry):
        return None
    if entry == RETRY_ENTRY:
        return f"slot {k} of a node in the tree says retry"
    if is_sibling(node, entry):
        return sibling_violation(node, k)
    return child_violation(root, node, k)


cdef str sibling_violation(radix_node* node, unsigned int k):
    cdef unsigned int canonical = sibling_offset(node, node.slots[k])
    cdef entry_t before = node.slots[k - 1] if k else NULL_ENTRY
    if canonical >= k or is_internal(node.slots[canonical]) or node.slots[canonical] == NULL_ENTRY:
        return f"the sibling in slot {k} names slot {canonical}, which holds no entry before it"
    if canonical != k - 1 and before != node.slots[k]:
        return f"the sibling in slot {k} does not lie in the run of slot {canonical}"
    return None


cdef str child_violation(radix_root* root, radix_node* node, unsigned int k):
    cdef radix_node* child = <radix_node*>to_address(node.slots[k])
    cdef unsigned int tag
    if child.offset != k or child.shift + MAP_SHIFT != node.shift:
        return f"the node under slot {k} belongs to another place"
    for tag in range(TAGS):
        if child.tags[tag] and not get_bit(node, k, tag):
            return f"tag {tag} of slot {k} does not say what the node below has"
    return node_violation(root, child, node)
