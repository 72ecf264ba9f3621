"""The Python face of the XArray: `XArray`, and `Pointer` for entries that are addresses."""

from libc.errno cimport EBUSY, EINVAL, ENOENT, ENOMEM

from pagecache.index.alloc cimport xa_alloc, xa_alloc_cyclic
from pagecache.index.entry cimport (
    NULL_ENTRY,
    ZERO_ENTRY,
    is_error,
    is_node,
    is_value,
    mk_error,
    mk_value,
    to_error,
    to_value,
)
from pagecache.index.find cimport PRESENT, xa_find, xa_find_after
from pagecache.index.marks cimport xa_marked
from pagecache.index.node cimport CHUNK_SHIFT, MARKS
from pagecache.index.split cimport xa_split, xa_try_split
from pagecache.index.store cimport xa_destroy, xa_init
from pagecache.index.text cimport array_text, check_tree, raw_slot
from pagecache.index.walk cimport TRACK_FREE, ZERO_BUSY, xa_load

from pagecache.errors import EntryExists

cdef uint64_t MAX_INDEX = ~<uint64_t>0


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
    alloc : {None, 0, 1}
        Hand out IDs from 0 or from 1; mark 0 is then the array's own.
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

    def __cinit__(self, *, alloc=None, unsigned int chunk_shift=CHUNK_SHIFT, NodePool pool=None):
        if alloc is not None and int(alloc) not in {0, 1}:
            raise ValueError(f"alloc={alloc!r}: IDs are handed out from 0 or from 1")
        self.pool = NodePool(chunk_shift) if pool is None else pool
        xa_init(&self.xa, &self.pool.pool, self.pool.chunk_shift, flags_of(alloc))

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

    def reserve(self, uint64_t index):
        """Keep the slot for `index` if nothing is there: it reads as None, and a later store
        needs no memory.  O(height)."""
        to_python(xa_cmpxchg(&self.xa, index, NULL_ENTRY, ZERO_ENTRY))

    def release(self, uint64_t index):
        """Give up a reservation; nothing if an entry has been stored meanwhile.  O(height)."""
        xa_cmpxchg(&self.xa, index, ZERO_ENTRY, NULL_ENTRY)

    def store_range(self, uint64_t first, uint64_t last, entry):
        """Store one entry over [first, last], any two indices.  O(height + slots).

        It lies in as few runs of slots as fit; each run reads, and erases, as one entry.
        """
        if last < first:
            raise ValueError(f"last {last} is below first {first}")
        to_python(xa_store_range(&self.xa, first, last, from_python(entry)))

    def split(self, uint64_t index, unsigned int order):
        """Split the entry at `index` into entries of `order` that hold the same.  O(slots).

        Raises KeyError if nothing is there, ValueError if the order is above the entry's or more
        than one level of the tree below it.
        """
        split_failed(xa_split(&self.xa, index, order), index, order)

    def try_split(self, uint64_t index, unsigned int order):
        """Split as `split` does, but only if one new node is enough: 9 to 6 to 5 to 0.  O(slots)"""
        split_failed(xa_try_split(&self.xa, index, order), index, order)

    def alloc(self, entry, limit=(0, 2**32 - 1)):
        """Store at the lowest free index of `limit`, both ends included; that index.  O(height).

        None reserves it.  EntryExists if none is free; ValueError if the array was not made with
        ``alloc=0`` or ``1``.
        """
        cdef uint64_t index = 0
        cdef int failed = xa_alloc(&self.xa, &index, from_python(entry), limit[0], limit[1])
        alloc_failed(failed, limit)
        return index

    def alloc_cyclic(self, entry, limit=(0, 2**32 - 1)):
        """Like `alloc`, going on after the last index handed out: (index, whether it wrapped)."""
        cdef uint64_t index = 0
        cdef int failed = xa_alloc_cyclic(
            &self.xa, &index, from_python(entry), limit[0], limit[1], &self.next_id)
        alloc_failed(failed, limit)
        return index, failed == 1

    @property
    def next(self):
        """Where the next `alloc_cyclic` begins to search."""
        return self.next_id

    @next.setter
    def next(self, uint64_t index):
        self.next_id = index

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


cdef unsigned int flags_of(object alloc) except *:
    if alloc is None:
        return 0
    return TRACK_FREE | ZERO_BUSY if alloc else TRACK_FREE


cdef int split_failed(int failed, uint64_t index, unsigned int order) except -1:
    if failed == -ENOENT:
        raise KeyError(f"nothing to split at index {index}")
    if failed == -ENOMEM:
        raise MemoryError("the node pool cannot grow; the array is as before")
    if failed:
        raise ValueError(f"the entry at index {index} cannot be split to order {order} in one step")
    return 0


cdef int alloc_failed(int failed, object limit) except -1:
    if failed == -EBUSY:
        raise EntryExists(f"no index from {limit[0]} to {limit[1]} is free")
    if failed == -EINVAL:
        raise ValueError("this array hands out no IDs; make it with alloc=0 or alloc=1")
    if failed < 0:
        raise MemoryError("the node pool cannot grow; the array is as before")
    return 0


cdef void check_order(unsigned int order) except *:
    if order > 63:
        raise ValueError(f"order {order} must be from 0 to 63")
