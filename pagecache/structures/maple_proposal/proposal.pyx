"""The Python face of the proposal."""

from libc.stdint cimport uint64_t
from libc.string cimport memset

from pagecache.pointer cimport Pointer
from pagecache.structures.convert cimport failed_as, to_index, to_number
from pagecache.structures.maple_proposal.iterate cimport iter_init, marked_iter, marked_next
from pagecache.structures.maple_proposal.marks cimport (
    find_marked,
    marked_clear,
    marked_get,
    marked_set,
)
from pagecache.structures.maple_proposal.node cimport MARKS, NODE_LINK, NODE_SIZE, word_t
from pagecache.structures.maple_proposal.text cimport check_tree, count_nodes, tree_text

cdef uint64_t MAX_INDEX = ~<uint64_t>0


cdef word_t from_python(object entry) except? 0:
    if isinstance(entry, Pointer):
        return (<Pointer>entry).address
    return <word_t>to_number(entry, MAX_INDEX >> 1) << 1 | 1


cdef object to_python(word_t word):
    if word == 0:
        return None
    return word >> 1 if word & 1 else Pointer(word)


cdef unsigned int mark_of(object mark) except? 99:
    if mark not in range(MARKS):
        raise ValueError(f"mark {mark} is unknown; give 0 to {MARKS - 1}")
    return mark


cdef class ProposalTree:
    """A proposal, not a kernel's: a maple tree with three marks and dense leaves.

    Parameters
    ----------
    pool : Pool, optional
        Where nodes come from, 256 bytes each; its own pool if none is given.

    Notes
    -----
    What was named by others and what is assumed here stands in the module `walk`.  Entries are ints
    from 0 to 2**63 - 1 or `pagecache.Pointer`; they go where nothing is.

    Examples
    --------
    >>> from pagecache.structures.maple_proposal.proposal import ProposalTree
    >>> tree = ProposalTree()
    >>> for page in range(56):
    ...     tree.insert_range(page, page, page)
    >>> tree.set_mark(40, 0)
    True
    >>> tree.nodes, list(tree.marked(0))
    (3, [(40, 40)])
    """

    def __cinit__(self, *, Pool pool=None):
        self.pool = Pool(NODE_SIZE, NODE_LINK) if pool is None else pool
        if self.pool.pool.node_size != NODE_SIZE or self.pool.pool.link != NODE_LINK:
            raise ValueError(f"the pool gives other nodes; make it with Pool({NODE_SIZE}, {NODE_LINK})")
        memset(&self.tree, 0, sizeof(marked_tree))
        self.tree.pool = &self.pool.pool

    def __dealloc__(self):
        if self.tree.pool is not NULL:
            marked_destroy(&self.tree)

    def load(self, index):
        """The entry whose range holds `index`, or None.  O(height)."""
        return to_python(marked_load(&self.tree, to_index(index)))

    def insert_range(self, first, last, entry):
        """Store over [first, last] where nothing is.  O(height).

        Raises EntryExists if something is, ValueError if `last` is below `first`, MemoryError if
        the pool cannot grow; the tree is as before then.
        """
        failed_as(marked_insert(&self.tree, to_index(first), to_index(last), from_python(entry)),
                  f"range {first} to {last}")

    def erase(self, index):
        """Erase the whole range that holds `index`; its entry, or None.  O(height)."""
        cdef word_t old = 0
        failed_as(marked_erase(&self.tree, to_index(index), &old), f"index {index}")
        return to_python(old)

    def set_mark(self, index, mark):
        """Mark the entry that covers `index` with mark 0, 1 or 2; False if there is none."""
        return marked_set(&self.tree, to_index(index), mark_of(mark))

    def clear_mark(self, index, mark):
        """Take the mark from the entry that covers `index`; False if there is none."""
        return marked_clear(&self.tree, to_index(index), mark_of(mark))

    def get_mark(self, index, mark):
        """Whether the entry that covers `index` has the mark."""
        return marked_get(&self.tree, to_index(index), mark_of(mark))

    def marked(self, mark, start=0):
        """(first, last) of each marked entry from `start` on, in order."""
        cdef uint64_t at = to_index(start)
        cdef unsigned int number = mark_of(mark)
        cdef marked_iter walk
        while find_marked(&self.tree, &at, number):
            iter_init(&walk, &self.tree, at)
            marked_next(&walk)
            yield walk.first, walk.last
            if walk.last == MAX_INDEX:
                return
            at = walk.last + 1

    def items(self, start=0):
        """(first, last, entry) of each range from `start` on, in order; the first may begin before.

        The tree must not change between two steps.
        """
        cdef marked_iter walk
        cdef word_t found
        iter_init(&walk, &self.tree, to_index(start))
        while True:
            found = marked_next(&walk)
            if found == 0:
                return
            yield walk.first, walk.last, to_python(found)

    def __iter__(self):
        return self.items()

    def destroy(self):
        """Remove everything.  O(nodes)."""
        marked_destroy(&self.tree)

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
        """The whole tree as text, depth first."""
        return tree_text(&self.tree)

    def check(self):
        """Raise AssertionError, with the dump, if the tree breaks a rule.  O(slots)."""
        check_tree(&self.tree)
