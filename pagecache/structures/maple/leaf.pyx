"""Stores that change a root pointer, or one leaf."""

from pagecache.structures.maple.change cimport (
    commit,
    commit_root,
    free_subtree,
    give_up,
    make_node,
    path_count,
)
from pagecache.structures.maple.combine cimport combine_short
from pagecache.structures.maple.grow cimport grow
from pagecache.structures.maple.lists cimport list_add, list_put, list_take
from pagecache.structures.maple.node cimport (
    FEW,
    LEAF,
    PIVOTS,
    SLOTS,
    is_internal,
    maple_node,
    slot_first,
    slot_last,
    to_node,
    word_publish,
)

cdef uint64_t MAX_INDEX = ~<uint64_t>0


cdef int store_root(maple_change* change) noexcept nogil:
    """A store into a tree without nodes."""
    cdef maple_tree* tree = change.tree
    cdef maple_list items
    cdef word_t old = tree.root
    cdef bint nodeless = is_internal(change.entry)
    if change.entry == 0:
        if change.first == 0:
            word_publish(&tree.root, 0)
        return 0
    if change.last == 0 and not nodeless:
        word_publish(&tree.root, change.entry)
        return 0
    items.n = 0
    if old and change.first:
        list_add(&items, 0, old)
    if change.first > items.n:
        list_add(&items, change.first - 1, 0)
    list_add(&items, change.last, change.entry)
    if change.last < MAX_INDEX:
        list_add(&items, MAX_INDEX, 0)
    return commit_root(change, make_node(change, LEAF, &items, 0, items.n), 1)


cdef int store_everything(maple_change* change) noexcept nogil:
    """One entry, or nothing, takes the place of the whole tree.  O(nodes)."""
    cdef maple_tree* tree = change.tree
    cdef maple_node* old = to_node(tree.root)
    cdef unsigned int leaf = change.leaf
    cdef maple_list items
    cdef word_t root = 0
    cdef int failed
    if change.entry:
        items.n = 0
        list_add(&items, MAX_INDEX, change.entry)
        root = make_node(change, LEAF, &items, 0, 1)
    failed = commit_root(change, root, 1 if root else 0)
    if not failed:
        free_subtree(tree, old, MAX_INDEX, 0, leaf)
    return failed


cdef inline void widen(
        maple_change* change, unsigned int* a, unsigned int* z, unsigned int count) noexcept nogil:
    """NULL takes in the NULLs that it ends in or that lie beside it."""
    cdef maple_node* leaf = change.left.node[change.leaf]
    cdef uint64_t start = change.left.start[change.leaf], end = change.left.end[change.leaf]
    if leaf.slots[z[0]] == 0:
        change.last = slot_last(leaf, z[0], end)
    elif change.last == slot_last(leaf, z[0], end) and z[0] + 1 < count and leaf.slots[z[0] + 1] == 0:
        z[0] += 1
        change.last = slot_last(leaf, z[0], end)
    if leaf.slots[a[0]] == 0:
        change.first = slot_first(leaf, a[0], start)
    elif change.first == slot_first(leaf, a[0], start) and a[0] and leaf.slots[a[0] - 1] == 0:
        a[0] -= 1
        change.first = slot_first(leaf, a[0], start)


cdef bint in_place(maple_change* change, unsigned int a, unsigned int z) noexcept nogil:
    """Overwrite one slot exactly, or move the boundary between two; False if it is neither.

    A reader beside it sees the old or the new entry of each index.
    """
    cdef maple_node* leaf = change.left.node[change.leaf]
    cdef uint64_t start = change.left.start[change.leaf], end = change.left.end[change.leaf]
    cdef bint at_start = change.first == slot_first(leaf, a, start)
    cdef bint at_end = change.last == slot_last(leaf, z, end)
    if at_start and at_end and a == z:
        word_publish(&leaf.slots[a], change.entry)
        return True
    if z != a + 1 or at_start == at_end:
        return False
    if at_start:
        word_publish(&leaf.slots[a], change.entry)
        word_publish(&leaf.pivots[a], change.last)
    else:
        word_publish(&leaf.slots[z], change.entry)
        word_publish(&leaf.pivots[a], change.first - 1)
    return True


cdef inline bint append(maple_change* change, unsigned int a, unsigned int count) noexcept nogil:
    """Without RCU mode: take the beginning of the last slot, and move no other slot.

    False for any other store, and in a leaf that is full.
    """
    cdef maple_node* leaf = change.left.node[change.leaf]
    cdef uint64_t end = change.left.end[change.leaf]
    if change.tree.rcu or a + 1 != count or count == SLOTS or change.last >= end:
        return False
    if change.first != slot_first(leaf, a, change.left.start[change.leaf]):
        return False
    leaf.slots[count], leaf.slots[a], leaf.pivots[a] = leaf.slots[a], change.entry, change.last
    if count < PIVOTS:
        leaf.pivots[count] = end
        leaf.slots[SLOTS - 1] = count  # the metadata
    return True


cdef inline unsigned int find_last(const maple_change* change, unsigned int a, uint64_t last) noexcept nogil:
    """The slot of the leaf that holds `last`, from slot `a` on."""
    cdef const maple_node* leaf = change.left.node[change.leaf]
    while a < PIVOTS and leaf.pivots[a] < last:
        a += 1
    return a


cdef int store_leaf(maple_change* change) noexcept nogil:
    """A store that lies within the leaf at the end of the left path."""
    cdef unsigned int depth = change.leaf, a = change.left.slot[depth], z = find_last(change, a, change.last)
    cdef unsigned int count = path_count(&change.left, depth)
    cdef maple_node* leaf = change.left.node[depth]
    cdef uint64_t end = change.left.end[depth], start
    cdef maple_list items
    if change.entry == 0:
        widen(change, &a, &z, count)
    if in_place(change, a, z):
        return 0
    if change.first == 0 and change.last == MAX_INDEX:
        return store_everything(change)
    if append(change, a, count):
        return 0
    items.n = 0
    list_take(&items, leaf, 0, a, end)
    start = slot_first(leaf, a, change.left.start[depth])
    if start < change.first:
        list_add(&items, change.first - 1, leaf.slots[a])
    list_add(&items, change.last, change.entry)
    if slot_last(leaf, z, end) > change.last:
        list_add(&items, slot_last(leaf, z, end), leaf.slots[z])
    list_take(&items, leaf, z + 1, count, end)
    if items.n <= FEW and depth and not change.tree.bulk:
        return combine_short(change, &items)
    if items.n > SLOTS:
        return grow(change, &items)
    return rewrite(change, &items)


cdef int rewrite(maple_change* change, const maple_list* items) noexcept nogil:
    """The leaf gets the list: in place, or in RCU mode as a copy."""
    cdef unsigned int depth = change.leaf
    if not change.tree.rcu:
        list_put(items, 0, items.n, change.left.node[depth])
        return 0
    give_up(change, change.left.node[depth])
    return commit(change, depth, make_node(change, LEAF, items, 0, items.n))
