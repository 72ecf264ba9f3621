"""The plain calls of the XArray, each a short walk with a state, and the class `XArray`.

How lookup works is told and shown in walk.pxd.
"""

from libc.errno cimport EBUSY, EINVAL, ENOMEM

from pagecache.index.entry cimport (
    NULL_ENTRY,
    is_advanced,
    is_error,
    is_node,
    is_sibling,
    is_value,
    mk_error,
    mk_value,
    to_error,
    to_value,
    visible,
)
from pagecache.index.find cimport (
    PRESENT,
    xa_find,
    xa_find_after,
    xas_find,
    xas_find_marked,
    xas_order,
)
from pagecache.index.marks cimport (
    xa_marked,
    xas_clear_mark,
    xas_get_mark,
    xas_set_mark,
)
from pagecache.index.node cimport CHUNK_SHIFT, MARKS
from pagecache.index.store cimport xa_destroy, xa_init, xas_store
from pagecache.index.text cimport array_text, check_tree, raw_slot
from pagecache.index.walk cimport in_node, slot_index, xa_load, xa_state, xas_init, xas_load

from pagecache.errors import EntryExists

cdef uint64_t MAX_INDEX = ~<uint64_t>0


cdef inline entry_t result(const xa_state* xas, entry_t entry) noexcept nogil:
    return mk_error(xas.error) if xas.error else visible(entry)


cdef entry_t xa_store(xarray_t* xa, uint64_t index, unsigned int order, entry_t entry) noexcept nogil:
    """Store an entry of `order` over `index`; what was there, or an error.  O(height + slots)."""
    cdef xa_state xas
    if is_advanced(entry) or order > 63:
        return mk_error(EINVAL)
    xas_init(&xas, xa, index, order)
    entry = xas_store(&xas, entry)
    return result(&xas, entry)


cdef entry_t xa_erase(xarray_t* xa, uint64_t index) noexcept nogil:
    """Remove the whole entry that covers `index`; what it was.  O(height + slots)."""
    cdef xa_state xas
    xas_init(&xas, xa, index, 0)
    return visible(xas_store(&xas, NULL_ENTRY))


cdef entry_t xa_cmpxchg(xarray_t* xa, uint64_t index, entry_t old, entry_t entry) noexcept nogil:
    """Replace the entry at `index` if it is `old`; what was there, or an error."""
    cdef xa_state xas
    cdef entry_t current
    if is_advanced(entry):
        return mk_error(EINVAL)
    xas_init(&xas, xa, index, 0)
    current = xas_load(&xas)
    if current == old:
        xas_store(&xas, entry)
    return result(&xas, current)


cdef int xa_insert(xarray_t* xa, uint64_t index, unsigned int order, entry_t entry) noexcept nogil:
    """Store unless something is there: 0, or a negative errno.  O(height + slots)."""
    cdef xa_state xas
    cdef uint64_t span
    if is_advanced(entry) or order > 63:
        return -EINVAL
    xas_init(&xas, xa, index, order)
    span = (<uint64_t>1 << order) - 1
    xas.shift = xas.sibs = 0
    if xas_find(&xas, xas.index | span) != NULL_ENTRY:
        return -EBUSY
    xas_init(&xas, xa, index, order)
    xas_store(&xas, entry)
    return -xas.error


cdef unsigned int xa_get_order(xarray_t* xa, uint64_t index) noexcept nogil:
    """The order of the entry that covers `index`; 0 if there is none.  O(height)."""
    cdef xa_state xas
    xas_init(&xas, xa, index, 0)
    return 0 if xas_load(&xas) == NULL_ENTRY else xas_order(&xas)


cdef bint xa_get_mark(xarray_t* xa, uint64_t index, unsigned int mark) noexcept nogil:
    cdef xa_state xas
    xas_init(&xas, xa, index, 0)
    return xas_load(&xas) != NULL_ENTRY and xas_get_mark(&xas, mark)


cdef void xa_set_mark(xarray_t* xa, uint64_t index, unsigned int mark) noexcept nogil:
    """Mark the entry that covers `index`; nothing if there is none.  O(height)."""
    cdef xa_state xas
    xas_init(&xas, xa, index, 0)
    if xas_load(&xas) != NULL_ENTRY:
        xas_set_mark(&xas, mark)


cdef void xa_clear_mark(xarray_t* xa, uint64_t index, unsigned int mark) noexcept nogil:
    cdef xa_state xas
    xas_init(&xas, xa, index, 0)
    if xas_load(&xas) != NULL_ENTRY:
        xas_clear_mark(&xas, mark)


