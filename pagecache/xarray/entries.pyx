"""Entries of an XArray from Python: each call converts, calls the engine, and converts back."""

from libc.errno cimport EBUSY

from pagecache.xarray.alloc cimport xa_alloc, xa_alloc_cyclic
from pagecache.xarray.api cimport xa_cmpxchg, xa_erase, xa_get_order, xa_insert, xa_store
from pagecache.xarray.check cimport check_tree
from pagecache.xarray.convert cimport (
    alloc_failed,
    check_range,
    flags_of,
    from_python,
    like_of,
    order_of,
    split_failed,
    to_index,
    to_python,
)
from pagecache.xarray.entry cimport NULL_ENTRY, ZERO_ENTRY, mk_error
from pagecache.xarray.marks cimport xa_marked
from pagecache.xarray.node cimport CHUNK_SHIFT, MARKS
from pagecache.xarray.range cimport xa_store_range
from pagecache.xarray.split cimport xa_split, xa_try_split
from pagecache.xarray.store cimport xa_init
from pagecache.xarray.text cimport array_text, count_nodes, count_slots, raw_slot, tree_height
from pagecache.xarray.trim cimport xa_destroy
from pagecache.xarray.walk cimport xa_load

from pagecache.errors import EntryExists
from pagecache.xarray.convert import LIKES


