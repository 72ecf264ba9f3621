"""The Python face of the XArray."""

from libc.errno cimport EBUSY

from pagecache.xarray.alloc cimport xa_alloc, xa_alloc_cyclic
from pagecache.xarray.batch cimport xa_load_many, xa_load_numbers
from pagecache.xarray.batch_scan cimport xa_extract_numbers, xa_mark_range, xas_extract
from pagecache.xarray.batch_store cimport xa_erase_many, xa_store_numbers
from pagecache.xarray.check cimport check_tree
from pagecache.xarray.convert cimport (
    alloc_failed,
    check_range,
    check_values,
    extract_limit,
    filter_of,
    flags_of,
    from_python,
    last_before,
    like_of,
    mark_of,
    order_of,
    split_failed,
    to_array,
    to_index,
    to_python,
)
from pagecache.xarray.cursor cimport make_cursor
from pagecache.xarray.entry cimport NULL_ENTRY, ZERO_ENTRY, mk_error
from pagecache.xarray.find cimport xa_find, xa_find_after
from pagecache.xarray.marks cimport xa_marked
from pagecache.xarray.node cimport CHUNK_SHIFT, pool_trim
from pagecache.xarray.split cimport xa_split, xa_try_split
from pagecache.xarray.text cimport array_text, raw_slot
from pagecache.xarray.walk cimport xa_load, xa_state, xas_init

import numpy as np

from pagecache.errors import EntryExists
from pagecache.pointer import Pointer  # no-cython-lint: for `import` from here
from pagecache.xarray.convert import LIKES, SUBTREE  # no-cython-lint: for `import` from here

cdef uint64_t MAX_INDEX = ~<uint64_t>0


