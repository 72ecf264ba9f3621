"""Putting lists together, level by level upward."""

from libc.stdint cimport uint64_t

from pagecache.structures.maple.change cimport (
    commit,
    commit_root,
    give_up,
    kind_at,
    make_node,
    maple_path,
    path_count,
)
from pagecache.structures.maple.lists cimport avoid_null, list_add, list_join, list_take
from pagecache.structures.maple.node cimport (
    FEW,
    INNER,
    LEAF,
    SLOTS,
    slot_first,
    slot_last,
    to_node,
    word_t,
)


cdef inline bint is_whole(const maple_change* change, unsigned int depth) noexcept nogil:
    """Is the list from the left to the right node all of this level?"""
    return change.left.start[depth] == 0 and change.right.end[depth] == ~<uint64_t>0


# Neighbours ----------------------------------------------------------------------------------


cdef void move_path(maple_path* path, const maple_path* other, unsigned int top, unsigned int depth,
                    int side, maple_change* change) noexcept nogil:
    """Step to the neighbour below depth `top`, down along its near edge to `depth`.

    Nodes that the path leaves, and the other path does not go through, are in the list by now.
    """
    cdef unsigned int k
    for k in range(top + 1, depth + 1):
        if path.node[k] != other.node[k]:
            give_up(change, path.node[k])
    path.slot[top] += side
    for k in range(top, depth):
        path.start[k + 1] = slot_first(path.node[k], path.slot[k], path.start[k])
        path.end[k + 1] = slot_last(path.node[k], path.slot[k], path.end[k])
        path.node[k + 1] = to_node(path.node[k].slots[path.slot[k]])
        path.slot[k + 1] = 0 if side > 0 else path_count(path, k + 1) - 1


cdef void take_left(maple_change* change, unsigned int depth, maple_list* items) noexcept nogil:
    """Put the slots of the left path's node in front of a list."""
    cdef maple_list both
    both.n = 0
    list_take(&both, change.left.node[depth], 0, path_count(&change.left, depth), change.left.end[depth])
    list_join(&both, items)
    items[0] = both


cdef void take_in(maple_change* change, unsigned int depth, maple_list* items) noexcept nogil:
    """Take the nearest neighbour's slots into a list; nothing if it is the whole level."""
    cdef maple_path* left = &change.left
    cdef maple_path* right = &change.right
    cdef unsigned int above = depth
    while above:
        above -= 1
        if <unsigned int>right.slot[above] + 1 < path_count(right, above):
            move_path(right, left, above, depth, 1, change)
            list_take(items, right.node[depth], 0, path_count(right, depth), right.end[depth])
            return
        if left.slot[above]:
            move_path(left, right, above, depth, -1, change)
            take_left(change, depth, items)
            return


cdef int combine_short(maple_change* change, maple_list* items) noexcept nogil:
    """The list of a leaf that became too short: with the right neighbour, or else the left."""
    cdef unsigned int depth = change.leaf
    change.right = change.left
    if <unsigned int>change.right.slot[depth - 1] + 1 < path_count(&change.right, depth - 1):
        move_path(&change.right, &change.left, depth - 1, depth, 1, change)
        list_take(items, change.right.node[depth], 0, path_count(&change.right, depth),
                  change.right.end[depth])
    else:
        move_path(&change.left, &change.right, depth - 1, depth, -1, change)
        take_left(change, depth, items)
    return combine(change, items)


# The levels ----------------------------------------------------------------------------------


cdef unsigned int cut_list(const maple_list* items, bint leaf, unsigned int* cuts) noexcept nogil:
    """How many nodes a list takes, and the last slot of each but the last."""
    cdef unsigned int end = items.n - 1, half = end // 2
    if items.n <= SLOTS:
        return 1
    if end >= 2 * SLOTS or (leaf and end >= 2 * SLOTS - 1 and items.slot[half] == 0):
        cuts[0], cuts[1] = end // 3, end // 3 * 2
        if leaf:
            cuts[0] = avoid_null(items, cuts[0], end)
            cuts[1] = avoid_null(items, cuts[1], end)
        return 3
    cuts[0] = avoid_null(items, half, end) if leaf else half
    return 2


cdef unsigned int make_nodes(maple_change* change, unsigned int depth, const maple_list* items,
                             maple_list* made) noexcept nogil:
    """New nodes of a list in the place of those from the left to the right one; how many."""
    cdef unsigned int[3] cuts
    cdef unsigned int kind = kind_at(change, depth), k, first = 0
    cdef unsigned int nodes = cut_list(items, kind == LEAF, cuts)
    cuts[nodes - 1] = items.n - 1
    made.n = 0
    for k in range(nodes):
        list_add(made, items.last[cuts[k]], make_node(change, kind, items, first, cuts[k] + 1))
        first = cuts[k] + 1
    give_up_ends(change, depth)
    return nodes


cdef void give_up_ends(maple_change* change, unsigned int depth) noexcept nogil:
    """The left and the right path's nodes at a depth."""
    give_up(change, change.left.node[depth])
    if change.left.node[depth] != change.right.node[depth]:
        give_up(change, change.right.node[depth])


cdef void list_above(maple_change* change, unsigned int depth, const maple_list* made,
                     maple_list* items) noexcept nogil:
    """The list of the level above: the new nodes between what is left of both parents."""
    cdef const maple_path* left = &change.left
    cdef const maple_path* right = &change.right
    items.n = 0
    list_take(items, left.node[depth], 0, left.slot[depth], left.end[depth])
    list_join(items, made)
    list_take(items, right.node[depth], right.slot[depth] + 1, path_count(right, depth), right.end[depth])


cdef int become_root(maple_change* change, unsigned int depth, word_t child) noexcept nogil:
    """The one node of a level: the levels above it go."""
    cdef unsigned int k
    for k in range(depth):
        give_up_ends(change, k)
    return commit_root(change, child, change.tree.height - depth)


cdef int combine(maple_change* change, maple_list* items) noexcept nogil:
    """Put a list into the place of the leaves from the left to the right path.  O(height)."""
    cdef unsigned int depth = change.leaf, nodes
    cdef maple_list made
    if items.n <= FEW:
        take_in(change, depth, items)
    while True:
        nodes = make_nodes(change, depth, items, &made)
        if nodes == 1 and is_whole(change, depth):
            return become_root(change, depth, made.slot[0])
        if depth == 0:
            return commit_root(
                change, make_node(change, INNER, &made, 0, nodes), change.tree.height + 1)
        depth -= 1
        list_above(change, depth, &made, items)
        if items.n <= FEW and depth:
            take_in(change, depth, items)
        elif items.n <= SLOTS and change.left.node[depth] == change.right.node[depth]:
            give_up(change, change.left.node[depth])
            return commit(change, depth, make_node(change, INNER, items, 0, items.n))
