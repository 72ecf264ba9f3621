"""Folios as ranges of a maple tree."""

cimport cython
from libc.errno cimport EEXIST, EFAULT
from libc.stdint cimport uint64_t
from libc.string cimport memset

from pagecache.designs.contract cimport (
    ABSENT,
    AROUND_PAGES,
    folio_added,
    folio_removed,
    frame_sum,
    page_usable,
    put_folio_at,
)
from pagecache.page.frames cimport (
    Frames,
    folio_order,
    frames_fit,
    page_put,
    page_t,
    page_to_pfn,
    page_try_get,
)
from pagecache.structures.maple.iterate cimport iter_init, maple_find, maple_iter, maple_next
from pagecache.structures.maple.node cimport (
    NODE_LINK,
    NODE_SIZE,
    is_dead,
    maple_node,
    word_read,
    word_t,
)
from pagecache.structures.maple.path cimport walk_through
from pagecache.structures.maple.store cimport maple_destroy, maple_erase, maple_store
from pagecache.structures.maple.text cimport check_tree, count_nodes, tree_text
from pagecache.structures.maple.walk cimport maple_load, maple_slot
from pagecache.structures.pool cimport pool_use_reserve

cdef enum:
    BATCH = 15  # folios that a truncation takes out together


cdef extern from *:
    int ctz "__builtin_ctzll"(unsigned long long word) noexcept nogil


@cython.no_gc_clear  # what it is made of must be there when it is taken down
cdef class MapleMulti(PageIndex):
    """The index of one file on a maple tree: one range a folio, of any order.

    Parameters
    ----------
    frames : Frames
        The struct pages that entries name.
    pool : Pool, optional
        Where nodes come from; one pool may serve many files.
    huge_order : int
        Order of a huge page in `huge_fault`.
    rcu : bool
        Copy leaves that readers may be in, as a page cache must.  The tree is the same without,
        and is built faster where nobody reads beside the writer.
    """

    provides = frozenset()

    def __cinit__(self, Frames frames not None, Pool pool=None, *, bint rcu=True, **options):
        self.pool = MapleMulti.make_pool() if pool is None else pool
        memset(&self.tree, 0, sizeof(maple_tree))
        self.tree.rcu, self.tree.pool = rcu, &self.pool.pool

    def __dealloc__(self):
        if self.tree.pool is not NULL:
            maple_destroy(&self.tree)

    cdef uint64_t load(self, uint64_t index) noexcept nogil:
        cdef word_t word = maple_load(&self.tree, index)
        return ABSENT if word == 0 else page_to_pfn(self.frames, <page_t*>word)

    cdef uint64_t get(self, uint64_t index) noexcept nogil:
        """The frame of the page at `index`, referenced and put; `ABSENT` if it is not cached."""
        cdef maple_node* node
        cdef word_t* slot
        cdef word_t word
        cdef page_t* head
        while True:
            word = maple_slot(&self.tree, index, &node, &slot)
            if word == 0:
                return ABSENT
            head = <page_t*>word
            if not page_try_get(head):
                continue
            if word_read(slot) == word and (node is NULL or not is_dead(node)):
                return put_folio_at(self, head, index)
            page_put(head)

    cdef int insert(self, uint64_t index, unsigned int order, uint64_t pfn) noexcept nogil:
        cdef page_t* head = self.frames.base + pfn
        cdef uint64_t last = index + ((<uint64_t>1 << order) - 1), at = index
        cdef int failed
        if not frames_fit(self.frames, pfn, order):
            return -EFAULT
        if not appends(self, index) and maple_find(&self.tree, &at, last):
            return -EEXIST
        failed = maple_store(&self.tree, index, last, <word_t>head)
        if not failed:
            self.highest = last if last > self.highest else self.highest
            folio_added(self, head, index, order)
        return failed

    cdef uint64_t remove(self, uint64_t index) noexcept nogil:
        cdef word_t old = 0
        cdef page_t* head
        cdef size_t limit = self.pool.pool.limit
        if maple_erase(&self.tree, index, &old):
            pool_use_reserve(&self.pool.pool)
            if maple_erase(&self.tree, index, &old):
                old = 0
            self.pool.pool.limit = limit
        head = <page_t*>old
        return 0 if head is NULL else folio_removed(self, head, folio_order(head))

    cdef int next_folio(self, uint64_t* index) noexcept nogil:
        """The order follows from the range: no struct page is read."""
        cdef maple_iter walk
        iter_init(&walk, &self.tree, index[0])
        if maple_next(&walk) == 0:
            return -1
        index[0] = walk.first
        return ctz(walk.last - walk.first + 1)

    cdef uint64_t read(self, uint64_t index, uint64_t count) noexcept nogil:
        return read_ranges(self, index, index + count - 1)

    cdef uint64_t fault_around(self, uint64_t index) noexcept nogil:
        cdef uint64_t first = index & ~<uint64_t>(AROUND_PAGES - 1)
        return read_ranges(self, first, first + AROUND_PAGES - 1)

    cdef uint64_t truncate(self) noexcept nogil:
        """Remove everything, a batch of folios at a time.  The number of pages removed."""
        cdef uint64_t before = self.pages
        if self.frames.backed:
            while take_batch(self):
                pass
        maple_destroy(&self.tree)
        self.pages = 0
        return before

    @staticmethod
    def make_pool(*, huge=False, **options):
        """A pool of nodes of 256 bytes."""
        return Pool(NODE_SIZE, NODE_LINK, huge=huge)

    def set_limit(self, uint64_t limit):
        """The pool hands out no more nodes than `limit` bytes hold."""
        self.pool.limit = limit // NODE_SIZE

    @property
    def nodes(self):
        """Nodes of this file's tree.  O(nodes)."""
        return count_nodes(&self.tree)

    @property
    def height(self):
        """Nodes on the way down.  O(1)."""
        return self.tree.height

    @property
    def index_bytes(self):
        """Bytes of those nodes.  O(nodes)."""
        return count_nodes(&self.tree) * NODE_SIZE

    @property
    def is_empty(self):
        """Whether the tree holds no entry and no node."""
        return self.tree.root == 0

    def walk(self, uint64_t index, between=None):
        """The walk of one lookup, read by read."""
        return walk_through(&self.tree, index, between, self.name_entry)

    def name_entry(self, uint64_t word):
        """What a range names, in words, and of which kind that is."""
        return f"frame {page_to_pfn(self.frames, <page_t*>word)}", "entry"

    def dump(self):
        """The tree as text, as `MapleTree.dump` gives it."""
        return tree_text(&self.tree)

    def check(self):
        """Raise AssertionError, with the dump, if the tree breaks a rule."""
        check_tree(&self.tree)