cdef class XArray:
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
        """Whose XArray this one is like: "5.17", "6.10", "6.14" or "7.1"."""
        return LIKES[self.xa.like]

    def load(self, index):
        """The entry at `index`, or None.  O(height)."""
        return to_python(xa_load(&self.xa, to_index(index)))

    def store(self, index, entry, order=0):
        """Store over ``2**order`` indices; the previous entry or None.  O(height + slots).

        `index` is rounded down to a multiple of ``2**order``.  None erases.  Raises MemoryError
        when the pool cannot grow, and the array is as before.
        """
        return to_python(xa_store(&self.xa, to_index(index), order_of(order), from_python(entry)))

    def erase(self, index):
        """Remove the whole entry that covers `index`; that entry or None.  O(height + slots)."""
        return to_python(xa_erase(&self.xa, to_index(index)))

    def insert(self, index, entry, order=0):
        """Store where nothing is; EntryExists if any index of the range is taken."""
        cdef int failed = xa_insert(&self.xa, to_index(index), order_of(order), from_python(entry))
        if failed == -EBUSY:
            raise EntryExists(f"index {index} is taken: use store() to replace what is there")
        if failed:
            to_python(mk_error(-failed))

    def cmpxchg(self, index, old, entry):
        """Replace the entry at `index` if it equals `old`; what was there."""
        return to_python(xa_cmpxchg(&self.xa, to_index(index), from_python(old), from_python(entry)))

    def reserve(self, index):
        """Keep the slot for `index` if nothing is there: it reads as None, and a later store
        needs no memory.  O(height)."""
        to_python(xa_cmpxchg(&self.xa, to_index(index), NULL_ENTRY, ZERO_ENTRY))

    def release(self, index):
        """Give up a reservation; nothing if an entry has been stored meanwhile.  O(height)."""
        xa_cmpxchg(&self.xa, to_index(index), ZERO_ENTRY, NULL_ENTRY)

    def store_range(self, first, last, entry):
        """Store one entry over [first, last], any two indices.  O(height + slots).

        It lies in as few runs of slots as fit; each run reads, and erases, as one entry.
        """
        check_range(first, last)
        to_python(xa_store_range(&self.xa, to_index(first), to_index(last), from_python(entry)))

    def split(self, index, order):
        """Split the entry at `index` into entries of `order` that hold the same.  O(slots).

        Raises KeyError if nothing is there, ValueError if the order is above the entry's or more
        than one level of the tree below it, or if a run of `store_range` is no power of two.
        """
        cdef uint64_t at = to_index(index)
        cdef unsigned int new = order_of(order)
        split_failed(xa_split(&self.xa, at, new), at, new)

    def try_split(self, index, order):
        """Split as `split` does, but only if one new node is enough: 9 to 6 to 5 to 0.  O(slots)"""
        cdef uint64_t at = to_index(index)
        cdef unsigned int new = order_of(order)
        split_failed(xa_try_split(&self.xa, at, new), at, new)

    def alloc(self, entry, limit=(0, 2**32 - 1)):
        """Store at the lowest free index of `limit`, both ends included; that index.  O(height).

        None reserves it.  EntryExists if none is free; ValueError if the array was not made with
        ``alloc=0`` or ``1``.
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
        """
        cdef uint64_t index = 0
        cdef int failed = xa_alloc_cyclic(
            &self.xa, &index, from_python(entry), to_index(limit[0]), to_index(limit[1]),
            &self.next_id)
        alloc_failed(failed, limit)
        return index, failed == 1

    @property
    def next(self):
        """Where the next `alloc_cyclic` begins to search."""
        return self.next_id

    @next.setter
    def next(self, index):
        self.next_id = to_index(index)

    def order(self, index):
        """The order of the entry at `index`, 0 if there is none.  O(height)."""
        return xa_get_order(&self.xa, to_index(index))

    def set_mark(self, index, mark):
        """Set mark 0, 1 or 2 on the entry at `index`; nothing if there is none.  O(height)."""
        xa_set_mark(&self.xa, to_index(index), mark_of(mark))

    def clear_mark(self, index, mark):
        """Clear a mark of the entry at `index`.  O(height)."""
        xa_clear_mark(&self.xa, to_index(index), mark_of(mark))

    def get_mark(self, index, mark):
        """Whether the entry at `index` carries the mark.  O(height)."""
        return bool(xa_get_mark(&self.xa, to_index(index), mark_of(mark)))

    def marked(self, mark):
        """Whether any entry carries the mark.  O(1)."""
        return bool(xa_marked(&self.xa, mark_of(mark)))

    def find(self, index, max=None, mark=None):
        """The first (index, entry) that covers `index` or begins after it, up to `max`; or None.

        An entry that begins after `index` is given with its first index.  One that covers `index`
        is given with `index` itself, and only from inside one of several slots does a search by
        mark give the first index, which lies before `index`.  All kernels answer so.  O(height).

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
        """The first (index, entry) after the entry that covers `index`, or None.  O(height).

        A search by mark from inside an entry of several slots gives that entry again, as `find`
        does; `items` gives each once.
        """
        cdef uint64_t at = to_index(index)
        cdef uint64_t last = MAX_INDEX if max is None else to_index(max)
        cdef entry_t entry = xa_find_after(&self.xa, &at, last, filter_of(mark))
        return None if entry == NULL_ENTRY else (at, to_python(entry))

    def items(self, start=0, stop=None, mark=None):
        """Each entry that reaches into [start, stop) once, as (first index, entry), in order.

        The array may change during the loop.  O(height) a step.
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
        """A `Cursor` at `index`, storing entries of `order`."""
        return make_cursor(self, &self.xa, to_index(index), order_of(order))

    def load_many(self, indices, out=None, *,
                  default=MAX_INDEX, bint raw=False):
        """The values, or addresses, at many indices; `default` where nothing is.

        Parameters
        ----------
        indices : uint64 array of shape (n,)
        out : uint64 array of shape (n,), optional
            Filled and returned; a new one if not given.
        raw : bool
            Give the words themselves (0 where nothing is).

        Notes
        -----
        O(n x height), without the GIL; cache misses of one lookup overlap those of the next.
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

        Raises ValueError, with nothing stored, for a value above 2**63 - 1; MemoryError names how
        many went in.  O(n x height), less where they lie together.
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
        """Erase the entry at each index; a uint64 array of shape (n,)."""
        cdef const uint64_t[::1] at = to_array(indices, "indices")
        if at.shape[0]:
            with nogil:
                xa_erase_many(&self.xa, &at[0], at.shape[0])

    def extract(self, start=0, stop=None, *, limit=None, mark=None, out=None, bint raw=False):
        """The entries that reach into [start, stop): (first indices, values) as uint64 arrays.

        Parameters
        ----------
        limit : int, optional
            At most so many; the room of `out`, or 2**20, if not given.
        out : pair of uint64 arrays, optional
            Filled from their beginning; what is returned are views of them.  A caller who asks
            again and again pays for no new memory.
        raw : bool
            Give the words themselves, which tell a value from a pointer.

        Notes
        -----
        O(height + slots passed), without the GIL.
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
        """Set (or clear) a mark on every entry that reaches into [first, last].  O(nodes)."""
        cdef uint64_t low = to_index(first), high = to_index(last)
        cdef unsigned int number = mark_of(mark)
        check_range(first, last)
        with nogil:
            xa_mark_range(&self.xa, low, high, number, on)

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

    def raw(self, index):
        """The word in the slot for `index`: siblings and reserved slots as they are.  O(height)."""
        return raw_slot(&self.xa, to_index(index))

    def dump(self):
        """The whole tree as text, depth first: head, then each node with its slots."""
        return array_text(&self.xa)

    def check(self):
        """Raise AssertionError, with the dump, if the tree breaks its rule.  O(slots)."""
        check_tree(&self.xa)
