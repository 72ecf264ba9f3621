"""Storing and erasing: everything that puts entries, and the nodes above them, into the tree.

A store walks down to the level of its order (`xas_create`: growing the tree at the top and making
the nodes on the way), replaces the content of its slots (`replace_slots`), and drops the nodes
that this left empty (trim.pyx).  Erasing is a store of NULL without the making.

    store p1 at 4660 into an empty array      grow to shift 12, make 6 and 0: three nodes, slots 1, 8, 52
    erase 4660                                three nodes empty, three nodes freed

A store that lands inside a larger entry does not split it: the whole of that entry is replaced.
One that covers smaller entries takes their place, and frees the nodes below.

*The count of values.*  Linux changes `nr_values` by what each write changes, and a store into an
entry of several slots writes the first alone:

    slots 8 .. 15   v7 s8 s8 s8 s8 s8 s8 s8    nr_values 8
    store p1 at 9   p1 s8 s8 s8 s8 s8 s8 s8    nr_values 7: the siblings now belong to a pointer

So the count drifts from what a recount gives, and stays off until the node goes.  The trees that
were recorded hold it; here the node notes that it has `drifted`, so that `XArray.check` knows.
"""

from libc.stdint cimport uint64_t

from pagecache.xarray.entry cimport NULL_ENTRY, entry_t, is_internal, is_sibling, is_value
from pagecache.xarray.node cimport node_pool, xa_node
from pagecache.xarray.walk cimport slot_publish, tracks_free, xa_node_at, xa_state, xarray_t


cdef inline void add_values(xa_node* node, int values) noexcept nogil:
    """Linux keeps this count in one byte, which wraps; wider nodes need two."""
    node.nr_values = (node.nr_values + values) & (0xff if node.chunk_shift <= 7 else 0xffff)


cdef inline bint has_siblings(const xa_node* node, uint64_t offset) noexcept nogil:
    """Does the entry in a slot take the next one too?"""
    return (offset + 1) >> node.chunk_shift == 0 and is_sibling(node.slots[offset + 1])


cdef inline void write_slot(xa_node* node, uint64_t offset, entry_t entry, entry_t old) noexcept nogil:
    """Put an entry that is not NULL into one slot, which holds `old`, and keep the counts."""
    slot_publish(&node.slots[offset], entry)
    if old == NULL_ENTRY:
        node.count += 1
        if is_value(entry):
            add_values(node, 1)
    elif is_value(entry) != is_value(old):
        add_values(node, <int>is_value(entry) - <int>is_value(old))
        if has_siblings(node, offset):
            node.drifted = True


cdef inline bint store_in_leaf(xarray_t* xa, uint64_t index, entry_t entry, entry_t* old) noexcept nogil:
    """The usual store of order 0, without a state: into a leaf that is there already.

    False, with nothing changed, if it is not there, if a larger entry or a reserved slot is met,
    or if free slots are tracked.  O(height).
    """
    cdef xa_node* leaf = xa_node_at(xa, index, 0)
    cdef uint64_t offset = index & xa.mask
    if leaf is NULL or is_internal(leaf.slots[offset]) or tracks_free(xa):
        return False
    old[0] = leaf.slots[offset]
    write_slot(leaf, offset, entry, old[0])
    return True


cdef void xa_init(xarray_t* xa, node_pool* pool, unsigned int chunk_shift,
                  unsigned int flags) noexcept nogil
cdef entry_t xas_create(xa_state* xas, bint allow_root) noexcept nogil
cdef entry_t xas_store(xa_state* xas, entry_t entry) noexcept nogil
cdef entry_t xas_put(xa_state* xas, entry_t entry) noexcept nogil
cdef xa_node* new_node(xarray_t* xa, unsigned int shift) noexcept nogil
