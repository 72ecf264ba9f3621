"""Entries of an XArray from Python: each call converts, calls the engine, and converts back."""

from libc.errno cimport EBUSY

from pagecache.xarray.alloc cimport xa_alloc, xa_alloc_cyclic
from pagecache.xarray.api cimport xa_cmpxchg, xa_erase, xa_get_order, xa_insert, xa_store
from pagecache.xarray.convert cimport (
    alloc_failed,
    check_range,
    from_python,
    order_of,
    split_failed,
    to_index,
    to_python,
)
from pagecache.xarray.entry cimport NULL_ENTRY, ZERO_ENTRY, mk_error
from pagecache.xarray.range cimport xa_store_range
from pagecache.xarray.split cimport xa_split, xa_try_split
from pagecache.xarray.walk cimport xa_load

from pagecache.errors import EntryExists


cdef class Entries(Tree):
    """Entries of an `XArray`, one call at a time."""

    def load(self, index):
        """The entry that covers `index`, or None.  O(height).

        Raises
        ------
        OverflowError
            The index is not from 0 to 2**64 - 1.

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
        OverflowError
            The index is not from 0 to 2**64 - 1.

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

        Raises
        ------
        OverflowError
            The index is not from 0 to 2**64 - 1.

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
        """Store `entry` at `index`, as `store` does, where nothing is.  O(height + slots).

        None reserves.

        Raises
        ------
        EntryExists
            An index of the 2**`order` is taken.
        MemoryError, ValueError, OverflowError
            As `store` does.

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

        Raises
        ------
        MemoryError
            The pool cannot grow; the array is as before.
        ValueError, OverflowError
            As `store` does.

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

        A reserved slot reads as None.

        Raises
        ------
        MemoryError
            The pool cannot grow; the array is as before.
        OverflowError
            The index is not from 0 to 2**64 - 1.

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

        Raises
        ------
        OverflowError
            The index is not from 0 to 2**64 - 1.

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

        It lies in as few runs of slots as fit; each run reads, and erases, as one entry.

        Raises
        ------
        ValueError
            `last` is below `first`.
        MemoryError
            The pool cannot grow.
        OverflowError
            An index is not from 0 to 2**64 - 1.

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
        """Split the entry at `index` into `order`, if one new node is enough.  O(slots).

        So an order of 9 goes to 6, to 5, to 0, step by step.

        Raises
        ------
        ValueError
            It takes more than one node.
        KeyError, ValueError, MemoryError
            As `split` does.

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

        Raises
        ------
        OverflowError
            The index is not from 0 to 2**64 - 1.

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

        An `entry` of None reserves it.

        Raises
        ------
        EntryExists
            No index of `limit` is free.
        ValueError
            The array was not made with ``alloc=0`` or ``1``.
        MemoryError
            The pool cannot grow.

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
        """Like `alloc` of `entry` in `limit`, on from the last index: (index, whether it wrapped).

        Linux says whether it wrapped in what ``__xa_alloc_cyclic`` returns; up to 6.14 also in what
        ``xa_alloc_cyclic`` does.  O(height).

        Raises
        ------
        EntryExists, ValueError, MemoryError
            As `alloc` does.

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
        """The index at which the next `alloc_cyclic` begins to search; it may be set.  O(1).

        Raises
        ------
        OverflowError
            It is set to what is not from 0 to 2**64 - 1.

        Examples
        --------
        >>> import pagecache as pc
        >>> ids = pc.XArray(alloc=0)
        >>> ids.alloc_cyclic(7), ids.next
        ((0, False), 1)
        """
        return self.next_id

    @next.setter
    def next(self, index):
        self.next_id = to_index(index)
