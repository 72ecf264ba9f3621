"""Pages in the slots of a radix tree, one by one."""

cimport cython
from libc.errno cimport EEXIST, EFAULT, EINVAL, ENOMEM
from libc.stdint cimport uint64_t
from libc.string cimport memset

from pagecache.designs.contract cimport (
    ABSENT,
    AROUND_PAGES,
    folio_added,
    folio_removed,
    page_usable,
)
from pagecache.page.frames cimport (
    PG_DIRTY,
    Frames,
    compound_head,
    folio_order,
    frames_fit,
    page_put,
    page_set_flags,
    page_t,
    page_to_pfn,
    page_try_get,
)
from pagecache.structures.radix.create cimport radix_insert
from pagecache.structures.radix.entry cimport NULL_ENTRY, entry_t
from pagecache.structures.radix.iterate cimport ANY_TAG, iter_init, radix_iter, radix_next
from pagecache.structures.radix.node cimport NODE_LINK, TAGS, radix_node
from pagecache.structures.radix.path cimport walk_through
from pagecache.structures.radix.preload cimport drop_spare, preload_for, radix_preload
from pagecache.structures.radix.replace cimport radix_delete, radix_destroy, radix_replace
from pagecache.structures.radix.tags cimport clear_tag_up, radix_tag_set
from pagecache.structures.radix.text cimport check_tree, count_nodes, tree_height, tree_text
from pagecache.structures.radix.walk cimport radix_find, radix_lookup, slot_read

cdef enum:
    DIRTY = 0  # the tag
    HUGE_ORDER = 9


@cython.no_gc_clear  # what it is made of must be there when it is taken down
cdef class Radix2018(PageIndex):
    """The index of one file on 4.19's radix tree: pages, and huge pages of order 9 as 512 of them.

    Parameters
    ----------
    frames : Frames
        The struct pages that slots name.
    pool : Pool, optional
        Where nodes come from; one pool may serve many files.
    huge_order : int
        Order of a huge page in `huge_fault`.
    """

    provides = frozenset({"mark", "scan"})

    def __cinit__(self, Frames frames not None, Pool pool=None, **options):
        self.pool = Radix2018.make_pool() if pool is None else pool
        memset(&self.root, 0, sizeof(radix_root))
        self.root.pool = &self.pool.pool

    def __dealloc__(self):
        if self.root.pool is not NULL:
            radix_destroy(&self.root)

    cdef uint64_t load(self, uint64_t index) noexcept nogil:
        cdef entry_t entry = radix_lookup(&self.root, index)
        return ABSENT if entry == NULL_ENTRY else page_to_pfn(self.frames, <page_t*>entry)

    cdef uint64_t get(self, uint64_t index) noexcept nogil:
        """The frame of the page at `index`, referenced and put; `ABSENT` if it is not cached."""
        cdef radix_node* node
        cdef entry_t* slot
        cdef entry_t entry
        cdef page_t* head
        while True:
            entry = radix_find(&self.root, index, &node, &slot)
            if entry == NULL_ENTRY:
                return ABSENT
            head = compound_head(<page_t*>entry)
            if not page_try_get(head):
                continue
            if slot_read(slot) == entry:
                return put_page(self, head, <page_t*>entry)
            page_put(head)

    cdef int insert(self, uint64_t index, unsigned int order, uint64_t pfn) noexcept nogil:
        cdef page_t* head = self.frames.base + pfn
        cdef uint64_t k
        if order not in (0, HUGE_ORDER):
            return -EINVAL
        if not frames_fit(self.frames, pfn, order):
            return -EFAULT
        if radix_preload(&self.root, preload_for(order)):
            return -ENOMEM
        if order and any_within(self, index, index + (<uint64_t>1 << order) - 1):
            return -EEXIST
        for k in range(<uint64_t>1 << order):
            if radix_insert(&self.root, index + k, 0, <entry_t>(head + k)):
                return -EEXIST  # the first: what may fail was done before
        folio_added(self, head, index, order)
        return 0

    cdef uint64_t remove(self, uint64_t index) noexcept nogil:
        """Each page by a walk of its own."""
        cdef page_t* head = <page_t*>radix_lookup(&self.root, index)
        cdef uint64_t k, first
        cdef unsigned int order
        if head is NULL:
            return 0
        head = compound_head(head)
        first, order = head.index, folio_order(head)
        for k in range(<uint64_t>1 << order):
            radix_delete(&self.root, first + k)
        return folio_removed(self, head, order)

    cdef int next_folio(self, uint64_t* index) noexcept nogil:
        cdef radix_iter walk
        cdef page_t* head
        iter_init(&walk, &self.root, index[0], ANY_TAG)
        head = <page_t*>radix_next(&walk)
        if head is NULL:
            return -1
        head = compound_head(head)
        index[0] = head.index
        return folio_order(head)

    cdef uint64_t read(self, uint64_t index, uint64_t count) noexcept nogil:
        """The sum of the frames of those of `count` pages that are cached; a walk for each."""
        cdef uint64_t k, frame, total = 0
        for k in range(count):
            frame = self.get(index + k)
            total += 0 if frame == ABSENT else frame
        return total

    cdef uint64_t fault_around(self, uint64_t index) noexcept nogil:
        """The same of the aligned 16 pages around a fault, in one walk."""
        cdef radix_iter walk
        cdef uint64_t first = index & ~<uint64_t>(AROUND_PAGES - 1), frame, total = 0
        cdef page_t* page
        cdef page_t* head
        iter_init(&walk, &self.root, first, ANY_TAG)
        page = <page_t*>radix_next(&walk)
        while page is not NULL and walk.index - first < AROUND_PAGES:
            head = compound_head(page)
            if page_try_get(head):
                frame = put_page(self, head, page)
                total += 0 if frame == ABSENT else frame
            page = <page_t*>radix_next(&walk)
        return total

    cdef uint64_t truncate(self) noexcept nogil:
        """Remove everything, in one walk.  The number of pages removed."""
        cdef uint64_t before = self.pages
        if self.frames.backed:
            empty_slots(self)
        radix_destroy(&self.root)
        self.pages = 0
        return before

    cdef uint64_t mark(self, uint64_t index) noexcept nogil:
        """Only the slot of the head carries the tag."""
        cdef page_t* head = <page_t*>radix_lookup(&self.root, index)
        if head is NULL:
            return ABSENT
        head = compound_head(head)
        page_set_flags(head, PG_DIRTY)
        radix_tag_set(&self.root, head.index, DIRTY)
        return page_to_pfn(self.frames, head)

    cdef uint64_t scan(self) noexcept nogil:
        """Reference and put each folio tagged dirty.  The sum of their first frames."""
        cdef radix_iter walk
        cdef uint64_t frame, total = 0
        cdef page_t* head
        iter_init(&walk, &self.root, 0, DIRTY)
        head = <page_t*>radix_next(&walk)
        while head is not NULL:
            if page_try_get(head):
                frame = put_page(self, head, head)
                total += 0 if frame == ABSENT else frame
            head = <page_t*>radix_next(&walk)
        return total

    @staticmethod
    def make_pool(*, huge=False, **options):
        """A pool of nodes of 576 bytes."""
        return Pool(sizeof(radix_node), NODE_LINK, huge=huge)

    def set_limit(self, uint64_t limit):
        """The pool hands out no more nodes than `limit` bytes hold, preloaded ones counted.

        Those there are go back first: they are no memory of the index, and must be asked for again.
        """
        drop_spare(&self.root)
        self.pool.limit = limit // sizeof(radix_node)

    @property
    def nodes(self):
        """Nodes of this file's tree.  O(nodes)."""
        return count_nodes(&self.root)

    @property
    def height(self):
        """Nodes on the longest way down.  O(nodes)."""
        return tree_height(&self.root)

    @property
    def index_bytes(self):
        """Bytes of those nodes.  O(nodes)."""
        return count_nodes(&self.root) * sizeof(radix_node)

    @property
    def is_empty(self):
        """Whether the tree holds nothing, not even a tag."""
        return self.root.head == NULL_ENTRY and not self.root.flags & 7

    def walk(self, uint64_t index, between=None):
        """The walk of one lookup, read by read."""
        return walk_through(&self.root, index, between, self.name_entry)

    def name_entry(self, uint64_t word):
        """What a slot names, in words, and of which kind that is."""
        return f"frame {page_to_pfn(self.frames, <page_t*>word)}", "entry"

    def dump(self):
        """The tree as text, as `RadixTree.dump` gives it."""
        return tree_text(&self.root)

    def check(self):
        """Raise AssertionError, with the dump, if the tree breaks a rule."""
        check_tree(&self.root)