cdef class Entries:
    """Entries of an `XArray`, one call at a time."""

    likes = LIKES

    def __cinit__(self, *, alloc=None, chunk_shift=CHUNK_SHIFT, NodePool pool=None, like="7.1"):
        if alloc not in (None, 0, 1):
            raise ValueError(f"alloc={alloc!r}: IDs are handed out from 0 or from 1")
        self.pool = NodePool(chunk_shift) if pool is None else pool
        xa_init(&self.xa, &self.pool.pool, self.pool.chunk_shift, flags_of(alloc))
        self.xa.like = like_of(like)

    def __dealloc__(self):
        if self.pool is not None:
            xa_destroy(&self.xa)

    @property
    def like(self):
        """Whose XArray this one is like: "5.17", "6.10", "6.14" or "7.1".  O(1).

        Examples
        --------
        >>> import pagecache as pc
        >>> pc.XArray().like, pc.XArray(like="5.17").like
        ('7.1', '5.17')
        """
        return LIKES[self.xa.like]

    def load(self, index):
        """The entry that covers `index`, or None.  O(height).

        Raises OverflowError for an index that is not from 0 to 2**64 - 1, as every call does.

        Examples
        --------
        >>> import pagecache as pc
        >>> xa = pc.XArray()
        >>> xa.store(64, 7, order=6)
        >>> xa.load(100), xa.load(128)
        (7, None)
        """
        return to_python(xa_load(&self.xa, to_index(index)))

    def store(self, index, entry, order=0):
        """Store over ``2**order`` indices; the previous entry or None.  O(height + slots).

        `index` is rounded down to a multiple of ``2**order``.  None erases.  Where smaller entries
        lay, the answer is the last of them, or SUBTREE if they had a node of their own.

        Raises
        ------
        MemoryError
            The pool cannot grow; the array is as before.
        ValueError
            The order is not from 0 to 63, or the value not from 0 to 2**63 - 1.

        Examples
        --------
        >>> import pagecache as pc
        >>> xa = pc.XArray()
        >>> xa.store(512, pc.Pointer(0x1000), order=9)
        >>> xa.store(600, 8)  # inside an entry, it replaces all of it
        Pointer(0x1000)
        >>> xa.load(1023), xa.order(1023)
        (8, 9)
        """
        return to_python(xa_store(&self.xa, to_index(index), order_of(order), from_python(entry)))

    def erase(self, index):
        """Remove the whole entry that covers `index`; that entry or None.  O(height + slots).

        Examples
        --------
        >>> import pagecache as pc
        >>> xa = pc.XArray()
        >>> xa.store(0, 7, order=3)
        >>> xa.erase(5), xa.empty
        (7, True)
        """
        return to_python(xa_erase(&self.xa, to_index(index)))

    def insert(self, index, entry, order=0):
        """Store where nothing is.  None reserves.  O(height + slots).

        Raises EntryExists if any index of the range is taken, and what `store` raises.

        Examples
        --------
        >>> import pagecache as pc
        >>> xa = pc.XArray()
        >>> xa.insert(5, 7)
        >>> xa.insert(4, 8, order=2)
        Traceback (most recent call last):
        pagecache.errors.EntryExists: index 4 is taken: use store() to replace what is there
        """
        cdef int failed = xa_insert(&self.xa, to_index(index), order_of(order), from_python(entry))
        if failed == -EBUSY:
            raise EntryExists(f"index {index} is taken: use store() to replace what is there")
        if failed:
            to_python(mk_error(-failed))

    def cmpxchg(self, index, old, entry):
        """Replace the entry at `index` if it equals `old`; what was there.  O(height + slots).

        Raises MemoryError if the pool cannot grow; the array is as before.

        Examples
        --------
        >>> import pagecache as pc
        >>> xa = pc.XArray()
        >>> xa.cmpxchg(5, None, 7), xa.cmpxchg(5, 6, 8), xa.load(5)
        (None, 7, 7)
        """
        return to_python(xa_cmpxchg(&self.xa, to_index(index), from_python(old), from_python(entry)))

    def reserve(self, index):
        """Keep the slot for `index` if nothing is there: a later store needs no memory.  O(height).

        A reserved slot reads as None.  Raises MemoryError if the pool cannot grow.

        Examples
        --------
        >>> import pagecache as pc
        >>> xa = pc.XArray()
        >>> xa.reserve(5)
        >>> xa.load(5), xa.empty
        (None, False)
        """
        to_python(xa_cmpxchg(&self.xa, to_index(index), NULL_ENTRY, ZERO_ENTRY))

    def release(self, index):
        """Give up a reservation; nothing if an entry has been stored meanwhile.  O(height).

        Examples
        --------
        >>> import pagecache as pc
        >>> xa = pc.XArray()
        >>> xa.reserve(5)
        >>> xa.release(5)
        >>> xa.empty
        True
        """
        xa_cmpxchg(&self.xa, to_index(index), ZERO_ENTRY, NULL_ENTRY)

    def store_range(self, first, last, entry):
        """Store one entry over [first, last], any two indices.  O(height + slots).

        It lies in as few runs of slots as fit; each run reads, and erases, as one entry.  Raises
        ValueError if `last` is below `first`, MemoryError if the pool cannot grow.

        Examples
        --------
        >>> import pagecache as pc
        >>> xa = pc.XArray()
        >>> xa.store_range(60, 200, 7)
        >>> list(xa)
        [(60, 7), (64, 7), (192, 7)]
        """
        check_range(first, last)
        to_python(xa_store_range(&self.xa, to_index(first), to_index(last), from_python(entry)))

    def split(self, index, order):
        """Split the entry at `index` into entries of `order` that hold the same.  O(slots).

        Each piece carries the marks of the whole.

        Raises
        ------
        KeyError
            Nothing is there.
        ValueError
            The order is above the entry's, or more than one level of the tree below it; or the
            entry is a run of `store_range` whose length is no power of two.
        MemoryError
            The pool cannot grow; the array is as before.

        Examples
        --------
        >>> import pagecache as pc
        >>> xa = pc.XArray()
        >>> xa.store(0, 7, order=9)
        >>> xa.split(0, 7)
        >>> list(xa)
        [(0, 7), (128, 7), (256, 7), (384, 7)]
        """
        cdef uint64_t at = to_index(index)
        cdef unsigned int new = order_of(order)
        split_failed(xa_split(&self.xa, at, new), at, new)

    def try_split(self, index, order):
        """Split as `split` does, but only if one new node is enough: 9 to 6 to 5 to 0.  O(slots).

        Raises what `split` does; ValueError too if it takes more.

        Examples
        --------
        >>> import pagecache as pc
        >>> xa = pc.XArray()
        >>> xa.store(0, 7, order=9)
        >>> for order in (6, 5, 0):
        ...     xa.try_split(0, order)
        >>> xa.nodes
        2
        """
        cdef uint64_t at = to_index(index)
        cdef unsigned int new = order_of(order)
        split_failed(xa_try_split(&self.xa, at, new), at, new)

    def order(self, index):
        """The order of the entry at `index`, 0 if there is none.  O(height).

        Examples
        --------
        >>> import pagecache as pc
        >>> xa = pc.XArray()
        >>> xa.store(512, 7, order=9)
        >>> xa.order(700), xa.order(0)
        (9, 0)
        """
        return xa_get_order(&self.xa, to_index(index))

    def alloc(self, entry, limit=(0, 2**32 - 1)):
        """Store at the lowest free index of `limit`, both ends included; that index.  O(height).

        None reserves it.  Raises EntryExists if none is free; ValueError if the array was not made
        with ``alloc=0`` or ``1``; MemoryError if the pool cannot grow.

        Examples
        --------
        >>> import pagecache as pc
        >>> ids = pc.XArray(alloc=1)
        >>> ids.alloc(7), ids.alloc(8), ids.alloc(9, limit=(10, 20))
        (1, 2, 10)
        """
        cdef uint64_t index = 0
        cdef int failed = xa_alloc(
            &self.xa, &index, from_python(entry), to_index(limit[0]), to_index(limit[1]))
        alloc_failed(failed, limit)
        return index

    def alloc_cyclic(self, entry, limit=(0, 2**32 - 1)):
        """Like `alloc`, going on after the last index handed out: (index, whether it wrapped).

        Linux says whether it wrapped in what ``__xa_alloc_cyclic`` returns; up to 6.14 also in what
        ``xa_alloc_cyclic`` does.  O(height).

        Examples
        --------
        >>> import pagecache as pc
        >>> ids = pc.XArray(alloc=0)
        >>> [ids.alloc_cyclic(7, limit=(4, 5)) for _ in range(2)]
        [(4, False), (5, False)]
        >>> ids.erase(4)
        7
        >>> ids.alloc_cyclic(7, limit=(4, 5)), ids.next
        ((4, True), 5)
        """
        cdef uint64_t index = 0
        cdef int failed = xa_alloc_cyclic(
            &self.xa, &index, from_python(entry), to_index(limit[0]), to_index(limit[1]),
            &self.next_id)
        alloc_failed(failed, limit)
        return index, failed == 1

    @property
    def next(self):
        """The index at which the next `alloc_cyclic` begins to search; it may be set."""
        return self.next_id

    @next.setter
    def next(self, index):
        self.next_id = to_index(index)

    def destroy(self):
        """Remove everything.  O(nodes)."""
        xa_destroy(&self.xa)

    @property
    def empty(self):
        """Whether nothing is stored; a reserved slot is something.  O(1)."""
        return self.xa.head == NULL_ENTRY

    @property
    def nodes(self):
        """Nodes in use from the array's pool, those of other arrays included.  O(1)."""
        return self.pool.pool.nodes

    @property
    def node_bytes(self):
        """Bytes of those nodes, 576 each at the usual chunk shift.  O(1)."""
        return self.pool.pool.nodes * self.pool.pool.node_size

    def statistics(self):
        """What this array's own tree takes, as a dict.  O(nodes).

        `nodes` and their `node_bytes`; the `slots` filled, siblings and reserved ones included;
        the `height`, levels under the head; `marks`, whether any entry carries each.

        Examples
        --------
        >>> import pagecache as pc
        >>> xa = pc.XArray()
        >>> xa.store(512, 7, order=9)
        >>> xa.set_mark(512, 1)
        >>> xa.statistics()
        {'nodes': 1, 'node_bytes': 576, 'slots': 8, 'height': 2, 'marks': (False, True, False)}
        """
        nodes = count_nodes(&self.xa)
        return {
            "nodes": nodes,
            "node_bytes": nodes * self.pool.pool.node_size,
            "slots": count_slots(&self.xa),
            "height": tree_height(&self.xa),
            "marks": tuple([bool(xa_marked(&self.xa, mark)) for mark in range(MARKS)]),
        }

    def raw(self, index):
        """The word in the slot for `index`: siblings and reserved slots as they are.  O(height).

        Examples
        --------
        >>> import pagecache as pc
        >>> xa = pc.XArray()
        >>> xa.store(4, 7, order=1)
        >>> hex(xa.raw(4)), hex(xa.raw(5))  # the value 7; "look in slot 4"
        ('0xf', '0x12')
        """
        return raw_slot(&self.xa, to_index(index))

    def dump(self):
        """The whole tree as text, depth first: head, then each node with its slots.  O(slots).

        Examples
        --------
        >>> import pagecache as pc
        >>> xa = pc.XArray()
        >>> xa.store(4, 7, order=1)
        >>> xa.dump()
        'H n m000; N 0 0 c2 v2 m0,0,0 4=v7 5=s4;'
        """
        return array_text(&self.xa)

    def check(self):
        """Raise AssertionError, with the dump, if the tree breaks its invariant.  O(slots)."""
        check_tree(&self.xa)
