"""Sharing and cutting, level by level upward."""

from libc.stdint cimport uint64_t

from pagecache.structures.maple.change cimport (
    commit,
    commit_root,
    give_up,
    kind_at,
    make_node,
    path_count,
)
from pagecache.structures.maple.lists cimport avoid_null, list_add, list_join, list_take
from pagecache.structures.maple.node cimport (
    FEW,
    INNER,
    SLOTS,
    maple_node,
    slot_count,
    slot_last,
    to_node,
    word_t,
)


cdef inline unsigned int most_shared(const maple_change* change, unsigned int depth) noexcept nogil:
    """The slots that two neighbours may have together."""
    return 2 * SLOTS - 1 - (depth == change.leaf) - (change.left.end[depth] == ~<uint64_t>0)


cdef bint take_neighbour(
        maple_change* change, unsigned int depth, maple_list* items, int side) noexcept nogil:
    """Put the left (-1) or right (1) neighbour's slots beside the list, if they may share."""
    cdef maple_node* parent = change.left.node[depth - 1]
    cdef uint64_t parent_end = change.left.end[depth - 1], end
    cdef int slot = <int>change.left.slot[depth - 1] + side
    cdef maple_node* node
    cdef maple_list both
    cdef unsigned int count
    if slot < 0 or slot >= <int>slot_count(parent, parent_end):
        return False
    node, end = to_node(parent.slots[slot]), slot_last(parent, slot, parent_end)
    count = slot_count(node, end)
    if count + items.n > most_shared(change, depth):
        return False
    give_up(change, node)
    if side > 0:
        list_take(items, node, 0, count, end)
        return True
    both.n = 0
    list_take(&both, node, 0, count, end)
    list_join(&both, items)
    items[0] = both
    return True


cdef void replace_in_parent(maple_change* change, unsigned int depth, maple_list* items,
                            unsigned int first, unsigned int end, const word_t* made,
                            const uint64_t* last, unsigned int count) noexcept nogil:
    """The parent's list, with new nodes in the place of its slots `first` to `end` - 1."""
    cdef unsigned int k, slots = path_count(&change.left, depth - 1)
    cdef maple_node* parent = change.left.node[depth - 1]
    cdef uint64_t parent_end = change.left.end[depth - 1]
    items.n = 0
    list_take(items, parent, 0, first, parent_end)
    for k in range(count):
        list_add(items, last[k], made[k])
    list_take(items, parent, end, slots, parent_end)


cdef int share(maple_change* change, unsigned int depth, maple_list* items, unsigned int cut,
               unsigned int first) noexcept nogil:
    """Two new nodes of a joint list for two neighbours, of which `first` is the left one's slot."""
    cdef word_t[2] made
    cdef uint64_t[2] last
    last[0], last[1] = items.last[cut], items.last[items.n - 1]
    made[0] = make_node(change, kind_at(change, depth), items, 0, cut + 1)
    made[1] = make_node(change, kind_at(change, depth), items, cut + 1, items.n)
    replace_in_parent(change, depth, items, first, first + 2, made, last, 2)
    give_up(change, change.left.node[depth - 1])
    return commit(change, depth - 1, make_node(change, INNER, items, 0, items.n))


cdef unsigned int middle(
        const maple_change* change, unsigned int depth, const maple_list* items) noexcept nogil:
    """Where a list is cut in two.  While loading, the left one has all but 6 of its slots full."""
    cdef unsigned int end = items.n - 1, cut = end // 2
    if change.tree.bulk:
        cut = SLOTS - FEW - 1
        return cut - 1 if depth == change.leaf and items.slot[cut] == 0 else cut
    return avoid_null(items, cut, end) if depth == change.leaf else cut


cdef int grow(maple_change* change, maple_list* items) noexcept nogil:
    """Find room for a list in the place of the left path's leaf.  O(height)."""
    cdef unsigned int depth = change.leaf, cut, slot
    cdef bint leaf
    cdef word_t[2] made
    cdef uint64_t[2] last
    while items.n > SLOTS:
        leaf = depth == change.leaf
        give_up(change, change.left.node[depth])
        if depth:
            slot = change.left.slot[depth - 1]
            if take_neighbour(change, depth, items, -1):
                cut = SLOTS - 2
                cut = avoid_null(items, cut, items.n - 1) if leaf else cut
                return share(change, depth, items, cut, slot - 1)
            if take_neighbour(change, depth, items, 1):
                cut = items.n - SLOTS
                cut = avoid_null(items, cut, items.n) if leaf else cut
                return share(change, depth, items, cut, slot)
        cut = middle(change, depth, items)
        last[0], last[1] = items.last[cut], items.last[items.n - 1]
        made[0] = make_node(change, kind_at(change, depth), items, 0, cut + 1)
        made[1] = make_node(change, kind_at(change, depth), items, cut + 1, items.n)
        if depth == 0:
            return new_root(change, made, last)
        replace_in_parent(change, depth, items, slot, slot + 1, made, last, 2)
        depth -= 1
    give_up(change, change.left.node[depth])
    return commit(change, depth, make_node(change, kind_at(change, depth), items, 0, items.n))


cdef int new_root(maple_change* change, const word_t* made, const uint64_t* last) noexcept nogil:
    """A root over the two halves of the old one."""
    cdef maple_list items
    cdef unsigned int height = change.tree.height + 1
    items.n = 0
    list_add(&items, last[0], made[0])
    list_add(&items, last[1], made[1])
    return commit_root(change, make_node(change, INNER, &items, 0, 2), height)
