"""The Python face of the maple tree."""

from libc.stdint cimport uint64_t
from libc.string cimport memset

from pagecache.pointer cimport Pointer
from pagecache.structures.convert cimport failed_as, to_index, to_number
from pagecache.structures.maple.bulk cimport bulk_begin, bulk_end
from pagecache.structures.maple.iterate cimport iter_init, maple_iter, maple_next
from pagecache.structures.maple.node cimport (
    NODE_LINK,
    NODE_SIZE,
    is_value,
    mk_value,
    to_value,
    word_t,
)
from pagecache.structures.maple.text cimport check_tree, count_nodes, tree_text

cdef uint64_t MAX_INDEX = ~<uint64_t>0


cdef word_t from_python(object entry) except? 0:
    if entry is None:
        return 0
    if isinstance(entry, Pointer):
        return (<Pointer>entry).address
    return mk_value(to_number(entry, MAX_INDEX >> 1))


cdef object to_python(word_t word):
    if word == 0:
        return None
    return to_value(word) if is_value(word) else Pointer(word)


cdef int range_done(int failed, object first, object last) except -1:
    return failed_as(failed, f"range {first} to {last}")


cdef class MapleTree:
    """The maple tree of Linux 6.16: an ordered map from ranges of 64-bit indices to entries.

    Parameters
    ----------
    rcu : bool
        Copy nodes that readers may be in instead of changing them, as a page cache needs it.
        The tree is the same.
    pool : Pool, optional
        Where nodes come from, 256 bytes each; its own pool if none is given.

    Notes
    -----
    Entries are ints from 0 to 2**63 - 1 (value entries) or `pagecache.Pointer`.

    Examples
    --------
    >>> from pagecache.structures.maple.maple import MapleTree
    >>> tree = MapleTree()
    >>> tree.store_range(512, 1023, 7)
    >>> tree.load(700), tree.nodes
    (7, 1)
    """

    def __cinit__(self, *, bint rcu=True, Pool pool=None):
        self.pool = Pool(NODE_SIZE, NODE_LINK) if pool is None else pool
        if self.pool.pool.node_size != NODE_SIZE or self.pool.pool.link != NODE_LINK:
            raise ValueError(f"the pool gives other nodes; make it with Pool({NODE_SIZE}, {NODE_LINK})")
        memset(&self.tree, 0, sizeof(maple_tree))
        self.tree.rcu, self.tree.pool = rcu, &self.pool.pool

    def __dealloc__(self):
        if self.tree.pool is not NULL:
            maple_destroy(&self.tree)

    @property
    def rcu(self):
        """Whether nodes are copied instead of changed."""
        return self.tree.rcu

    def load(self, index):
        """The entry whose range holds `index`, or None.  O(height)."""
        return to_python(maple_load(&self.tree, to_index(index)))

    def store_range(self, first, last, entry):
        """Store one entry over [first, last], whatever is there; None erases.  O(height).

        Raises ValueError if `last` is below `first`, MemoryError if the pool cannot grow; the tree
        is as before then.
        """
        range_done(maple_store(&self.tree, to_index(first), to_index(last), from_python(entry)),
                   first, last)

    def insert_range(self, first, last, entry):
        """Store over [first, last] if nothing is there.  O(height).

        Raises EntryExists if something is; but over everything, in a tree of one leaf, Linux
        replaces the tree without looking, and so does this.
        """
        range_done(maple_insert(&self.tree, to_index(first), to_index(last), from_python(entry)),
                   first, last)

    def erase(self, index):
        """Erase the whole range that holds `index`; its entry, or None.  O(height)."""
        cdef word_t old = 0
        failed_as(maple_erase(&self.tree, to_index(index), &old), f"index {index}")
        return to_python(old)

    def find(self, index, max=MAX_INDEX):
        """The first entry at or after `index` that begins at or below `max`: (entry, where to go on).

        The latter is the end of that entry, plus 1: 0 after the largest index.  None if there is
        no such entry.  O(height).
        """
        cdef uint64_t at = to_index(index)
        cdef word_t found = maple_find(&self.tree, &at, to_index(max))
        return None if found == 0 else (to_python(found), at)

    def items(self, start=0):
        """(first, last, entry) of each range from `start` on, in order; the first may begin before.

        The tree must not change between two steps.
        """
        cdef maple_iter walk
        cdef word_t found
        iter_init(&walk, &self.tree, to_index(start))
        while True:
            found = maple_next(&walk)
            if found == 0:
                return
            yield walk.first, walk.last, to_python(found)

    def __iter__(self):
        return self.items()

    def bulk_load(self, ranges):
        """Fill an empty tree with (first, last, entry) in ascending order, entries not None.

        Takes all nodes beforehand; without RCU mode only.  Raises ValueError for ranges that are
        not in order, MemoryError; the tree is empty then.  O(ranges).
        """
        cdef list items = [(first, last, entry) for first, last, entry in ranges]
        before = -1
        for first, last, entry in items:
            if entry is None or not before < first <= last <= MAX_INDEX:
                raise ValueError(f"range {first} to {last}: give ranges in order, with entries")
            from_python(entry)
            before = last
        failed_as(bulk_begin(&self.tree, len(items)), "bulk_load without RCU mode and empty alone")
        try:
            for first, last, entry in items:
                self.store_range(first, last, entry)
        except MemoryError:
            maple_destroy(&self.tree)
            raise
        bulk_end(&self.tree)

    def destroy(self):
        """Remove everything.  O(nodes)."""
        maple_destroy(&self.tree)

    @property
    def empty(self):
        """Whether nothing is stored.  O(1), except for a lone leaf."""
        return next(self.items(), None) is None

    @property
    def nodes(self):
        """Nodes of the tree.  O(nodes)."""
        return count_nodes(&self.tree)

    @property
    def node_bytes(self):
        """Bytes of those nodes, 256 each."""
        return count_nodes(&self.tree) * NODE_SIZE

    @property
    def height(self):
        """Nodes on the way down: the same for each index.  O(1)."""
        return self.tree.height

    def dump(self):
        """The whole tree as text, depth first, each node with the ends of its slots."""
        return tree_text(&self.tree)

    def check(self):
        """Raise AssertionError, with the dump, if the tree breaks a rule.  O(slots)."""
        check_tree(&self.tree)
