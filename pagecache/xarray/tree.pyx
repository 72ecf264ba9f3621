"""The array itself, its marks, and what its tree takes."""

from pagecache.xarray.check cimport check_tree
from pagecache.xarray.convert cimport flags_of, like_of, mark_of, to_index
from pagecache.xarray.entry cimport NULL_ENTRY
from pagecache.xarray.marks cimport xa_clear_mark, xa_get_mark, xa_marked, xa_set_mark
from pagecache.xarray.node cimport CHUNK_SHIFT, MARKS
from pagecache.xarray.store cimport xa_init
from pagecache.xarray.text cimport array_text, count_nodes, count_slots, raw_slot, tree_height
from pagecache.xarray.trim cimport xa_destroy

from pagecache.xarray.convert import LIKES


cdef class Tree:
    """The tree of an `XArray`, and its marks."""

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

    @property
    def empty(self):
        """Whether nothing is stored; a reserved slot is something.  O(1).

        Examples
        --------
        >>> import pagecache as pc
        >>> xa = pc.XArray()
        >>> xa.reserve(5)
        >>> xa.empty, xa.load(5)
        (False, None)
        """
        return self.xa.head == NULL_ENTRY

    def set_mark(self, index, mark):
        """Set mark 0, 1 or 2 on the entry at `index`; nothing if there is none.  O(height).

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
        >>> xa.store(64, 7, order=3)
        >>> xa.set_mark(70, 1)
        >>> xa.get_mark(64, 1)
        True
        """
        xa_set_mark(&self.xa, to_index(index), mark_of(mark))

    def clear_mark(self, index, mark):
        """Clear a mark of the entry at `index`; nothing if there is none.  O(height).

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
        >>> xa.store(64, 7)
        >>> xa.set_mark(64, 1)
        >>> xa.clear_mark(64, 1)
        >>> xa.marked(1)
        False
        """
        xa_clear_mark(&self.xa, to_index(index), mark_of(mark))

    def get_mark(self, index, mark):
        """Whether the entry at `index` carries the mark.  O(height).

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
        >>> xa.store(64, 7)
        >>> xa.get_mark(64, 0)
        False
        """
        return bool(xa_get_mark(&self.xa, to_index(index), mark_of(mark)))

    def marked(self, mark):
        """Whether any entry carries the mark.  O(1).

        Raises
        ------
        ValueError
            The mark is not 0, 1 or 2.

        Examples
        --------
        >>> import pagecache as pc
        >>> xa = pc.XArray()
        >>> xa.store(64, 7)
        >>> xa.set_mark(64, 2)
        >>> xa.marked(2), xa.marked(0)
        (True, False)
        """
        return bool(xa_marked(&self.xa, mark_of(mark)))

    def destroy(self):
        """Remove everything: all nodes go back to the pool.  O(nodes).

        Examples
        --------
        >>> import pagecache as pc
        >>> xa = pc.XArray()
        >>> xa.store(4660, 7)
        >>> xa.destroy()
        >>> xa.empty, xa.nodes
        (True, 0)
        """
        xa_destroy(&self.xa)

    @property
    def nodes(self):
        """Nodes in use from the array's pool, those of other arrays included.  O(1).

        Examples
        --------
        >>> import pagecache as pc
        >>> one = pc.XArray()
        >>> other = pc.XArray(pool=one.pool)
        >>> one.store(4660, 7), other.store(70, 7), one.nodes
        (None, None, 5)
        """
        return self.pool.pool.nodes

    @property
    def node_bytes(self):
        """Bytes of those nodes, 576 each at the usual chunk shift.  O(1).

        Examples
        --------
        >>> import pagecache as pc
        >>> xa = pc.XArray()
        >>> xa.store(4660, 7), xa.node_bytes
        (None, 1728)
        """
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

        Raises
        ------
        OverflowError
            The index is not from 0 to 2**64 - 1.

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
        """Check the tree's invariant, on every node and slot.  O(slots).

        Raises
        ------
        AssertionError
            The first violation, with the dump.

        Examples
        --------
        >>> import pagecache as pc
        >>> xa = pc.XArray()
        >>> xa.store(512, 7, order=9)
        >>> xa.check()
        """
        check_tree(&self.xa)
