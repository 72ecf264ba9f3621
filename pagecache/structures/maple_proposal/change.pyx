"""Making nodes, giving nodes up, and the levels above a leaf."""

from libc.errno cimport ENOMEM

from pagecache.structures.maple_proposal.items cimport (
    add_item,
    put_children,
    put_leaf,
    take_children,
)
from pagecache.structures.maple_proposal.node cimport (
    FEW,
    INNER,
    PIVOTS,
    SLOTS,
    find_place,
    kind_of,
    marks_below,
    mk_child,
    mk_parent,
    root_parent,
    slot_first,
    slot_last,
    to_node,
    word_publish,
)
from pagecache.structures.pool cimport pool_alloc, pool_free


cdef void path_down(path_t* path, const marked_tree* tree, uint64_t index) noexcept nogil:
    """From the root to the leaf whose range holds an index, and its slot there."""
    cdef word_t word = tree.root
    cdef marked_node* node
    cdef unsigned int depth = 0, slot
    cdef uint64_t start = 0, end = ~<uint64_t>0
    while True:
        node = to_node(word)
        slot = find_place(node, kind_of(word), index)
        path.node[depth], path.start[depth], path.end[depth] = node, start, end
        path.slot[depth] = slot
        if kind_of(word) != INNER:
            path.leaf, path.kind = depth, kind_of(word)
            return
        start, end = slot_first(node, slot, start), slot_last(node, slot, end)
        word = node.words[PIVOTS + slot]
        depth += 1


cdef void change_init(change_t* change, marked_tree* tree) noexcept nogil:
    change.tree, change.nr_made, change.nr_dead, change.failed = tree, 0, 0, False


# Nodes ---------------------------------------------------------------------------------------


cdef marked_node* take_node(change_t* change) noexcept nogil:
    """A node, or NULL: then the change has failed."""
    cdef marked_node* node = NULL
    if not change.failed:
        node = <marked_node*>pool_alloc(change.tree.pool)
    change.failed = node is NULL
    return node


cdef word_t note_made(change_t* change, marked_node* node, unsigned int kind) noexcept nogil:
    cdef word_t child = mk_child(node, kind)
    node.parent = root_parent(change.tree)
    change.made[change.nr_made] = child
    change.nr_made += 1
    return child


cdef void give_up(change_t* change, marked_node* node) noexcept nogil:
    change.dead[change.nr_dead] = node
    change.nr_dead += 1


cdef void make_leaves(change_t* change, const items_t* items, uint64_t start, const part_t* parts,
                      unsigned int count, items_t* made) noexcept nogil:
    """New leaves of the parts of a list whose range begins at `start`, as a list of children."""
    cdef unsigned int k, first = 0, kind
    cdef marked_node* node
    made.n = 0
    for k in range(count):
        node = take_node(change)
        if node is NULL:
            return
        kind = put_leaf(items, first, parts[k].end, start, parts[k].last, node)
        add_item(made, 0, parts[k].last, note_made(change, node, kind), marks_below(node))
        first, start = parts[k].end, parts[k].last + 1


cdef void make_inner(change_t* change, const items_t* items, unsigned int first, unsigned int end,
                     items_t* made) noexcept nogil:
    """A new inner node of a part of a list, appended to a list of children."""
    cdef marked_node* node = take_node(change)
    if node is not NULL:
        put_children(items, first, end, node)
        add_item(made, 0, items.at[end - 1].last, note_made(change, node, INNER), marks_below(node))


# The levels above ----------------------------------------------------------------------------


cdef bint take_sibling(change_t* change, unsigned int depth, items_t* items, int side) noexcept nogil:
    """Put the slots of the left (-1) or right (1) neighbour under the same parent beside a list."""
    cdef const path_t* path = &change.path
    cdef marked_node* parent = path.node[depth - 1]
    cdef int slot = <int>path.slot[depth - 1] + side
    cdef marked_node* node
    cdef items_t both
    cdef unsigned int k
    if slot < 0 or slot >= <int>parent.count:
        return False
    node = to_node(parent.words[PIVOTS + slot])
    both.n = 0
    if node.count + items.n > 2 * SLOTS:
        return False
    take_children(&both, node, 0, node.count, slot_last(parent, slot, path.end[depth - 1]))
    give_up(change, node)
    if side > 0:
        for k in range(both.n):
            items.at[items.n + k] = both.at[k]
        items.n += both.n
        return True
    for k in range(items.n):
        both.at[both.n + k] = items.at[k]
    both.n += items.n
    items[0] = both
    return True


