"""Text and checks of the proposal's tree."""

from pagecache.structures.maple_proposal.node cimport (
    DENSE,
    FEW,
    INNER,
    MARKS,
    PIVOTS,
    SLOTS,
    WINDOW,
    kind_of,
    marked_node,
    marks_at,
    marks_below,
    mk_parent,
    root_parent,
    slot_first,
    slot_last,
    to_node,
    word_t,
)

cdef uint64_t MAX_INDEX = ~<uint64_t>0


cdef str entry_text(word_t word, unsigned int marks):
    """One entry and its marks: - v5 p7/02.  A pointer shows its address / 16."""
    if word == 0:
        return "-"
    shown = f"v{word >> 1}" if word & 1 else f"p{word // 16}"
    return shown + ("/" + "".join(str(m) for m in range(MARKS) if marks >> m & 1) if marks else "")


cdef void append_nodes(list parts, word_t child, unsigned int depth, uint64_t start, uint64_t end):
    cdef marked_node* node = to_node(child)
    cdef unsigned int k
    if kind_of(child) == DENSE:
        pages = [f" {node.words[0] + k:x}={entry_text(node.words[1 + k], marks_at(node, k))}"
                 for k in range(<unsigned int>WINDOW) if node.words[1 + k]]
        parts.append(f"D{depth} {start:x} window {node.words[0]:x}{''.join(pages)};")
        return
    inner = kind_of(child) == INNER
    slots = [f" {slot_last(node, k, end):x}" + (
        "" if inner else f"={entry_text(node.words[PIVOTS + k], marks_at(node, k))}")
        for k in range(node.count)]
    parts.append(f"N{depth} {start:x}{''.join(slots)};")
    if inner:
        for k in range(node.count):
            append_nodes(parts, node.words[PIVOTS + k], depth + 1, slot_first(node, k, start),
                         slot_last(node, k, end))


cdef str tree_text(marked_tree* tree):
    cdef list parts = []
    if tree.root:
        append_nodes(parts, tree.root, 1, 0, MAX_INDEX)
    return " ".join(parts) or "empty"


cdef uint64_t count_below(word_t child) noexcept nogil:
    cdef marked_node* node = to_node(child)
    cdef uint64_t nodes = 1
    cdef unsigned int k
    if kind_of(child) == INNER:
        for k in range(node.count):
            nodes += count_below(node.words[PIVOTS + k])
    return nodes


cdef uint64_t count_nodes(marked_tree* tree) noexcept nogil:
    """The nodes of this tree, counted one by one: its pool may serve others too.  O(nodes)."""
    return count_below(tree.root) if tree.root else 0


# The check -----------------------------------------------------------------------------------


cdef void check_tree(marked_tree* tree) except *:
    """Hold the tree against its rules; raise with the text of it if one is broken."""
    broken = None
    if tree.root:
        broken = node_violation(tree, tree.root, root_parent(tree), 1, 0, MAX_INDEX)
    elif tree.height:
        broken = f"an empty tree has height {tree.height}"
    if broken:
        raise AssertionError(f"{broken}\n{tree_text(tree)}")


cdef str node_violation(marked_tree* tree, word_t child, word_t parent, unsigned int depth,
                        uint64_t start, uint64_t end):
    """What is wrong with this node or one below it; None if nothing is."""
    cdef marked_node* node = to_node(child)
    where = f"the node of depth {depth} at {start:x}"
    if node.parent != parent:
        return f"{where} does not know its parent"
    if (kind_of(child) == INNER) != (depth < tree.height):
        return f"{where} is of another kind than its depth"
    if kind_of(child) == DENSE:
        violation = dense_violation(node, start, end)
    else:
        violation = range_violation(node, start, end) or (
            inner_violation(tree, node, depth, start, end) if kind_of(child) == INNER
            else leaf_violation(node))
    return f"{where}: {violation}" if violation else None


cdef str dense_violation(marked_node* node, uint64_t start, uint64_t end):
    cdef unsigned int k, found = 0
    if node.words[0] % WINDOW:
        return "its window does not begin at a multiple of 28"
    for k in range(<unsigned int>WINDOW):
        found += node.words[1 + k] != 0
        if node.words[1 + k] and not start <= node.words[0] + k <= end:
            return f"page {node.words[0] + k:x} lies outside its range"
        if node.words[1 + k] == 0 and marks_at(node, k):
            return f"the empty slot {k} is marked"
    return None if 0 < found == node.count else f"{found} pages, {node.count} counted"


cdef str range_violation(marked_node* node, uint64_t start, uint64_t end):
    """Slots that are not in order, do not fill the node's range, or should be clear."""
    cdef unsigned int k
    cdef uint64_t before = start
    if not 1 <= node.count <= SLOTS:
        return f"it has {node.count} slots"
    for k in range(node.count):
        if slot_last(node, k, end) < before or (k and before == 0):
            return f"slot {k} ends before it begins"
        before = slot_last(node, k, end) + 1
    for k in range(node.count - 1, <unsigned int>PIVOTS):
        if node.words[k] != MAX_INDEX:
            return f"pivot {k} is not in use and not all ones"
    for k in range(node.count, <unsigned int>SLOTS):
        if node.words[PIVOTS + k] or marks_at(node, k):
            return f"slot {k} is not in use and not clear"
    return None


cdef str leaf_violation(marked_node* node):
    cdef unsigned int k, found = 0
    for k in range(node.count):
        if node.words[PIVOTS + k]:
            found += 1
        elif k and node.words[PIVOTS + k - 1] == 0:
            return f"slots {k - 1} and {k} are both empty"
        elif marks_at(node, k):
            return f"the empty slot {k} is marked"
    return None if found else "it holds no entry"


cdef str inner_violation(marked_tree* tree, marked_node* node, unsigned int depth, uint64_t start,
                         uint64_t end):
    cdef unsigned int k
    cdef word_t child
    if node.count < (2 if depth == 1 else FEW + 1):
        return f"it has {node.count} slots only"
    for k in range(node.count):
        child = node.words[PIVOTS + k]
        if marks_at(node, k) != marks_below(to_node(child)):
            return f"the marks of slot {k} are not those below it"
        violation = node_violation(tree, child, mk_parent(node, k), depth + 1,
                                   slot_first(node, k, start), slot_last(node, k, end))
        if violation:
            return violation
    return None