cdef entry_t xa_next(
        xarray_t* xa, uint64_t* index, uint64_t* end, uint64_t last, unsigned int filter) noexcept nogil:
    """The first whole entry that reaches `index` or lies after it: its first and last index."""
    cdef xa_state xas
    cdef entry_t entry
    cdef uint64_t offset
    xas_init(&xas, xa, index[0], 0)
    entry = xas_find(&xas, last) if filter == PRESENT else xas_find_marked(&xas, last, filter)
    if entry == NULL_ENTRY:
        return entry
    if not in_node(&xas):
        index[0], end[0] = 0, 0
        return visible(entry)
    offset = xas.offset
    index[0] = slot_index(xas.node, offset, xas.index)
    while offset < xa.mask and is_sibling(xas.node.slots[offset + 1]):
        offset += 1
    end[0] = slot_index(xas.node, offset, xas.index) + ((<uint64_t>1 << xas.node.shift) - 1)
    return visible(entry)


# The Python face -----------------------------------------------------------------------------


cdef class Pointer:
    """A pointer entry: an address aligned to 4 bytes, kept as it is.

    Examples
    --------
    >>> import pagecache as pc
    >>> pc.Pointer(0x1000)
    Pointer(0x1000)
    """

    def __init__(self, uint64_t address):
        if address & 3 or address == 0:
            raise ValueError(f"pointer {address:#x} must be above 0 and aligned to 4 bytes")
        self.address = address

    def __eq__(self, other):
        return isinstance(other, Pointer) and (<Pointer>other).address == self.address

    def __hash__(self):
        return hash((Pointer, self.address))

    def __repr__(self):
        return f"Pointer({self.address:#x})"


class _Subtree:
    """What a store over several smaller entries returns: a whole subtree was there."""

    def __repr__(self):
        return "SUBTREE"


SUBTREE = _Subtree()


cdef entry_t from_python(object entry) except? 0:
    if entry is None:
        return NULL_ENTRY
    if isinstance(entry, Pointer):
        return (<Pointer>entry).address
    if not 0 <= entry < 1 << 63:
        raise ValueError(f"value {entry} must be from 0 to 2**63 - 1")
    return mk_value(entry)


cdef object to_python(entry_t entry):
    if is_error(entry):
        if to_error(entry) == ENOMEM:
            raise MemoryError("the node pool cannot grow; the array is as before")
        raise ValueError("this entry is the array's own and cannot be stored")
    if entry == NULL_ENTRY:
        return None
    if is_node(entry):
        return SUBTREE
    return to_value(entry) if is_value(entry) else Pointer(entry)


cdef unsigned int filter_of(object mark) except *:
    if mark is None:
        return PRESENT
    return mark_of(mark)


cdef unsigned int mark_of(object mark) except *:
    if not 0 <= mark < MARKS:
        raise ValueError(f"mark {mark} must be 0, 1 or 2")
    return mark