cdef inline bint appends(MapleMulti self, uint64_t index) noexcept nogil:
    """Is nothing cached from `index` on?  Asked without RCU mode: a page cache looks for itself."""
    return not self.tree.rcu and index > self.highest


cdef uint64_t read_ranges(MapleMulti self, uint64_t index, uint64_t last) noexcept nogil:
    """The sum of the frames of the pages cached in [index, last]: a walk, and a step a folio."""
    cdef maple_iter walk
    cdef uint64_t total = 0
    cdef page_t* head
    iter_init(&walk, &self.tree, index)
    head = <page_t*>maple_next(&walk)
    while head is not NULL and walk.first <= last:
        if page_try_get(head):
            if page_usable(head, <void*>self):
                total += frame_sum(
                    page_to_pfn(self.frames, head) - walk.first,
                    walk.first if walk.first > index else index,
                    walk.last if walk.last < last else last)
            page_put(head)
        head = <page_t*>maple_next(&walk) if walk.last < last else NULL
    return total


cdef bint take_batch(MapleMulti self) noexcept nogil:
    """Take out the next folios with one store; False once nothing is left, or without memory."""
    cdef maple_iter walk
    cdef page_t* heads[BATCH]
    cdef uint64_t first = 0, last = 0
    cdef unsigned int found = 0, k
    cdef size_t limit = self.pool.pool.limit
    cdef int failed
    iter_init(&walk, &self.tree, 0)
    while found < BATCH:
        heads[found] = <page_t*>maple_next(&walk)
        if heads[found] is NULL:
            break
        first = first if found else walk.first
        last = walk.last
        found += 1
    if found == 0:
        return False
    pool_use_reserve(&self.pool.pool)
    failed = maple_store(&self.tree, first, last, 0)
    self.pool.pool.limit = limit
    for k in range(found):
        folio_removed(self, heads[k], folio_order(heads[k]))
    return not failed
