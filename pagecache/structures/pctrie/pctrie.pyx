"""The Python face of the trie, its text, and the check of its rules."""

from libc.errno cimport ENOMEM
from libc.stdint cimport uintptr_t

from pagecache.structures.convert cimport failed_as, to_index, to_number
from pagecache.structures.pctrie.change cimport trie_forget, trie_insert, trie_remove
from pagecache.structures.pctrie.trie cimport (
    FAN_OUT,
    LEAF,
    NODE_LINK,
    WIDTH,
    digit,
    is_leaf,
    key_of,
    trie_after,
    trie_lookup,
    trie_next,
    trie_node,
)
from pagecache.structures.pool cimport pool_alloc, pool_free

cdef uint64_t MOST = ~<uint64_t>0

cdef enum:
    RECORD_LINK = 16  # beyond key and value, which a free record keeps


cdef class PcTrie:
    """FreeBSD's pctrie: an ordered map from 64-bit indices to values.

    Parameters
    ----------
    pool : Pool, optional
        Where nodes come from, 152 bytes each; its own pool if none is given.

    Examples
    --------
    >>> from pagecache.structures.pctrie.pctrie import PcTrie
    >>> trie = PcTrie()
    >>> for index in (0x1234, 0x1239, 0x50000):
    ...     trie.insert(index, index + 1)
    >>> trie.lookup(0x1239) == 0x123A, trie.nodes
    (True, 2)
    """

    def __cinit__(self, *, Pool pool=None):
        self.pool = Pool(sizeof(trie_node), NODE_LINK) if pool is None else pool
        if self.pool.pool.node_size != sizeof(trie_node) or self.pool.pool.link != NODE_LINK:
            raise ValueError(
                f"the pool gives other nodes; make it with Pool({sizeof(trie_node)}, {NODE_LINK})")
        self.records = Pool(sizeof(trie_record), RECORD_LINK)
        self.root.top, self.root.nodes, self.root.pool = LEAF, 0, &self.pool.pool

    def __dealloc__(self):
        if self.root.pool is not NULL:
            trie_forget(&self.root)

    cdef int put(self, uint64_t index, uint64_t value) noexcept nogil:
        cdef trie_record* record = <trie_record*>pool_alloc(&self.records.pool)
        cdef int failed
        if record is NULL:
            return -ENOMEM
        record.key, record.value = index, value
        failed = trie_insert(&self.root, &record.key)
        if failed:
            pool_free(&self.records.pool, record)
        return failed

    cdef trie_record* drop(self, uint64_t index) noexcept nogil:
        """Take a key out and give its record back; it can be read until the next is taken."""
        cdef trie_record* record = <trie_record*>trie_remove(&self.root, index)
        if record is not NULL:
            pool_free(&self.records.pool, record)
        return record

    def lookup(self, index):
        """The value at `index`, or None.  O(height)."""
        cdef uint64_t* key = trie_lookup(&self.root, to_index(index))
        return None if key is NULL else (<trie_record*>key).value

    def insert(self, index, value):
        """Store a value where nothing is.  O(height), one node at most.

        Raises EntryExists if something is there, MemoryError if a pool cannot grow; the trie is
        as before.
        """
        cdef uint64_t at = to_index(index)
        failed_as(self.put(at, to_number(value, MOST)), f"index {at}")

    def delete(self, index):
        """Remove what is at `index`; its value, or None.  O(height)."""
        cdef trie_record* record = self.drop(to_index(index))
        return None if record is NULL else record.value

    def items(self, start=0):
        """(index, value) from `start` on, in order: a walk from the root each.

        What is inserted or deleted meanwhile is seen as far as it lies ahead.
        """
        cdef trie_node* home
        cdef uint64_t* key = trie_next(&self.root, to_index(start), &home)
        cdef uint64_t index
        while key is not NULL:
            index = key[0]
            yield index, (<trie_record*>key).value
            key = NULL if index == MOST else trie_next(&self.root, index + 1, &home)

    def __iter__(self):
        return self.items()

    def destroy(self):
        """Remove everything.  O(entries)."""
        cdef trie_node* home
        cdef uint64_t* key = trie_next(&self.root, 0, &home)
        cdef uint64_t index
        while key is not NULL:
            index = key[0]  # its record keeps it, except the word that links free ones
            pool_free(&self.records.pool, key)
            key = trie_after(&self.root, index, &home)
        trie_forget(&self.root)

    @property
    def nodes(self):
        """Nodes of the trie.  O(1)."""
        return self.root.nodes

    @property
    def node_bytes(self):
        """Bytes of those nodes, 152 each."""
        return self.root.nodes * sizeof(trie_node)

    def dump(self):
        """The trie as text, depth first: owner (hex), level, and the children of each node."""
        return trie_text(&self.root)

    def check(self):
        """Raise AssertionError, with the dump, if the trie breaks a rule.  O(entries)."""
        violation = trie_violation(&self.root)
        if violation:
            raise AssertionError(f"{violation}\n{self.dump()}")


cdef str child_text(uint64_t child):
    if not is_leaf(child):
        return "n"
    return "-" if child == LEAF else f"{key_of(child)[0]:x}"


cdef void append_nodes(list parts, uint64_t child):
    cdef const trie_node* node
    cdef unsigned int k
    if is_leaf(child):
        return
    node = <trie_node*><uintptr_t>child
    children = [f" {k}={child_text(node.children[k])}" for k in range(FAN_OUT) if node.children[k] != LEAF]
    parts.append(f" N {node.owner:x} {node.level}{''.join(children)};")
    for k in range(FAN_OUT):
        append_nodes(parts, node.children[k])


cdef str trie_text(const trie_root* root):
    parts = [f"R {child_text(root.top)};"]
    append_nodes(parts, root.top)
    return "".join(parts)


cdef str trie_violation(const trie_root* root):
    """What is wrong; None if nothing is."""
    cdef uint64_t nodes = 0
    violation = below(root.top, NULL, &nodes)
    if violation is None and nodes != root.nodes:
        return f"{nodes} nodes in the trie, {root.nodes} counted"
    return violation


cdef str below(uint64_t child, const trie_node* parent, uint64_t* nodes):
    cdef const trie_node* node = <const trie_node*><uintptr_t>child
    cdef unsigned int k, map = 0
    if is_leaf(child):
        return None
    nodes[0] += 1
    for k in range(FAN_OUT):
        map |= (node.children[k] != LEAF) << k
    if node.parent != parent:
        return f"the node of owner {node.owner:#x} does not know its parent"
    if map != node.map or map & (map - 1) == 0:
        return f"the node of owner {node.owner:#x} has map {node.map:#x} and children {map:#x}"
    if node.level % WIDTH or node.owner & ((<uint64_t>FAN_OUT << node.level) - 1):
        return f"owner {node.owner:#x} has bits below level {node.level}"
    for k in range(FAN_OUT):
        violation = child_violation(node, k) or below(node.children[k], node, nodes)
        if violation:
            return violation
    return None


cdef str child_violation(const trie_node* node, unsigned int k):
    cdef uint64_t child = node.children[k], index
    if child == LEAF:
        return None
    index = key_of(child)[0] if is_leaf(child) else (<trie_node*><uintptr_t>child).owner
    if digit(node, index) != k:
        return f"child {k} of owner {node.owner:#x} holds index {index:#x}"
    if not is_leaf(child) and (<trie_node*><uintptr_t>child).level >= node.level:
        return f"child {k} of owner {node.owner:#x} is not of a lower level"
    return None
