"""The Python face of the radix tree."""

from libc.errno cimport EINVAL, ENOENT
from libc.stdint cimport int64_t, uint64_t
from libc.string cimport memset

from pagecache.pointer cimport Pointer
from pagecache.structures.convert cimport failed_as, order_of, tag_of, to_index, to_number
from pagecache.structures.radix.entry cimport (
    NULL_ENTRY,
    VALUE_BITS,
    entry_t,
    is_exceptional,
    mk_exceptional,
    to_exceptional,
)
from pagecache.structures.radix.iterate cimport ANY_TAG, iter_init, radix_iter, radix_next
from pagecache.structures.radix.join cimport radix_join, radix_split
from pagecache.structures.radix.node cimport NODE_LINK, radix_node, root_tagged
from pagecache.structures.radix.preload cimport preload_for, radix_preload
from pagecache.structures.radix.tags cimport radix_tag_clear, radix_tag_get, radix_tag_set
from pagecache.structures.radix.text cimport check_tree, count_nodes, tree_height, tree_text
from pagecache.structures.radix.walk cimport radix_find


cdef entry_t from_python(object entry) except? 0:
    if entry is None:
        return NULL_ENTRY
    if isinstance(entry, Pointer):
        return (<Pointer>entry).address
    return mk_exceptional(to_number(entry, (<uint64_t>1 << VALUE_BITS) - 1))


cdef entry_t something(object entry) except? 0:
    if entry is None:
        raise ValueError("None stands for nothing and cannot be inserted")
    return from_python(entry)


cdef object to_python(entry_t entry):
    if entry == NULL_ENTRY:
        return None
    return to_exceptional(entry) if is_exceptional(entry) else Pointer(entry)


