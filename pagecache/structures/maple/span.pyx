"""Stores over several leaves."""

from libc.stdint cimport uint64_t

from pagecache.structures.maple.change cimport maple_path, path_count, path_down
from pagecache.structures.maple.combine cimport combine
from pagecache.structures.maple.leaf cimport store_everything
from pagecache.structures.maple.lists cimport list_add, list_take, maple_list
from pagecache.structures.maple.node cimport maple_node, slot_first, slot_last

cdef uint64_t MAX_INDEX = ~<uint64_t>0


cdef void find_right(maple_change* change, unsigned int depth) noexcept nogil:
    """The right path: as the left one to `depth`, from there to the index after the range."""
    cdef uint64_t end = change.left.end[depth], target
    target = change.last + 1 if change.last < end else end
    change.right = change.left
    path_down(&change.right, depth, change.leaf, target)


cdef void swallow(maple_change* change, maple_path* path, unsigned int depth, unsigned int first,
                  unsigned int end) noexcept nogil:
    """Subtrees under slots `first` to `end` - 1 of a node on a path go whole."""
    if first < end:
        change.gone[change.nr_gone].node = path.node[depth]
        change.gone[change.nr_gone].node_end = path.end[depth]
        change.gone[change.nr_gone].depth = depth
        change.gone[change.nr_gone].first = first
        change.gone[change.nr_gone].end = end
        change.nr_gone += 1


cdef void swallow_between(maple_change* change, unsigned int depth) noexcept nogil:
    """All that hangs between the two paths, from where they part."""
    cdef maple_path* left = &change.left
    cdef maple_path* right = &change.right
    swallow(change, left, depth, left.slot[depth] + 1, right.slot[depth])
    for depth in range(depth + 1, change.leaf):
        swallow(change, left, depth, left.slot[depth] + 1, path_count(left, depth))
        swallow(change, right, depth, 0, right.slot[depth])


cdef void widen(maple_change* change, unsigned int* a, unsigned int* q) noexcept nogil:
    """NULL takes in the NULLs that it begins in or after, and the one it ends in or before."""
    cdef unsigned int depth = change.leaf
    cdef maple_node* low = change.left.node[depth]
    cdef maple_node* high = change.right.node[depth]
    cdef uint64_t start = change.left.start[depth]
    if low.slots[a[0]] == 0:
        change.first = slot_first(low, a[0], start)
    elif change.first == slot_first(low, a[0], start) and a[0] and low.slots[a[0] - 1] == 0:
        a[0] -= 1
        change.first = slot_first(low, a[0], start)
    if high.slots[q[0]] == 0:
        change.last = slot_last(high, q[0], change.right.end[depth])
        q[0] += 1


cdef int store_span(maple_change* change, unsigned int depth) noexcept nogil:
    """A store noticed, in the inner node at `depth`, to go beyond the slot that it begins in."""
    cdef unsigned int leaf = change.leaf, a, q
    cdef maple_node* low
    cdef maple_list items
    if change.first == 0 and change.last == MAX_INDEX:
        return store_everything(change)
    path_down(&change.left, depth, leaf, change.first)
    find_right(change, depth)
    a, q = change.left.slot[leaf], change.right.slot[leaf]
    low = change.left.node[leaf]
    if change.entry == 0:
        widen(change, &a, &q)
        if change.first == 0 and change.last == MAX_INDEX:
            return store_everything(change)
    swallow_between(change, depth)
    items.n = 0
    list_take(&items, low, 0, a, change.left.end[leaf])
    if slot_first(low, a, change.left.start[leaf]) < change.first:
        list_add(&items, change.first - 1, low.slots[a])
    list_add(&items, change.last, change.entry)
    if change.right.end[leaf] > change.last:
        list_take(&items, change.right.node[leaf], q, path_count(&change.right, leaf),
                  change.right.end[leaf])
    return combine(change, &items)