cdef class XArray:
    """Linux's XArray: an ordered map from 64-bit indices to entries of any order.

    Parameters
    ----------
    chunk_shift : int
        Nodes have ``2**chunk_shift`` slots (3 to 7).
    pool : NodePool, optional
        Where nodes come from; its own pool if none is given.

    Notes
    -----
    Entries are ints from 0 to 2**63 - 1 (value entries) or `Pointer`.  None stands for nothing.

    Examples
    --------
    >>> import pagecache as pc
    >>> xa = pc.XArray()
    >>> xa.store(512, 7, order=9)
    >>> xa.load(1000), xa.order(1000), xa.nodes
    (7, 9, 1)
    """

    def __cinit__(self, *, unsigned int chunk_shift=CHUNK_SHIFT, NodePool pool=None):
        self.pool = NodePool(chunk_shift) if pool is None else pool
        xa_init(&self.xa, &self.pool.pool, self.pool.chunk_shift)

    def __dealloc__(self):
        if self.pool is not None:
            xa_destroy(&self.xa)

    def load(self, uint64_t index):
        """The entry at `index`, or None.  O(height)."""
        return to_python(xa_load(&self.xa, index))

    def store(self, uint64_t index, entry, unsigned int order=0):
        """Store over ``2**order`` indices; the previous entry or None.  O(height + slots).

        `index` is rounded down to a multiple of ``2**order``.  None erases.  Raises MemoryError
        when the pool cannot grow, and the array is as before.
        """
        check_order(order)
        return to_python(xa_store(&self.xa, index, order, from_python(entry)))

    def erase(self, uint64_t index):
        """Remove the whole entry that covers `index`; that entry or None.  O(height + slots)."""
        return to_python(xa_erase(&self.xa, index))

    def insert(self, uint64_t index, entry, unsigned int order=0):
        """Store where nothing is; EntryExists if any index of the range is taken."""
        check_order(order)
        cdef int failed = xa_insert(&self.xa, index, order, from_python(entry))
        if failed == -EBUSY:
            raise EntryExists(f"index {index} is taken: use store() to replace what is there")
        if failed:
            to_python(mk_error(-failed))

    def cmpxchg(self, uint64_t index, old, entry):
        """Replace the entry at `index` if it equals `old`; what was there."""
        return to_python(xa_cmpxchg(&self.xa, index, from_python(old), from_python(entry)))

    def order(self, uint64_t index):
        """The order of the entry at `index`, 0 if there is none.  O(height)."""
        return xa_get_order(&self.xa, index)

    def set_mark(self, uint64_t index, mark):
        """Set mark 0, 1 or 2 on the entry at `index`; nothing if there is none.  O(height)."""
        xa_set_mark(&self.xa, index, mark_of(mark))

    def clear_mark(self, uint64_t index, mark):
        """Clear a mark of the entry at `index`.  O(height)."""
        xa_clear_mark(&self.xa, index, mark_of(mark))

    def get_mark(self, uint64_t index, mark):
        """Whether the entry at `index` carries the mark.  O(height)."""
        return bool(xa_get_mark(&self.xa, index, mark_of(mark)))

    def marked(self, mark):
        """Whether any entry carries the mark.  O(1)."""
        return bool(xa_marked(&self.xa, mark_of(mark)))

    def find(self, uint64_t index, max=None, mark=None):
        """The first (index, entry) at or after `index` and up to `max`, or None.  O(height).

        From the middle of an entry, that entry with the index asked for.  By mark, with its first
        index, even if that lies before `index` (as Linux 5.17 answers).
        """
        cdef uint64_t last = MAX_INDEX if max is None else max
        cdef entry_t entry = xa_find(&self.xa, &index, last, filter_of(mark))
        return None if entry == NULL_ENTRY else (index, to_python(entry))

    def find_after(self, uint64_t index, max=None, mark=None):
        """The first (index, entry) after the entry that covers `index`, or None.  O(height)."""
        cdef uint64_t last = MAX_INDEX if max is None else max
        cdef entry_t entry = xa_find_after(&self.xa, &index, last, filter_of(mark))
        return None if entry == NULL_ENTRY else (index, to_python(entry))

    def items(self, uint64_t start=0, stop=None, mark=None):
        """Each entry that reaches into [start, stop) once, as (first index, entry), in order.

        The array may change during the loop.  O(height) a step.
        """
        cdef uint64_t index = start, end = 0, last = MAX_INDEX if stop is None else stop - 1
        cdef entry_t entry
        if stop is not None and stop <= start:
            return
        while True:
            entry = xa_next(&self.xa, &index, &end, last, filter_of(mark))
            if entry == NULL_ENTRY:
                return
            yield index, to_python(entry)
            if end >= last:
                return
            index = end + 1

    def __iter__(self):
        return self.items()

    def destroy(self):
        """Remove everything.  O(nodes)."""
        xa_destroy(&self.xa)

    @property
    def empty(self):
        """Whether nothing is stored."""
        return self.xa.head == NULL_ENTRY

    @property
    def nodes(self):
        """Nodes in use from the array's pool."""
        return self.pool.pool.nodes

    @property
    def node_bytes(self):
        """Bytes of those nodes, 576 each at the usual chunk shift."""
        return self.pool.pool.nodes * self.pool.pool.node_size

    def raw(self, uint64_t index):
        """The word in the slot for `index`: siblings and reserved slots as they are.  O(height)."""
        return raw_slot(&self.xa, index)

    def dump(self):
        """The whole tree as text, depth first: head, then each node with its slots."""
        return array_text(&self.xa)

    def check(self):
        """Raise AssertionError, with the dump, if the tree breaks its rule.  O(slots)."""
        check_tree(&self.xa)


cdef void check_order(unsigned int order) except *:
    if order > 63:
        raise ValueError(f"order {order} must be from 0 to 63")
