"""Insert, erase, destroy."""

from libc.errno cimport EEXIST, EINVAL

from pagecache.structures.maple_proposal.change cimport (
    change_init,
    change_t,
    commit,
    give_up,
    make_leaves,
    path_down,
    path_t,
    replace_children,
)
from pagecache.structures.maple_proposal.items cimport (
    MOST_PARTS,
    add_item,
    drop_item,
    items_t,
    pack,
    part_t,
    put_in_order,
    take_leaf,
)
from pagecache.structures.maple_proposal.iterate cimport iter_init, marked_iter, marked_next
from pagecache.structures.maple_proposal.marks cimport clear_all_marks, put_marks
from pagecache.structures.maple_proposal.node cimport (
    DENSE,
    INNER,
    LEAF,
    PIVOTS,
    WINDOW,
    is_internal,
    kind_of,
    marked_node,
    slot_first,
    slot_last,
    slots_of,
    to_node,
    word_publish,
)
from pagecache.structures.pool cimport pool_free

cdef enum:
    FEW_ENTRIES = 7  # a leaf with so few, or fewer, is merged if one leaf holds it and a neighbour

cdef uint64_t MAX_INDEX = ~<uint64_t>0


# The leaf at the end of a path ---------------------------------------------------------------


cdef int new_root(marked_tree* tree, uint64_t first, uint64_t last, word_t entry) noexcept nogil:
    """The first entry of a tree: one leaf."""
    cdef change_t change
    cdef items_t items, made
    cdef part_t part
    cdef int failed
    change_init(&change, tree)
    items.n = 0
    add_item(&items, first, last, entry, 0)
    part.end, part.last = 1, MAX_INDEX
    tree.height = 1
    make_leaves(&change, &items, 0, &part, 1, &made)
    failed = replace_children(&change, -1, 0, 0, &made)
    if failed:
        tree.height = 0
    return failed


cdef void take_beside(change_t* change, items_t* items, int side) noexcept nogil:
    """The entries of the leaf beside the path's."""
    cdef path_t* path = &change.path
    cdef unsigned int above = path.leaf - 1, slot = path.slot[above] + side
    cdef marked_node* parent = path.node[above]
    cdef word_t child = parent.words[PIVOTS + slot]
    take_leaf(items, to_node(child), kind_of(child), slot_first(parent, slot, path.start[above]),
              slot_last(parent, slot, path.end[above]))


cdef inline bint has_beside(const change_t* change, int side) noexcept nogil:
    """Is there a leaf beside the path's, under the same parent?"""
    cdef const path_t* path = &change.path
    cdef int slot
    if path.leaf == 0:
        return False
    slot = <int>path.slot[path.leaf - 1] + side
    return 0 <= slot < <int>path.node[path.leaf - 1].count


cdef bint share(change_t* change, const items_t* own, int side, unsigned int most,
                int* failed) noexcept nogil:
    """Lay the leaf's list and a neighbour's into `most` leaves; False if there is none, or no room."""
    cdef path_t* path = &change.path
    cdef unsigned int k, count, above, slot
    cdef items_t items, made
    cdef part_t parts[MOST_PARTS]
    cdef uint64_t start, end
    if not has_beside(change, side):
        return False
    above, items.n = path.leaf - 1, 0
    slot = path.slot[above]
    if side < 0:
        take_beside(change, &items, side)
    for k in range(own.n):
        items.at[items.n + k] = own.at[k]
    items.n += own.n
    if side > 0:
        take_beside(change, &items, side)
    slot -= side < 0
    start = slot_first(path.node[above], slot, path.start[above])
    end = slot_last(path.node[above], slot + 1, path.end[above])
    count = pack(&items, start, end, parts, False)
    if count > most:
        return False
    give_up(change, path.node[path.leaf])
    give_up(change, to_node(path.node[above].words[PIVOTS + path.slot[above] + side]))
    make_leaves(change, &items, start, parts, count, &made)
    failed[0] = replace_children(change, above, slot, slot + 1, &made)
    return True


