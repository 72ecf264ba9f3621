"""Splitting one entry into smaller ones: in its node, or through children made beforehand."""

from libc.errno cimport EINVAL, ENOENT, ENOMEM
from libc.string cimport memset

from pagecache.xarray.entry cimport (
    NULL_ENTRY,
    is_value,
    mk_node,
    mk_sibling,
)
from pagecache.xarray.find cimport xas_order
from pagecache.xarray.node cimport (
    MARKS,
    mark_words,
    node_get_mark,
    node_marks,
    node_set_mark,
    pool_free,
    xa_node,
)
from pagecache.xarray.step cimport entry_first, entry_last
from pagecache.xarray.store cimport add_values, new_node
from pagecache.xarray.walk cimport (
    marks_siblings,
    slot_publish,
    tracks_free,
    xa_state,
    xas_init,
    xas_load,
)


cdef int stand_at(xa_state* xas, xarray_t* xa, uint64_t index) noexcept nogil:
    """Walk to the entry that covers `index`: its order, or a negative errno."""
    xas_init(xas, xa, index, 0)
    if xas_load(xas) == NULL_ENTRY:
        return -ENOENT
    return xas_order(xas)


cdef int xa_split(xarray_t* xa, uint64_t index, unsigned int order) noexcept nogil:
    """Split the entry that covers `index` into entries of `order`: 0, or a negative errno.

    O(slots written); nodes: one for each slot of the old entry where the order lies a level below.
    """
    cdef xa_state xas
    cdef int old = stand_at(&xas, xa, index)
    cdef unsigned int below = order // xa.chunk_shift, level
    if old > 0 and entry_last(&xas) - entry_first(&xas) != (<uint64_t>1 << old) - 1:
        return -EINVAL  # a run of slots that is no power of two: it has no order to split
    if old < 0 or <unsigned int>old <= order:
        return old if old < 0 else (0 if <unsigned int>old == order else -EINVAL)
    level = xas.node.shift // xa.chunk_shift  # not the order's: a run may fill its node
    if below + 1 < level:
        return -EINVAL
    xa.changes += 1
    if below < level:
        return split_into_children(&xas, 1 << (<unsigned int>old - xas.node.shift), order)
    split_in_node(&xas, 1 << (<unsigned int>old - xas.node.shift), order)
    return 0


cdef int xa_try_split(xarray_t* xa, uint64_t index, unsigned int order) noexcept nogil:
    """Split as `xa_split` does if that takes one new node at most; else -EINVAL."""
    cdef xa_state xas
    cdef int old = stand_at(&xas, xa, index)
    if old > 0 and <unsigned int>old // xa.chunk_shift != order // xa.chunk_shift:
        if old % xa.chunk_shift or <int>order != old - 1:
            return -EINVAL
    return xa_split(xa, index, order)


cdef void split_in_node(xa_state* xas, unsigned int slots, unsigned int order) noexcept nogil:
    """Make every 2^k-th of the entry's slots canonical; each takes the entry's marks."""
    cdef xa_node* node = xas.node
    cdef unsigned int each = 1 << (order % xas.xa.chunk_shift), k = 0
    cdef entry_t entry = node.slots[xas.offset]
    while k < slots:
        write_run(node, xas.offset + k, each, entry)
        carry_marks(xas, xas.offset + k)
        k += each


cdef inline void carry_marks(xa_state* xas, unsigned int offset) noexcept nogil:
    """Give a slot the marks of the entry that is split."""
    cdef unsigned int mark
    for mark in range(<unsigned int>MARKS):
        if node_get_mark(xas.node, xas.offset, mark):
            node_set_mark(xas.node, offset, mark)


cdef void write_run(xa_node* node, unsigned int first, unsigned int slots, entry_t entry) noexcept nogil:
    """The entry first, then its siblings: a reader meets siblings of what is there already."""
    cdef unsigned int k
    slot_publish(&node.slots[first], entry)
    for k in range(1, slots):
        slot_publish(&node.slots[first + k], mk_sibling(first))


cdef int split_into_children(xa_state* xas, unsigned int slots, unsigned int order) noexcept nogil:
    """Put a child full of entries of `order` into each slot of the old entry."""
    cdef xa_node* node = xas.node
    cdef unsigned int k
    cdef entry_t entry = node.slots[xas.offset]
    cdef xa_node* children = make_children(xas, slots)
    cdef xa_node* child
    if children is NULL:
        return -ENOMEM
    for k in range(slots):
        child = children
        children = child.next
        child.parent, child.offset = node, xas.offset + k
        fill_child(xas, child, entry, 1 << (order % xas.xa.chunk_shift))
        carry_marks(xas, xas.offset + k)
        slot_publish(&node.slots[xas.offset + k], mk_node(child))
    if is_value(entry):
        add_values(node, -<int>slots)
    return 0


cdef xa_node* make_children(xa_state* xas, unsigned int slots) noexcept nogil:
    """A chain of new nodes a level below the state's; NULL, and none made, if memory runs out."""
    cdef xa_node* chain = NULL
    cdef xa_node* child
    cdef unsigned int _
    for _ in range(slots):
        child = new_node(xas.xa, xas.node.shift - xas.xa.chunk_shift)
        if child is NULL:
            while chain is not NULL:
                child, chain = chain, chain.next
                child.count = tracks_free(xas.xa)  # the marks of free slots must be cleaned
                pool_free(xas.xa.pool, child)
            return NULL
        child.next, chain = chain, child
    return chain


cdef void fill_child(xa_state* xas, xa_node* child, entry_t entry, unsigned int each) noexcept nogil:
    """Fill a child with entries of `each` slots.

    A mark that the split entry carries is set on the first slot of each piece.  One that it does
    not carry is on none: not the mark of free slots either, which a node is born with where they
    are tracked.
    """
    cdef unsigned int slots = 1 << child.chunk_shift, k = 0, mark
    while k < slots:
        write_run(child, k, each, entry)
        k += each
    child.count = slots
    child.nr_values = slots if is_value(entry) else 0
    for mark in range(<unsigned int>MARKS):
        memset(node_marks(child, mark), 0, mark_words(slots) * sizeof(uint64_t))
        if node_get_mark(xas.node, xas.offset, mark):
            mark_pieces(child, mark, 1 if marks_siblings(xas.xa) else each)


cdef void mark_pieces(xa_node* child, unsigned int mark, unsigned int each) noexcept nogil:
    """Mark every `each`-th slot of a new child.

    The first of each piece; until Linux 6.8 all, where a search then met siblings, and after an
    erasure marked slots that hold nothing.
    """
    cdef unsigned int slots = 1 << child.chunk_shift, offset = 0
    while offset < slots:
        node_set_mark(child, offset, mark)
        offset += each
