"""The Python face of the XArray."""

from pagecache.xarray.batch cimport xa_load_many, xa_load_numbers
from pagecache.xarray.batch_scan cimport xa_extract_numbers, xa_mark_range, xas_extract
from pagecache.xarray.batch_store cimport xa_erase_many, xa_store_numbers
from pagecache.xarray.convert cimport (
    check_range,
    check_values,
    extract_limit,
    filter_of,
    last_before,
    mark_of,
    order_of,
    to_array,
    to_index,
    to_python,
)
from pagecache.xarray.cursor cimport make_cursor
from pagecache.xarray.entry cimport NULL_ENTRY
from pagecache.xarray.find cimport xa_find, xa_find_after
from pagecache.xarray.node cimport pool_trim
from pagecache.xarray.text cimport count_nodes, head_slot, tree_nodes, walk_through
from pagecache.xarray.walk cimport xa_state, xas_init

import numpy as np

from pagecache.pointer import Pointer  # no-cython-lint: for `import` from here
from pagecache.xarray.convert import LIKES, SUBTREE  # no-cython-lint: for `import` from here

cdef uint64_t MAX_INDEX = ~<uint64_t>0


cdef class XArray(Entries):
    """Linux's XArray: an ordered map from 64-bit indices to entries of any order.

    Parameters
    ----------
    alloc : {None, 0, 1}
        Hand out IDs from 0 or from 1; mark 0 is then the array's own.
    chunk_shift : int
        Nodes have ``2**chunk_shift`` slots (3 to 9).
    pool : NodePool, optional
        Where nodes come from; its own pool if none is given.
    like : {"7.1", "6.14", "6.10", "5.17"}
        Whose XArray to be, where kernels differ: that of 6.16 to 7.1, of 6.14, of 6.10 to 6.12, or
        of 5.17 to 6.8.

    Attributes
    ----------
    pool : NodePool
        Where its nodes come from.
    likes : tuple of str
        What `like` may be.

    Notes
    -----
    Entries are ints from 0 to 2**63 - 1 (value entries) or `Pointer`.  None stands for nothing.

    What kernels differ in is told in docs/xarray.md: the marks that a split leaves, and where a
    pause inside an entry goes on.

    Examples
    --------
    >>> import pagecache as pc
    >>> xa = pc.XArray()
    >>> xa.store(512, 7, order=9)
    >>> xa.load(1000), xa.order(1000), xa.nodes
    (7, 9, 1)
    """

    def find(self, index, max=None, mark=None):
        """The first (index, entry) that covers `index` or begins after it, up to `max`; or None.

        An entry that begins after `index` is given with its first index.  One that covers `index`
        is given with `index` itself, and only from inside one of several slots does a search by
        mark give the first index, which lies before `index`.  All kernels answer so.  O(height).

        Raises
        ------
        ValueError
            The mark is not 0, 1 or 2.
        OverflowError
            The index is not from 0 to 2**64 - 1.

        Examples
        --------
        >>> import pagecache as pc
        >>> xa = pc.XArray()
        >>> xa.store(8, 7, order=3)
        >>> xa.set_mark(8, 0)
        >>> xa.find(0), xa.find(10), xa.find(10, mark=0), xa.find(10, mark=1)
        ((8, 7), (10, 7), (8, 7), None)
        """
        cdef uint64_t at = to_index(index)
        cdef uint64_t last = MAX_INDEX if max is None else to_index(max)
        cdef entry_t entry = xa_find(&self.xa, &at, last, filter_of(mark))
        return None if entry == NULL_ENTRY else (at, to_python(entry))

    def find_after(self, index, max=None, mark=None):
        """The first (index, entry) after the entry at `index`, up to `max`; or None.  O(height).

        A search by mark from inside an entry of several slots gives that entry again, as `find`
        does; `items` gives each once.

        Raises
        ------
        ValueError
            The mark is not 0, 1 or 2.
        OverflowError
            The index is not from 0 to 2**64 - 1.

        Examples
        --------
        >>> import pagecache as pc
        >>> xa = pc.XArray()
        >>> xa.store(8, 7, order=3)
        >>> xa.store(64, 8)
        >>> xa.find_after(8), xa.find_after(64)
        ((64, 8), None)
        """
        cdef uint64_t at = to_index(index)
        cdef uint64_t last = MAX_INDEX if max is None else to_index(max)
        cdef entry_t entry = xa_find_after(&self.xa, &at, last, filter_of(mark))
        return None if entry == NULL_ENTRY else (at, to_python(entry))

    def items(self, start=0, stop=None, mark=None):
        """Each entry that reaches into [start, stop) once, as (first index, entry), in order.

        With a `mark`, those that carry it.  The array may change during the loop.  O(height) a step.

        Raises
        ------
        ValueError
            The mark is not 0, 1 or 2.
        OverflowError
            The index is not from 0 to 2**64 - 1.

        Examples
        --------
        >>> import pagecache as pc
        >>> xa = pc.XArray()
        >>> xa.store(8, 7, order=3)
        >>> xa.store(64, 8)
        >>> list(xa.items(10)), list(xa.items(stop=64))
        ([(8, 7), (64, 8)], [(8, 7)])
        """
        cdef uint64_t index = to_index(start), end = 0, last = 0
        cdef entry_t entry
        if not last_before(stop, &last) or last < index:
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

    def cursor(self, index=0, order=0):
        """A `Cursor` at `index`, storing entries of `order`.  O(1).

        Raises
        ------
        OverflowError
            The index is not from 0 to 2**64 - 1.
        ValueError
            The order is not from 0 to 63.

        Examples
        --------
        >>> import pagecache as pc
        >>> xa = pc.XArray()
        >>> xa.cursor(600, order=9).index
        512
        """
        return make_cursor(self, &self.xa, to_index(index), order_of(order))

    def load_many(self, indices, out=None, *,
                  default=MAX_INDEX, bint raw=False):
        """The values, or addresses, at many indices; `default` where nothing is.  O(n x height).

        Without the GIL; cache misses of one lookup overlap those of the next.

        Parameters
        ----------
        indices : uint64 array of shape (n,)
        out : uint64 array of shape (n,), optional
            Filled and returned; a new one if not given.
        raw : bool
            Give the words themselves (0 where nothing is).

        Raises
        ------
        TypeError, ValueError
            An array is of another type or shape.

        Examples
        --------
        >>> import numpy as np
        >>> import pagecache as pc
        >>> xa = pc.XArray()
        >>> xa.store(64, 7, order=3)
        >>> xa.load_many(np.array([70, 72], np.uint64), default=0).tolist()
        [7, 0]
        """
        cdef const uint64_t[::1] at = to_array(indices, "indices")
        cdef size_t n = at.shape[0]
        cdef uint64_t nothing = to_index(default)
        result = np.empty(n, np.uint64) if out is None else to_array(out, "out")
        cdef uint64_t[::1] words = result
        if <size_t>words.shape[0] != n:
            raise ValueError(f"out has room for {words.shape[0]} entries, not for {n}")
        if n:
            with nogil:
                if raw:
                    xa_load_many(&self.xa, &at[0], &words[0], n)
                else:
                    xa_load_numbers(&self.xa, &at[0], &words[0], n, nothing)
        return result

    def store_many(self, indices, entries, order=0):
        """Store a value at each index, in turn; both uint64 arrays of shape (n,).

        Each takes 2**`order` indices.  O(n x height), less where `indices` and `entries` lie together.

        Raises
        ------
        ValueError
            A value is above 2**63 - 1, or the order not from 0 to 63; nothing is stored.
        MemoryError
            The pool cannot grow; it says how many are stored.
        TypeError
            An array is of another type.

        Examples
        --------
        >>> import numpy as np
        >>> import pagecache as pc
        >>> xa = pc.XArray()
        >>> at = np.arange(4096, dtype=np.uint64)
        >>> xa.store_many(at, at)
        >>> xa.nodes
        65
        """
        cdef const uint64_t[::1] at = to_array(indices, "indices"), given = to_array(entries, "entries")
        cdef size_t n = at.shape[0], done = 0
        cdef unsigned int each = order_of(order)
        if <size_t>given.shape[0] != n:
            raise ValueError(f"{n} indices and {given.shape[0]} entries do not go together")
        check_values(given)
        if n:
            with nogil:
                done = xa_store_numbers(&self.xa, &at[0], &given[0], n, each)
                pool_trim(self.xa.pool)
        if done < n:
            raise MemoryError(f"the node pool cannot grow; {done} of {n} entries are stored")

    def erase_many(self, indices):
        """Erase the entry at each of `indices`, a uint64 array of shape (n,).  O(n x height).

        Raises
        ------
        TypeError, ValueError
            An array is of another type or shape.

        Examples
        --------
        >>> import pagecache as pc
        >>> xa = pc.XArray()
        >>> import numpy as np
        >>> xa.store_range(0, 9, 7)
        >>> xa.erase_many(np.array([5], np.uint64))
        >>> xa.empty
        True
        """
        cdef const uint64_t[::1] at = to_array(indices, "indices")
        if at.shape[0]:
            with nogil:
                xa_erase_many(&self.xa, &at[0], at.shape[0])

    def extract(self, start=0, stop=None, *, limit=None, mark=None, out=None, bint raw=False):
        """The entries that reach into [start, stop): (first indices, values) as uint64 arrays.

        O(height + slots passed), without the GIL.

        Parameters
        ----------
        mark : {0, 1, 2}, optional
            Only entries that carry it.
        limit : int, optional
            At most this many entries; the room of `out`, or 2**20, if not given.
        out : pair of uint64 arrays, optional
            Filled from their beginning; the results are views of them.  A caller who asks
            again and again pays for no new memory.
        raw : bool
            Give the words themselves, which tell a value from a pointer.

        Raises
        ------
        ValueError
            `limit` is negative, or the mark not 0, 1 or 2.
        OverflowError
            The index is not from 0 to 2**64 - 1.

        Examples
        --------
        >>> import pagecache as pc
        >>> xa = pc.XArray()
        >>> xa.store_range(60, 65, 7)
        >>> [found.tolist() for found in xa.extract()]
        [[60, 64], [7, 7]]
        """
        cdef uint64_t first = to_index(start)
        cdef uint64_t last = 0
        cdef bint some = last_before(stop, &last)
        cdef unsigned int filter = filter_of(mark)
        cdef size_t found = 0, most = extract_limit(limit, out)
        cdef xa_state xas
        index, entries = (np.empty(most, np.uint64), np.empty(most, np.uint64)) if out is None else out
        cdef uint64_t[::1] at = index, words = entries
        if most and some and last >= first:
            with nogil:
                if raw:
                    xas_init(&xas, &self.xa, first, 0)
                    found = xas_extract(&xas, last, filter, &at[0], &words[0], most)
                else:
                    found = xa_extract_numbers(
                        &self.xa, first, last, filter, &at[0], &words[0], most)
        if out is None:
            del at, words  # no view may be left of what is cut to size
            index.resize(found, refcheck=False)
            entries.resize(found, refcheck=False)
        return index[:found], entries[:found]

    def mark_range(self, first, last, mark, *, bint on=True):
        """Set a mark, or clear it unless `on`, of all that reaches into [first, last].  O(nodes).

        Raises
        ------
        ValueError
            `last` is below `first`, or the mark is not 0, 1 or 2.
        OverflowError
            An index is not from 0 to 2**64 - 1.

        Examples
        --------
        >>> import pagecache as pc
        >>> xa = pc.XArray()
        >>> xa.store(8, 7, order=3)
        >>> xa.store(64, 8)
        >>> xa.mark_range(15, 63, 1)
        >>> [at for at, _ in xa.items(mark=1)]
        [8]
        """
        cdef uint64_t low = to_index(first), high = to_index(last)
        cdef unsigned int number = mark_of(mark)
        check_range(first, last)
        with nogil:
            xa_mark_range(&self.xa, low, high, number, on)

    def walk(self, index, between=None):
        """The walk of one lookup, read by read: a `Walk`, which shows itself.  O(slots).

        Parameters
        ----------
        index : int
            From 0 to 2**64 - 1.
        between : callable, optional
            Called once, before the last node's slot is read: what a writer does under the reader.

        Raises
        ------
        OverflowError
            The index is not from 0 to 2**64 - 1.

        Examples
        --------
        >>> import pagecache as pc
        >>> xa = pc.XArray()
        >>> xa.store(8, 7, order=2)
        >>> [step.slot.holds for step in xa.walk(10).steps]
        ['sibling of 8', 'value 7']
        """
        return walk_through(&self.xa, to_index(index), between, None)

    def _repr_svg_(self):
        """The tree as a picture, if it is small; else a sentence that says so."""
        from pagecache.picture.drawing import MOST_NODES, tree_svg

        nodes = tree_nodes(&self.xa, MOST_NODES)
        return tree_svg("head", nodes, count_nodes(&self.xa), head_slot(&self.xa))
