"""Text and checks of a maple tree."""

from pagecache.structures.maple.node cimport (
    FEW,
    INNER,
    LEAF,
    NODE_SIZE,
    PIVOTS,
    SLOTS,
    is_internal,
    is_value,
    kind_of,
    maple_node,
    mk_parent,
    root_parent,
    slot_count,
    slot_first,
    slot_last,
    to_node,
    to_value,
    word_t,
)

cdef uint64_t MAX_INDEX = ~<uint64_t>0


cdef str entry_text(word_t word):
    """One entry: - v5 p7.  A pointer shows its address / 16."""
    if word == 0:
        return "-"
    return f"v{to_value(word)}" if is_value(word) else f"p{word // 16}"


cdef void append_nodes(list parts, word_t child, unsigned int depth, uint64_t start, uint64_t end):
    cdef maple_node* node = to_node(child)
    cdef unsigned int k, count = slot_count(node, end)
    cdef bint leaf = kind_of(child) == LEAF
    slots = [
        f" {slot_last(node, k, end):x}" + (f"={entry_text(node.slots[k])}" if leaf else "")
        for k in range(count)
    ]
    parts.append(f" N{depth} {start:x}{''.join(slots)};")
    if not leaf:
        for k in range(count):
            append_nodes(
                parts, node.slots[k], depth + 1, slot_first(node, k, start), slot_last(node, k, end))


cdef str tree_text(maple_tree* tree):
    if not is_internal(tree.root):
        return f"H {entry_text(tree.root)};"
    parts = ["H n;"]
    append_nodes(parts, tree.root, 1, 0, MAX_INDEX)
    return "".join(parts)


cdef uint64_t count_nodes(maple_tree* tree) noexcept nogil:
    """The nodes of this tree, counted one by one: its pool may serve others too.  O(nodes)."""
    return count_below(tree.root, MAX_INDEX) if is_internal(tree.root) else 0


cdef uint64_t count_below(word_t child, uint64_t end) noexcept nogil:
    cdef maple_node* node = to_node(child)
    cdef uint64_t nodes = 1
    cdef unsigned int k
    if kind_of(child) != LEAF:
        for k in range(slot_count(node, end)):
            nodes += count_below(node.slots[k], slot_last(node, k, end))
    return nodes


# The check -----------------------------------------------------------------------------------


cdef struct checked_t:  # what a check carries from leaf to leaf
    maple_tree* tree
    bint after_null  # the slot before this one held NULL


cdef void check_tree(maple_tree* tree) except *:
    """Hold the tree against its rules; raise with the text of it if one is broken."""
    cdef checked_t checked
    checked.tree, checked.after_null = tree, False
    broken = None
    if is_internal(tree.root):
        broken = node_violation(&checked, tree.root, root_parent(tree), 1, 0, MAX_INDEX)
    elif tree.height:
        broken = f"a tree without nodes has height {tree.height}"
    if broken:
        raise AssertionError(f"{broken}\n{tree_text(tree)}")


cdef str node_violation(checked_t* checked, word_t child, word_t parent, unsigned int depth,
                        uint64_t start, uint64_t end):
    """What is wrong with this node or one below it; None if nothing is."""
    cdef maple_node* node = to_node(child)
    cdef unsigned int k, count = slot_count(node, end)
    where = f"the node of depth {depth} at {start:x}"
    if node.parent != parent:
        return f"{where} does not know its parent"
    if kind_of(child) != (LEAF if depth == checked.tree.height else INNER):
        return f"{where} is of another kind than its depth"
    violation = count_violation(checked, node, depth, count) or pivot_violation(node, start, end, count)
    if violation:
        return f"{where}: {violation}"
    for k in range(count):
        violation = slot_violation(checked, node, k, depth, slot_first(node, k, start),
                                   slot_last(node, k, end))
        if violation:
            return violation
    if node.slots[count - 1] == 0 and end != MAX_INDEX:
        return f"{where} is a leaf that ends in NULL"
    return None


cdef str count_violation(checked_t* checked, maple_node* node, unsigned int depth, unsigned int count):
    cdef unsigned int fewest = FEW + 1
    if depth == 1:
        fewest = 1 if checked.tree.height == 1 else 2
    elif checked.tree.bulk:
        fewest = 1
    return None if count >= fewest else f"{count} slots are fewer than {fewest}"


cdef str pivot_violation(maple_node* node, uint64_t start, uint64_t end, unsigned int count):
    """Ranges that are not in order or do not fill the node's; words that should be clear."""
    cdef unsigned int k
    cdef uint64_t before = start
    for k in range(count):
        if slot_last(node, k, end) < before or (k and slot_last(node, k, end) == before - 1):
            return f"slot {k} ends before it begins"
        before = slot_last(node, k, end) + 1
    if slot_last(node, count - 1, end) != end:
        return "the slots do not end where the node ends"
    for k in range(count, <unsigned int>PIVOTS):
        if node.pivots[k] != MAX_INDEX or node.slots[k]:
            return f"slot {k} is not in use and not clear"
    if count < <unsigned int>SLOTS and node.slots[SLOTS - 1] != count - 1:
        return f"the metadata is {node.slots[SLOTS - 1]} with {count} slots"
    return None


cdef str slot_violation(checked_t* checked, maple_node* node, unsigned int k, unsigned int depth,
                        uint64_t first, uint64_t last):
    cdef word_t word = node.slots[k]
    if depth < checked.tree.height:
        if not is_internal(word) or word < NODE_SIZE:
            return f"slot {k} of an inner node at {first:x} leads nowhere"
        return node_violation(checked, word, mk_parent(node, k), depth + 1, first, last)
    if word == 0 and checked.after_null:
        return f"two NULL slots lie side by side at {first:x}"
    checked.after_null = word == 0
    return None