cdef int gather(change_t* change, unsigned int depth, items_t* items) noexcept nogil:
    """Take in a neighbour if the list is too long or too short; which: -1, 1, or 0 for neither.

    Too long: the left one first, so that ascending stores leave full nodes behind them.
    """
    cdef bint few = items.n <= FEW
    if depth == 0 or not (few or items.n > SLOTS):
        return 0
    if not few and take_sibling(change, depth, items, -1):
        return -1
    if take_sibling(change, depth, items, 1):
        return 1
    if few and take_sibling(change, depth, items, -1):
        return -1
    return 0


cdef void make_level(change_t* change, const items_t* items, int side, items_t* made) noexcept nogil:
    """One inner node of a list, or two: the left one full after sharing to the left."""
    cdef unsigned int cut = items.n // 2
    made.n = 0
    if items.n <= SLOTS:
        make_inner(change, items, 0, items.n, made)
        return
    if side < 0 and items.n - SLOTS > FEW:
        cut = SLOTS
    make_inner(change, items, 0, cut, made)
    make_inner(change, items, cut, items.n, made)


cdef int replace_children(change_t* change, int depth, unsigned int first, unsigned int last,
                          const items_t* made) noexcept nogil:
    """New children in the place of slots `first` to `last` of the path's node at `depth`.

    0, or -ENOMEM and undone.  `depth` -1: in the place of the root.  O(height).
    """
    cdef path_t* path = &change.path
    cdef items_t children = made[0], items
    cdef marked_node* node
    cdef unsigned int k
    cdef int side
    while depth >= 0 and not change.failed:
        node = path.node[depth]
        if children.n == 1 and first == last and (
                children.at[0].last == slot_last(node, first, path.end[depth])):
            return commit(change, &node.words[PIVOTS + first], children.at[0].word,
                          mk_parent(node, first), change.tree.height)
        items.n = 0
        take_children(&items, node, 0, first, path.end[depth])
        for k in range(children.n):
            items.at[items.n + k] = children.at[k]
        items.n += children.n
        take_children(&items, node, last + 1, node.count, path.end[depth])
        give_up(change, node)
        if depth == 0 and items.n == 1:
            return commit_root(change, items.at[0].word, change.tree.height - 1)
        side = gather(change, depth, &items)
        make_level(change, &items, side, &children)
        if depth:
            first = path.slot[depth - 1] - (side < 0)
            last = path.slot[depth - 1] + (side > 0)
        depth -= 1
    return replace_root(change, &children)


cdef int replace_root(change_t* change, const items_t* children) noexcept nogil:
    """The one child of a list as the root, or a root over several."""
    cdef items_t root
    if change.failed or children.n == 1:
        return commit_root(change, children.at[0].word, change.tree.height)
    root.n = 0
    make_inner(change, children, 0, children.n, &root)
    return commit_root(change, root.at[0].word, change.tree.height + 1)


# The end of a change -------------------------------------------------------------------------


cdef int undo(change_t* change) noexcept nogil:
    while change.nr_made:
        change.nr_made -= 1
        pool_free(change.tree.pool, to_node(change.made[change.nr_made]))
    return -ENOMEM


cdef void settle(change_t* change) noexcept nogil:
    """Before new nodes can be reached: the way up from all that lies below them."""
    cdef marked_node* node
    cdef unsigned int k, slot
    for k in range(change.nr_made):
        if kind_of(change.made[k]) == INNER:
            node = to_node(change.made[k])
            for slot in range(node.count):
                to_node(node.words[PIVOTS + slot]).parent = mk_parent(node, slot)


cdef int commit(change_t* change, word_t* at, word_t child, word_t parent,
                unsigned int height) noexcept nogil:
    """Put a new child (0: nothing) where a slot or the root pointer is; 0, or -ENOMEM and undone."""
    cdef unsigned int k
    if change.failed:
        return undo(change)
    settle(change)
    if child:
        to_node(child).parent = parent
    change.tree.height = height
    word_publish(at, child)
    for k in range(change.nr_dead):
        word_publish(&change.dead[k].parent, <word_t>change.dead[k])
        pool_free(change.tree.pool, change.dead[k])
    return 0


cdef int commit_root(change_t* change, word_t child, unsigned int height) noexcept nogil:
    return commit(change, &change.tree.root, child, root_parent(change.tree), height)