cdef int rewrite(change_t* change, const items_t* items) noexcept nogil:
    """The leaf's list in leaves again, in its place."""
    cdef path_t* path = &change.path
    cdef unsigned int leaf = path.leaf, slot = path.slot[leaf - 1] if leaf else 0, count
    cdef part_t parts[MOST_PARTS]
    cdef items_t made
    cdef int failed = 0
    count = pack(items, path.start[leaf], path.end[leaf], parts, True)
    if count > 1 and (share(change, items, -1, 2, &failed) or share(change, items, 1, 2, &failed)):
        return failed
    give_up(change, path.node[leaf])
    make_leaves(change, items, path.start[leaf], parts, count, &made)
    return replace_children(change, <int>leaf - 1, slot, slot, &made)


# Insert --------------------------------------------------------------------------------------


cdef bint in_place(change_t* change, uint64_t first, uint64_t last, word_t entry) noexcept nogil:
    """Fill one slot, if it is the entry's exactly."""
    cdef path_t* path = &change.path
    cdef marked_node* node = path.node[path.leaf]
    cdef unsigned int slot = path.slot[path.leaf]
    if path.kind == DENSE:
        if first != last or slot >= WINDOW:
            return False
        node.count += 1
    elif (slot_first(node, slot, path.start[path.leaf]) != first
          or slot_last(node, slot, path.end[path.leaf]) != last):
        return False
    word_publish(&slots_of(node, path.kind)[slot], entry)
    return True


cdef word_t* boundary_before(path_t* path, uint64_t first) noexcept nogil:
    """The pivot at which the path's leaf begins; the leaf and those above begin at `first` now."""
    cdef unsigned int depth = path.leaf
    while path.slot[depth - 1] == 0:
        path.start[depth] = first
        depth -= 1
    path.start[depth] = first
    return &path.node[depth - 1].words[path.slot[depth - 1] - 1]


cdef void trim_end(marked_tree* tree, uint64_t index) noexcept nogil:
    """Drop the hole at the end of the leaf that ends at `index`, if nothing is left of it.

    Where both leaves were laid into one, no leaf ends there, and there is nothing to drop.
    """
    cdef path_t path
    cdef marked_node* node
    path_down(&path, tree, index)
    node = path.node[path.leaf]
    if path.kind != LEAF or path.end[path.leaf] != index or node.count < 2:
        return
    if node.words[node.count - 2] == index:
        node.count -= 1
        node.words[node.count - 1] = MAX_INDEX


cdef int insert_across(change_t* change, uint64_t first, uint64_t last, word_t entry) noexcept nogil:
    """Insert into the leaf of `last`, which begins after `first`: its boundary moves first."""
    cdef uint64_t before
    cdef word_t* boundary = boundary_before(&change.path, first)
    cdef int failed
    before = boundary[0]
    word_publish(boundary, first - 1)
    failed = insert_list(change, first, last, entry)
    if failed:
        word_publish(boundary, before)
    else:
        trim_end(change.tree, first - 1)
    return failed


cdef int insert_list(change_t* change, uint64_t first, uint64_t last, word_t entry) noexcept nogil:
    cdef path_t* path = &change.path
    cdef unsigned int leaf = path.leaf
    cdef items_t items
    items.n = 0
    take_leaf(&items, path.node[leaf], path.kind, path.start[leaf], path.end[leaf])
    put_in_order(&items, first, last, entry)
    return rewrite(change, &items)


cdef bint is_taken(marked_tree* tree, const path_t* path, uint64_t first, uint64_t last) noexcept nogil:
    """Does anything lie in a range?  A single page's is known where the path ends."""
    cdef unsigned int slot = path.slot[path.leaf]
    cdef marked_iter walk
    if first == last:
        if path.kind == DENSE and slot >= WINDOW:
            return False
        return slots_of(path.node[path.leaf], path.kind)[slot] != 0
    iter_init(&walk, tree, first)
    return marked_next(&walk) != 0 and walk.first <= last


