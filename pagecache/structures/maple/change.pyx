"""Making nodes, giving nodes up, and putting a change into its place."""

from libc.errno cimport ENOMEM

from pagecache.structures.maple.lists cimport list_put
from pagecache.structures.maple.node cimport (
    INNER,
    find_slot,
    is_internal,
    kind_of,
    mk_child,
    mk_parent,
    root_parent,
    slot_count,
    slot_first,
    slot_last,
    to_node,
    word_publish,
)
from pagecache.structures.pool cimport pool_alloc, pool_free


cdef void change_init(maple_change* change, maple_tree* tree, uint64_t first, uint64_t last,
                      word_t entry) noexcept nogil:
    """A change of [first, last]; if the tree has nodes, the left path begins at its root."""
    change.tree, change.first, change.last, change.entry = tree, first, last, entry
    change.nr_made, change.nr_dead, change.nr_gone, change.failed = 0, 0, 0, False
    change.leaf = tree.height - 1 if tree.height else 0
    if is_internal(tree.root):
        change.left.node[0] = to_node(tree.root)
        change.left.start[0], change.left.end[0] = 0, ~<uint64_t>0


cdef inline void path_step(maple_path* path, unsigned int depth) noexcept nogil:
    """Enter the node under the slot that is set at `depth`."""
    cdef const maple_node* node = path.node[depth]
    cdef unsigned int slot = path.slot[depth]
    path.node[depth + 1] = to_node(node.slots[slot])
    path.start[depth + 1] = slot_first(node, slot, path.start[depth])
    path.end[depth + 1] = slot_last(node, slot, path.end[depth])


cdef void path_down(maple_path* path, unsigned int depth, unsigned int to, uint64_t index) noexcept nogil:
    """From the node at `depth` to the one at depth `to` whose range holds `index`, and its slot."""
    while True:
        path.slot[depth] = find_slot(path.node[depth], index)
        if depth == to:
            return
        path_step(path, depth)
        depth += 1


cdef unsigned int path_count(const maple_path* path, unsigned int depth) noexcept nogil:
    return slot_count(path.node[depth], path.end[depth])


# Nodes ---------------------------------------------------------------------------------------


cdef maple_node* take_node(maple_tree* tree) noexcept nogil:
    cdef maple_node* node = tree.spare
    if node is NULL:
        return <maple_node*>pool_alloc(tree.pool)
    tree.spare = <maple_node*>node.pivots[0]
    tree.nr_spare -= 1
    return node


cdef word_t make_node(maple_change* change, unsigned int kind, const maple_list* items,
                      unsigned int first, unsigned int end) noexcept nogil:
    """A new node of a kind, of a part of a list; 0, and the change has failed, without memory."""
    cdef maple_node* node = NULL if change.failed else take_node(change.tree)
    if node is NULL:
        change.failed = True
        return 0
    list_put(items, first, end, node)
    node.parent = root_parent(change.tree)
    change.made[change.nr_made] = mk_child(node, kind)
    change.made_end[change.nr_made] = items.last[end - 1]
    change.nr_made += 1
    return change.made[change.nr_made - 1]


cdef void give_up(maple_change* change, maple_node* node) noexcept nogil:
    change.dead[change.nr_dead] = node
    change.nr_dead += 1


cdef inline void retire(maple_tree* tree, maple_node* node) noexcept nogil:
    """Mark a node dead and free it: the one place to defer it until no reader can be inside."""
    word_publish(&node.parent, <word_t>node)
    pool_free(tree.pool, node)


cdef void free_subtree(maple_tree* tree, maple_node* node, uint64_t end, unsigned int depth,
                       unsigned int leaf) noexcept nogil:
    """Retire a node and all below it.  The slots are counted: metadata is no child.  O(nodes)."""
    cdef unsigned int k
    if depth < leaf:
        for k in range(slot_count(node, end)):
            free_subtree(tree, to_node(node.slots[k]), slot_last(node, k, end), depth + 1, leaf)
    retire(tree, node)


cdef void free_gone(maple_change* change) noexcept nogil:
    """The subtrees that a store swallowed."""
    cdef unsigned int k, slot
    cdef maple_gone* gone
    for k in range(change.nr_gone):
        gone = &change.gone[k]
        for slot in range(gone.first, gone.end):
            free_subtree(change.tree, to_node(gone.node.slots[slot]),
                         slot_last(gone.node, slot, gone.node_end), gone.depth + 1, change.leaf)


# The end of a change -------------------------------------------------------------------------


cdef int undo(maple_change* change) noexcept nogil:
    """Give back what was made; the tree is as before."""
    while change.nr_made:
        change.nr_made -= 1
        pool_free(change.tree.pool, to_node(change.made[change.nr_made]))
    return -ENOMEM


cdef void adopt(maple_node* node, uint64_t end) noexcept nogil:
    """Tell the children of a new inner node who their parent is."""
    cdef unsigned int k
    for k in range(slot_count(node, end)):
        to_node(node.slots[k]).parent = mk_parent(node, k)


cdef void settle(maple_change* change) noexcept nogil:
    """Before new nodes can be reached: the way up from all that lies below them."""
    cdef unsigned int k
    for k in range(change.nr_made):
        if kind_of(change.made[k]) == INNER:
            adopt(to_node(change.made[k]), change.made_end[k])


cdef int clear_away(maple_change* change) noexcept nogil:
    """After it: the old nodes die, and those below them that nothing leads to."""
    cdef unsigned int k
    free_gone(change)
    for k in range(change.nr_dead):
        retire(change.tree, change.dead[k])
    return 0


cdef int commit(maple_change* change, unsigned int depth, word_t child) noexcept nogil:
    """Put a new node into the place of the left path's node at `depth`.  0, or -ENOMEM and undone."""
    cdef maple_node* parent
    cdef unsigned int slot
    if depth == 0:
        return commit_root(change, child, change.tree.height)
    if change.failed:
        return undo(change)
    settle(change)
    parent, slot = change.left.node[depth - 1], change.left.slot[depth - 1]
    to_node(child).parent = mk_parent(parent, slot)
    word_publish(&parent.slots[slot], child)
    return clear_away(change)


cdef int commit_root(maple_change* change, word_t child, unsigned int height) noexcept nogil:
    """Make a new node (0: nothing) the root of a tree of `height`.  0, or -ENOMEM and undone."""
    cdef maple_tree* tree = change.tree
    if change.failed:
        return undo(change)
    settle(change)
    tree.height = height
    word_publish(&tree.root, child)
    return clear_away(change)