cdef inline uint64_t put_page(Radix2018 self, page_t* head, page_t* page) noexcept nogil:
    """The frame of a page whose head is referenced, if that is usable; the reference put."""
    cdef uint64_t frame = page_to_pfn(self.frames, page)
    if not page_usable(head, <void*>self):
        frame = ABSENT
    page_put(head)
    return frame


cdef bint any_within(Radix2018 self, uint64_t index, uint64_t last) noexcept nogil:
    """Is anything in [index, last]?  A gang lookup of one."""
    cdef radix_iter walk
    iter_init(&walk, &self.root, index, ANY_TAG)
    return radix_next(&walk) != NULL_ENTRY and walk.index <= last


cdef void empty_slots(Radix2018 self) noexcept nogil:
    """Clear the tags of each page and empty its slot, where the walk stands."""
    cdef radix_iter walk
    cdef radix_node* node
    cdef page_t* page
    cdef unsigned int tag, offset
    iter_init(&walk, &self.root, 0, ANY_TAG)
    page = <page_t*>radix_next(&walk)
    while page is not NULL:
        node, offset = walk.node, walk.offset - 1
        if compound_head(page) == page:
            folio_removed(self, page, folio_order(page))
        for tag in range(<unsigned int>TAGS):
            clear_tag_up(&self.root, node, offset, tag)
        if node is NULL or node.count == 1:
            walk.node = NULL  # freed with its last page
            walk.ended = walk.ended or walk.next_chunk == 0
        radix_replace(&self.root, node, &self.root.head if node is NULL else &node.slots[offset],
                      NULL_ENTRY)
        page = <page_t*>radix_next(&walk)