cdef int marked_insert(marked_tree* tree, uint64_t first, uint64_t last, word_t entry) noexcept nogil:
    """Store over [first, last] where nothing is.  O(height).

    0; -EEXIST; -ENOMEM with the tree as before; -EINVAL for a range or a word that cannot be.
    """
    cdef change_t change
    if first > last or entry == 0 or is_internal(entry):
        return -EINVAL
    if tree.root == 0:
        return new_root(tree, first, last, entry)
    change_init(&change, tree)
    path_down(&change.path, tree, last)
    if is_taken(tree, &change.path, first, last):
        return -EEXIST
    if first < change.path.start[change.path.leaf]:
        return insert_across(&change, first, last, entry)
    if in_place(&change, first, last, entry):
        return 0
    return insert_list(&change, first, last, entry)


# Erase ---------------------------------------------------------------------------------------


cdef unsigned int entries_of(const path_t* path) noexcept nogil:
    """The entries of the path's leaf.  O(slots)."""
    cdef marked_node* node = path.node[path.leaf]
    cdef unsigned int k, found = 0
    if path.kind == DENSE:
        return node.count
    for k in range(node.count):
        found += node.words[PIVOTS + k] != 0
    return found


cdef bint empty_in_place(change_t* change) noexcept nogil:
    """Empty one slot, unless a hole beside it must be joined."""
    cdef path_t* path = &change.path
    cdef marked_node* node = path.node[path.leaf]
    cdef unsigned int slot = path.slot[path.leaf]
    if path.kind == DENSE:
        node.count -= 1
    elif (slot and node.words[PIVOTS + slot - 1] == 0) or (
            slot + 1 < node.count and node.words[PIVOTS + slot + 1] == 0):
        return False
    word_publish(&slots_of(node, path.kind)[slot], 0)
    return True


cdef int erase_at(change_t* change, uint64_t index) noexcept nogil:
    """Erase what the path leads to; its marks are cleared already."""
    cdef path_t* path = &change.path
    cdef unsigned int leaf = path.leaf, left = entries_of(path) - 1, most = 1 if left else 2
    cdef items_t items
    cdef int failed = 0
    if left > FEW_ENTRIES and empty_in_place(change):
        return 0
    items.n = 0
    take_leaf(&items, path.node[leaf], path.kind, path.start[leaf], path.end[leaf])
    drop_item(&items, index)
    if left <= FEW_ENTRIES:
        if share(change, &items, 1, most, &failed) or share(change, &items, -1, most, &failed):
            return failed
        if left == 0:
            give_up(change, path.node[leaf])
            return commit(change, &change.tree.root, 0, 0, 0)
        if empty_in_place(change):
            return 0
    return rewrite(change, &items)


cdef int marked_erase(marked_tree* tree, uint64_t index, word_t* old) noexcept nogil:
    """Erase the whole range that holds `index`; what it held, NULL for nothing.  O(height).

    0, or -ENOMEM with the tree as before: a leaf that is copied takes memory.
    """
    cdef change_t change
    cdef unsigned int slot, marks
    cdef int failed
    old[0] = 0
    if tree.root == 0:
        return 0
    change_init(&change, tree)
    path_down(&change.path, tree, index)
    slot = change.path.slot[change.path.leaf]
    if change.path.kind == DENSE and slot >= WINDOW:
        return 0
    old[0] = slots_of(change.path.node[change.path.leaf], change.path.kind)[slot]
    if old[0] == 0:
        return 0
    marks = clear_all_marks(&change.path)
    failed = erase_at(&change, index)
    if failed:
        put_marks(&change.path, marks)
    return failed


cdef void free_below(marked_tree* tree, word_t child) noexcept nogil:
    cdef marked_node* node = to_node(child)
    cdef unsigned int k
    if kind_of(child) == INNER:
        for k in range(node.count):
            free_below(tree, node.words[PIVOTS + k])
    word_publish(&node.parent, <word_t>node)
    pool_free(tree.pool, node)


cdef void marked_destroy(marked_tree* tree) noexcept nogil:
    """Remove everything.  O(nodes)."""
    cdef word_t root = tree.root
    word_publish(&tree.root, 0)
    tree.height = 0
    if root:
        free_below(tree, root)
