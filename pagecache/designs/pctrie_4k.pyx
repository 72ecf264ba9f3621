"""Pages as leaves of a trie."""

cimport cython
from libc.errno cimport EFAULT, EINVAL
from libc.stdint cimport uint64_t, uintptr_t

from pagecache.designs.contract cimport ABSENT, folio_added, folio_removed, page_usable
from pagecache.page.frames cimport (
    Frames,
    frames_fit,
    page_put,
    page_t,
    page_to_pfn,
    page_try_get,
)
from pagecache.structures.pctrie.change cimport trie_forget, trie_insert, trie_remove
from pagecache.structures.pctrie.path cimport walk_through
from pagecache.structures.pctrie.pctrie cimport trie_text, trie_violation
from pagecache.structures.pctrie.trie cimport (
    LEAF,
    NODE_LINK,
    trie_after,
    trie_lookup,
    trie_next,
    trie_node,
)
from pagecache.structures.pool cimport Pool

cdef enum:
    KEY = 32  # the byte of a struct page that `index` begins at


cdef inline page_t* page_of(const uint64_t* key) noexcept nogil:
    return NULL if key is NULL else <page_t*>(<char*>key - KEY)


@cython.no_gc_clear  # what it is made of must be there when it is taken down
cdef class PcTrie4k(PageIndex):
    """The index of one file on FreeBSD's pctrie: pages of order 0.

    Parameters
    ----------
    frames : Frames
        The struct pages that hold the keys: they must be backed by memory.
    pool : Pool, optional
        Where nodes come from; one pool may serve many files.
    huge_order : int
        Order of a huge page in `huge_fault`.
    """

    provides = frozenset()
    needs_struct_pages = True

    def __cinit__(self, Frames frames not None, Pool pool=None, **options):
        self.pool = PcTrie4k.make_pool() if pool is None else pool
        self.root.top, self.root.nodes, self.root.pool = LEAF, 0, &self.pool.pool

    def __dealloc__(self):
        if self.root.pool is not NULL:
            trie_forget(&self.root)

    cdef uint64_t load(self, uint64_t index) noexcept nogil:
        cdef page_t* page = page_of(trie_lookup(&self.root, index))
        return ABSENT if page is NULL else page_to_pfn(self.frames, page)

    cdef uint64_t get(self, uint64_t index) noexcept nogil:
        """The frame of the page at `index`, referenced and put; `ABSENT` if it is not cached.

        A page that was freed meanwhile may have another index by now: walk again.  One with another
        mapping is no longer this file's, so nothing was here for a moment: that is an answer.
        """
        cdef page_t* page
        cdef uint64_t frame
        while True:
            page = page_of(trie_lookup(&self.root, index))
            if page is NULL:
                return ABSENT
            if not page_try_get(page):
                continue
            if page.index == index:
                break
            page_put(page)
        frame = page_to_pfn(self.frames, page) if page_usable(page, <void*>self) else ABSENT
        page_put(page)
        return frame

    cdef int insert(self, uint64_t index, unsigned int order, uint64_t pfn) noexcept nogil:
        cdef page_t* page = self.frames.base + pfn
        cdef uint64_t before
        cdef int failed
        if order:
            return -EINVAL
        if not frames_fit(self.frames, pfn, order):
            return -EFAULT
        before, page.index = page.index, index
        failed = trie_insert(&self.root, &page.index)
        if failed:
            page.index = before
            return failed
        folio_added(self, page, index, 0)
        return 0

    cdef uint64_t remove(self, uint64_t index) noexcept nogil:
        cdef page_t* page = page_of(trie_remove(&self.root, index))
        return 0 if page is NULL else folio_removed(self, page, 0)

    cdef uint64_t read(self, uint64_t index, uint64_t count) noexcept nogil:
        """The sum of the frames of those of `count` pages that are cached; a step a page."""
        cdef uint64_t last = index + count - 1, total = 0
        cdef trie_node* home
        cdef uint64_t* key = trie_next(&self.root, index, &home)
        while key is not NULL and key[0] <= last:
            index = key[0]
            total += frame_taken(self, page_of(key))
            key = trie_after(&self.root, index, &home)
        return total

    cdef uint64_t truncate(self) noexcept nogil:
        """Remove everything: all pages in order, then all nodes.  The number of pages removed."""
        cdef uint64_t before = self.pages, index
        cdef trie_node* home
        cdef uint64_t* key = trie_next(&self.root, 0, &home)
        while key is not NULL:
            index = key[0]
            folio_removed(self, page_of(key), 0)
            key = trie_after(&self.root, index, &home)
        trie_forget(&self.root)
        return before

    cdef int next_folio(self, uint64_t* index) noexcept nogil:
        cdef trie_node* home
        cdef uint64_t* key = trie_next(&self.root, index[0], &home)
        if key is NULL:
            return -1
        index[0] = key[0]
        return 0

    @staticmethod
    def make_pool(*, huge=False, **options):
        """A pool of nodes of 152 bytes."""
        return Pool(sizeof(trie_node), NODE_LINK, huge=huge)

    def set_limit(self, uint64_t limit):
        """The pool hands out no more nodes than `limit` bytes hold."""
        self.pool.limit = limit // sizeof(trie_node)

    @property
    def nodes(self):
        """Nodes of this file's trie.  O(1)."""
        return self.root.nodes

    @property
    def index_bytes(self):
        """Bytes of those nodes.  O(1)."""
        return self.root.nodes * sizeof(trie_node)

    @property
    def is_empty(self):
        """Whether the trie holds no page."""
        return self.root.top == LEAF

    def walk(self, uint64_t index, between=None):
        """The walk of one lookup, read by read."""
        return walk_through(&self.root, index, between, self.name_key)

    def name_key(self, uint64_t key):
        """What a leaf names, in words, by the address of its key."""
        return f"frame {page_to_pfn(self.frames, page_of(<uint64_t*><uintptr_t>key))}"

    def dump(self):
        """The trie as text, as `PcTrie.dump` gives it."""
        return trie_text(&self.root)

    def check(self):
        """Raise AssertionError, with the dump, if the trie breaks a rule."""
        violation = trie_violation(&self.root)
        assert violation is None, f"{violation}\n{self.dump()}"


cdef inline uint64_t frame_taken(PcTrie4k self, page_t* page) noexcept nogil:
    """The frame of a page, referenced and put; 0 if it is not filled or on its way out."""
    cdef uint64_t frame
    if not page_try_get(page):
        return 0
    frame = page_to_pfn(self.frames, page) if page_usable(page, <void*>self) else 0
    page_put(page)
    return frame
