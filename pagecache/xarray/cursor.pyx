"""The cursor: walk once, then work where it stands."""

from pagecache.xarray.convert cimport filter_of, from_python, mark_of, to_index, to_python
from pagecache.xarray.entry cimport NULL_ENTRY, entry_t, is_sibling, mk_error, visible
from pagecache.xarray.find cimport (
    PRESENT,
    entry_first,
    entry_last,
    next_visible,
    xas_next,
    xas_order,
    xas_pause,
    xas_prev,
    xas_reset,
)
from pagecache.xarray.marks cimport xas_clear_mark, xas_get_mark, xas_set_mark
from pagecache.xarray.range cimport xas_create_range
from pagecache.xarray.store cimport xas_put
from pagecache.xarray.walk cimport at_bounds, xas_init, xas_load, xas_valid


cdef Cursor make_cursor(object owner, xarray_t* xa, uint64_t index, unsigned int order):
    cdef Cursor cursor = Cursor.__new__(Cursor)
    cursor.owner, cursor.order_ = owner, order
    xas_init(&cursor.xas, xa, index, order)
    cursor.changes = xa.changes
    return cursor


cdef class Cursor:
    """A place in an XArray, from `XArray.cursor`.

    It walks to its index once and then loads, stores, marks and moves where it stands.  If nodes or
    entries of several slots come or go meanwhile, it walks to its index again at its next use.

    Examples
    --------
    >>> import pagecache as pc
    >>> xa = pc.XArray()
    >>> cursor = xa.cursor(64)
    >>> for value in range(3):
    ...     _ = cursor.store(value)
    ...     _ = cursor.next()
    >>> list(xa.items())
    [(64, 0), (65, 1), (66, 2)]
    """

    def __init__(self):
        raise TypeError("make a cursor with XArray.cursor(index)")

    cdef void refresh(self) noexcept:
        """Walk to the same index again, if what slots mean has changed since the last walk."""
        cdef bint walked = xas_valid(&self.xas)
        if self.changes != self.xas.xa.changes:
            xas_reset(&self.xas)
            if walked:
                xas_load(&self.xas)
            self.changes = self.xas.xa.changes

    cdef object whole(self, entry_t entry):
        """The entry as Python sees it, a sibling followed to what it belongs to."""
        self.changes = self.xas.xa.changes
        if is_sibling(entry):
            xas_reset(&self.xas)
            entry = xas_load(&self.xas)
        return to_python(visible(entry))

    @property
    def index(self):
        """The index it stands at; setting it moves the cursor there.  O(1).

        Examples
        --------
        >>> import pagecache as pc
        >>> xa = pc.XArray()
        >>> cursor = xa.cursor(1000, order=9)
        >>> cursor.index
        512
        """
        return self.xas.index

    @index.setter
    def index(self, index):
        xas_init(&self.xas, self.xas.xa, to_index(index), self.order_)
        self.ended = False

    @property
    def walked(self):
        """Whether it stands at a slot, rather than before a walk or beyond the tree.  O(1).

        Examples
        --------
        >>> import pagecache as pc
        >>> xa = pc.XArray()
        >>> xa.store(64, 7)
        >>> cursor = xa.cursor(64)
        >>> cursor.walked, cursor.load(), cursor.walked
        (False, 7, True)
        """
        return bool(xas_valid(&self.xas))

    def load(self):
        """The entry here, or None.  O(height) the first time, then O(1).

        Examples
        --------
        >>> import pagecache as pc
        >>> xa = pc.XArray()
        >>> xa.store(64, 7, order=3)
        >>> xa.cursor(70).load(), xa.cursor(72).load()
        (7, None)
        """
        self.refresh()
        return self.whole(xas_load(&self.xas))

    def order(self):
        """The order of the entry here; 0 if there is none.  O(height) the first time, then O(1).

        Examples
        --------
        >>> import pagecache as pc
        >>> xa = pc.XArray()
        >>> xa.store(64, 7, order=3)
        >>> xa.cursor(70).order()
        3
        """
        self.refresh()
        return 0 if xas_load(&self.xas) == NULL_ENTRY else xas_order(&self.xas)

    def extent(self):
        """The first and last index of the entry here; None if there is none.  O(slots).

        Examples
        --------
        >>> import pagecache as pc
        >>> xa = pc.XArray()
        >>> xa.store_range(60, 65, 7)
        >>> xa.cursor(60).extent(), xa.cursor(65).extent()
        ((60, 63), (64, 65))
        """
        self.refresh()
        if xas_load(&self.xas) == NULL_ENTRY:
            return None
        return entry_first(&self.xas), entry_last(&self.xas)

    def store(self, entry):
        """Store `entry` here, of the cursor's order; the previous one or None.  None erases.  O(slots).

        Raises
        ------
        MemoryError
            The pool cannot grow; the array is as before, and the cursor stays.
        ValueError
            The value is not from 0 to 2**63 - 1.

        Examples
        --------
        >>> import pagecache as pc
        >>> xa = pc.XArray()
        >>> cursor = xa.cursor(512, order=9)
        >>> cursor.store(7), cursor.store(None), xa.empty
        (None, 7, True)
        """
        cdef entry_t word = from_python(entry), old
        self.refresh()
        if self.order_:  # the state may stand anywhere within the range, or have lost its siblings
            xas_init(&self.xas, self.xas.xa, self.xas.index, self.order_)
        old = xas_put(&self.xas, word)
        if self.xas.error:
            old = mk_error(self.xas.error)
            xas_reset(&self.xas)
        elif xas_valid(&self.xas):
            self.refresh()  # a store that replaces a larger entry ends at that one's first slot
        return self.whole(old)

    def next(self):
        """Move one index on, from the highest to 0; the entry there or None.  O(1) in a node.

        Before its first walk it stays and loads where it is.

        Examples
        --------
        >>> import pagecache as pc
        >>> xa = pc.XArray()
        >>> xa.store(64, 7)
        >>> cursor = xa.cursor(63)
        >>> cursor.next(), cursor.next(), cursor.index
        (None, 7, 64)
        """
        self.refresh()
        self.ended = False
        return self.whole(xas_next(&self.xas))

    def prev(self):
        """Move one index back, from 0 to the highest; the entry there or None.  O(1) in a node.

        Examples
        --------
        >>> import pagecache as pc
        >>> xa = pc.XArray()
        >>> xa.store(64, 7)
        >>> cursor = xa.cursor(65)
        >>> cursor.prev(), cursor.prev(), cursor.index
        (None, 7, 64)
        """
        self.refresh()
        self.ended = False
        return self.whole(xas_prev(&self.xas))

    def pause(self):
        """Go past the entry here; the next search begins there, whatever changes meanwhile.  O(slots).

        After the highest index the walk has ended: searches give None, whatever is stored, until
        the cursor is moved.  Up to 6.12 (`like`) a pause inside an entry goes on by that entry's
        length.

        Examples
        --------
        >>> import pagecache as pc
        >>> xa = pc.XArray()
        >>> xa.store(64, 7, order=6)
        >>> cursor = xa.cursor()
        >>> cursor.find(), cursor.pause(), cursor.index
        (7, None, 128)
        """
        self.refresh()
        if xas_valid(&self.xas):
            xas_pause(&self.xas)
            self.ended = at_bounds(&self.xas)
            xas_reset(&self.xas)

    def find(self, max=None, mark=None):
        """The next entry up to `max`, here if not walked yet, else after this one; or None.

        O(height + empty slots passed); by `mark` subtrees without it are skipped.  From inside an
        entry the cursor stays where it is; by mark it goes to the first of several slots.

        Raises
        ------
        ValueError
            The mark is not 0, 1 or 2.
        OverflowError
            `max` is not from 0 to 2**64 - 1.

        Examples
        --------
        >>> import pagecache as pc
        >>> xa = pc.XArray()
        >>> xa.store(1, 7)
        >>> xa.store(64, 8)
        >>> cursor = xa.cursor()
        >>> cursor.find(), cursor.find(), cursor.index, cursor.find()
        (7, 8, 64, None)
        """
        cdef uint64_t last = ~<uint64_t>0 if max is None else to_index(max)
        cdef unsigned int filter = filter_of(mark)
        if self.ended:
            return None
        self.refresh()
        return self.whole(next_visible(&self.xas, last, filter))

    def conflict(self):
        """The first entry that overlaps the cursor's range, or None.  O(height + slots).

        Examples
        --------
        >>> import pagecache as pc
        >>> xa = pc.XArray()
        >>> xa.store(600, 7)
        >>> xa.cursor(512, order=9).conflict(), xa.cursor(1024, order=9).conflict()
        (7, None)
        """
        cdef uint64_t first = self.xas.index, last = first | ((<uint64_t>1 << self.order_) - 1)
        cdef xa_state xas
        xas_init(&xas, self.xas.xa, first, 0)
        xas_reset(&self.xas)
        return to_python(next_visible(&xas, last, PRESENT))

    def create_range(self):
        """Make the nodes for every index of the cursor's range: stores there need no memory.

        The cursor then is at the range's start, for entries of order 0.  Nodes that nothing is
        stored in stay until something was, and is erased.  O(nodes).

        Raises
        ------
        MemoryError
            The pool cannot grow; the array is as before.

        Examples
        --------
        >>> import pagecache as pc
        >>> xa = pc.XArray()
        >>> xa.cursor(512, order=9).create_range()
        >>> xa.pool.limit = xa.nodes
        >>> xa.store(1000, 7)
        >>> xa.nodes
        9
        """
        self.refresh()
        xas_init(&self.xas, self.xas.xa, self.xas.index, self.order_)
        xas_create_range(&self.xas)
        if self.xas.error:
            xas_reset(&self.xas)
            raise MemoryError("the node pool cannot grow; the array is as before")
        self.order_, self.changes = 0, self.xas.xa.changes

    def set_mark(self, mark):
        """Mark the entry here with 0, 1 or 2; nothing if there is none.  O(height).

        Raises
        ------
        ValueError
            The mark is not 0, 1 or 2.

        Examples
        --------
        >>> import pagecache as pc
        >>> xa = pc.XArray()
        >>> xa.store(64, 7)
        >>> xa.cursor(64).set_mark(1)
        >>> xa.get_mark(64, 1), xa.get_mark(64, 0)
        (True, False)
        """
        self.refresh()
        if xas_load(&self.xas) != NULL_ENTRY:
            xas_set_mark(&self.xas, mark_of(mark))

    def clear_mark(self, mark):
        """Clear a mark of the entry here; nothing if there is none.  O(height).

        Raises
        ------
        ValueError
            The mark is not 0, 1 or 2.

        Examples
        --------
        >>> import pagecache as pc
        >>> xa = pc.XArray()
        >>> xa.store(64, 7)
        >>> xa.set_mark(64, 1)
        >>> xa.cursor(64).clear_mark(1)
        >>> xa.marked(1)
        False
        """
        self.refresh()
        if xas_load(&self.xas) != NULL_ENTRY:
            xas_clear_mark(&self.xas, mark_of(mark))

    def get_mark(self, mark):
        """Whether the entry here carries the mark.  O(height) the first time, then O(1).

        Raises
        ------
        ValueError
            The mark is not 0, 1 or 2.

        Examples
        --------
        >>> import pagecache as pc
        >>> xa = pc.XArray()
        >>> xa.store(64, 7, order=3)
        >>> xa.set_mark(64, 1)
        >>> xa.cursor(70).get_mark(1)
        True
        """
        self.refresh()
        return xas_load(&self.xas) != NULL_ENTRY and bool(xas_get_mark(&self.xas, mark_of(mark)))