cdef class RadixTree:
    """The radix tree of Linux 4.19: an ordered map from 64-bit indices to entries of any order.

    Parameters
    ----------
    pool : Pool, optional
        Where nodes come from, 576 bytes each; its own pool if none is given.

    Notes
    -----
    Entries are ints from 0 to 2**62 - 1 (exceptional entries) or `pagecache.Pointer`.

    Examples
    --------
    >>> from pagecache.structures.radix.radix import RadixTree
    >>> tree = RadixTree()
    >>> tree.insert(512, 7, order=9)
    >>> tree.lookup(1000), tree.nodes
    (7, 1)
    """

    def __cinit__(self, *, Pool pool=None):
        self.pool = Pool(sizeof(radix_node), NODE_LINK) if pool is None else pool
        if self.pool.pool.node_size != sizeof(radix_node) or self.pool.pool.link != NODE_LINK:
            raise ValueError(
                f"the pool gives other nodes; make it with Pool({sizeof(radix_node)}, {NODE_LINK})")
        memset(&self.root, 0, sizeof(radix_root))
        self.root.pool = &self.pool.pool

    def __dealloc__(self):
        if self.root.pool is not NULL:
            radix_destroy(&self.root)

    def lookup(self, index):
        """The entry at `index`, or None.  O(height)."""
        return to_python(radix_lookup(&self.root, to_index(index)))

    def insert(self, index, entry, order=0):
        """Store over ``2**order`` indices where nothing is.  O(height + slots).

        Raises EntryExists if anything is there (the tree may have grown), MemoryError if the pool
        cannot grow (the tree is as before), ValueError for an index that is no multiple of
        ``2**order`` and over tags that `replace` left behind.
        """
        cdef uint64_t at = to_index(index)
        cdef unsigned int each = order_of(order)
        aligned(at, each)
        failed_as(radix_insert(&self.root, at, each, something(entry)), f"index {at}")

    def delete(self, index):
        """Remove the whole entry that covers `index`, and its tags; that entry or None."""
        return to_python(radix_delete(&self.root, to_index(index)))

    def replace(self, index, entry):
        """Put another entry, or None, in the place of the one at `index`; the old one.  O(height).

        Raises KeyError if nothing is there.  Tags stay: clear them before replacing by None.
        """
        cdef uint64_t at = to_index(index)
        cdef radix_node* node
        cdef entry_t* slot
        cdef entry_t new = from_python(entry), old = radix_find(&self.root, at, &node, &slot)
        if old == NULL_ENTRY:
            failed_as(-ENOENT, f"index {at}")
        radix_replace(&self.root, node, slot, new)
        return to_python(old)

    def join(self, index, entry, order=0):
        """Store one entry of ``2**order`` indices over all that is there.  O(height + slots).

        Inside a larger entry it takes over the whole of that.  Errors as of `insert`.
        """
        cdef uint64_t at = to_index(index)
        cdef unsigned int each = order_of(order)
        aligned(at, each)
        failed_as(radix_join(&self.root, at, each, something(entry)), f"index {at}")

    def split(self, index, entry, order=0):
        """Split the entry at `index` into pieces of ``2**order``, each holding `entry`; how many.

        Raises KeyError if nothing is there, ValueError if that is not of a higher order.
        """
        cdef uint64_t at = to_index(index)
        cdef unsigned int each = order_of(order)
        cdef int64_t pieces = radix_split(&self.root, at, each, something(entry))
        failed_as(<int>pieces if pieces < 0 else 0, f"index {at}")
        return pieces

    def tag_set(self, index, tag):
        """Set tag 0, 1 or 2 on the entry at `index`; that entry, or None.  O(height)."""
        return to_python(radix_tag_set(&self.root, to_index(index), tag_of(tag)))

    def tag_clear(self, index, tag):
        """Clear a tag of the entry at `index`; that entry, or None.  O(height)."""
        return to_python(radix_tag_clear(&self.root, to_index(index), tag_of(tag)))

    def tag_get(self, index, tag):
        """Whether the tag reads as set at `index`; bits left behind do.  O(height)."""
        return bool(radix_tag_get(&self.root, to_index(index), tag_of(tag)))

    def tagged(self, tag):
        """Whether any entry carries the tag.  O(1)."""
        return bool(root_tagged(&self.root, tag_of(tag)))

    def items(self, start=0, tag=None):
        """(first index, entry) of each entry from `start` on, in order; by tag if one is given.

        An entry that covers `start` comes with its own first index.  The tree must not change
        between two steps.
        """
        cdef radix_iter walk
        cdef entry_t entry
        iter_init(&walk, &self.root, to_index(start), ANY_TAG if tag is None else tag_of(tag))
        while True:
            entry = radix_next(&walk)
            if entry == NULL_ENTRY:
                return
            yield walk.index, to_python(entry)

    def __iter__(self):
        return self.items()

    def preload(self, order=0):
        """Take spare nodes for ``2**order`` insertions of order 0 in a row: they cannot fail then.

        21 for order 0, 28 for order 9.  Raises MemoryError if the pool cannot give them.
        """
        failed_as(radix_preload(&self.root, preload_for(order_of(order))), f"order {order}")
        return self.root.nr_spare

    def destroy(self):
        """Remove everything.  O(nodes)."""
        radix_destroy(&self.root)

    @property
    def empty(self):
        """Whether nothing is stored."""
        return self.root.head == NULL_ENTRY

    @property
    def nodes(self):
        """Nodes of the tree, preloaded ones left out.  O(nodes)."""
        return count_nodes(&self.root)

    @property
    def node_bytes(self):
        """Bytes of those nodes, 576 each."""
        return count_nodes(&self.root) * sizeof(radix_node)

    @property
    def height(self):
        """Nodes on the longest way down.  O(nodes)."""
        return tree_height(&self.root)

    def dump(self):
        """The whole tree as text, depth first: head, then each node with its slots."""
        return tree_text(&self.root)

    def check(self):
        """Raise AssertionError, with the dump, if the tree breaks a rule.  O(slots)."""
        check_tree(&self.root)


cdef int aligned(uint64_t index, unsigned int order) except -1:
    if index & ((<uint64_t>1 << order) - 1):
        failed_as(-EINVAL, f"index {index} is no multiple of 2**{order}")
    return 0
