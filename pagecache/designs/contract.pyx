"""The abstract class: what the provided methods do, and what Python asks, one at a time."""

from libc.errno cimport EFAULT, EINVAL, ENOMEM, EOPNOTSUPP

from pagecache.page.frames cimport compound_head, page_put, page_to_pfn, page_try_get

from pagecache.errors import whole


cdef class PageIndex:
    """The index of one file under some design.  Cannot be made itself: subclass it in Cython.

    Parameters
    ----------
    frames : Frames
        The struct pages that entries name.
    pool : optional
        Where memory comes from, as the subclass's `make_pool` makes it.
    unit : int
        Order of the pages that `head.index` counts in: 0, or a huge page's.
    huge_order : int
        Order of a huge page in `huge_fault`.
    """

    provides = frozenset()
    needs_struct_pages = False  # whether keys or links lie in them, so that they must be backed

    def __cinit__(self, frames=None, *args, unsigned int unit=0, unsigned int huge_order=9,
                  **options):
        if isinstance(frames, Frames):
            self.frames = frames
        self.unit, self.huge_order = unit, huge_order

    def __init__(self, *args, **kwargs):
        if type(self) is PageIndex:
            raise TypeError("PageIndex is abstract; make a design: pagecache.designs.make(NAME)")

    # Required ----------------------------------------------------------------------------------

    cdef uint64_t load(self, uint64_t index) noexcept nogil:
        return ABSENT

    cdef int insert(self, uint64_t index, unsigned int order, uint64_t pfn) noexcept nogil:
        return -EOPNOTSUPP

    cdef uint64_t remove(self, uint64_t index) noexcept nogil:
        return 0

    cdef int next_folio(self, uint64_t* index) noexcept nogil:
        return -1

    @staticmethod
    def make_pool(**options):
        """What several indexes take their memory from together; None: each from the heap."""
        return None

    def set_limit(self, uint64_t limit):
        """Take no more than `limit` bytes; an insertion that would need more fails."""
        raise NotImplementedError(f"{type(self).__name__} declares no limit on its memory")

    # Provided ----------------------------------------------------------------------------------

    cdef uint64_t get(self, uint64_t index) noexcept nogil:
        """The frame of the page at `index`, referenced and put; `ABSENT` if it is not cached.

        Load; take a reference unless the count is zero; load again: if the answer changed
        meanwhile, the reference may be to another file's page, so put it and start again.
        """
        cdef uint64_t frame = self.load(index)
        cdef page_t* head
        while frame != ABSENT:
            head = compound_head(self.frames.base + frame)
            if not page_try_get(head):
                frame = self.load(index)
                continue
            if self.load(index) == frame:
                return put_frame(self, head, index)
            page_put(head)
            frame = self.load(index)
        return frame

    cdef uint64_t read(self, uint64_t index, uint64_t count) noexcept nogil:
        """The sum of the frames of those of `count` pages that are cached; a step a folio."""
        cdef uint64_t last = index + count - 1, at = index, first = index, frame, total = 0
        cdef int order = self.next_folio(&first)
        while order >= 0 and first <= last:
            at = first if first > at else at
            first += (<uint64_t>1 << order) - 1  # the last page of the folio
            frame = self.get(at)
            if frame != ABSENT:
                total += frame_sum(frame - at, at, first if first < last else last)
            if first >= last:
                break
            at = first = first + 1
            order = self.next_folio(&first)
        return total

    cdef uint64_t fault_around(self, uint64_t index) noexcept nogil:
        """`read` of the aligned 16 pages around a fault."""
        return self.read(index & ~<uint64_t>(AROUND_PAGES - 1), AROUND_PAGES)

    cdef uint64_t huge_fault(self, uint64_t huge_index) noexcept nogil:
        """The first frame of a huge page, given its number in the file."""
        return self.get(huge_index << self.huge_order)

    cdef uint64_t truncate(self) noexcept nogil:
        """Remove everything.  The number of pages removed."""
        cdef uint64_t first = 0, before = self.pages
        while self.next_folio(&first) >= 0:
            self.remove(first)
            first = 0
        return before - self.pages

    # Declared ----------------------------------------------------------------------------------

    cdef uint64_t mark(self, uint64_t index) noexcept nogil:
        return ABSENT

    cdef uint64_t scan(self) noexcept nogil:
        return 0

    # Pairs -------------------------------------------------------------------------------------

    cdef pair_t pair(self, verb_t verb) noexcept nogil:
        """The function that a timed loop calls for a verb, and what it is called with."""
        cdef pair_t found
        found.self = <void*>self
        if verb == LOAD:
            found.call = <call_t>self.load
        elif verb == INSERT:
            found.call = <call_t>self.insert
        elif verb == REMOVE:
            found.call = <call_t>self.remove
        elif verb == NEXT_FOLIO:
            found.call = <call_t>self.next_folio
        elif verb == GET:
            found.call = <call_t>self.get
        elif verb == READ:
            found.call = <call_t>self.read
        elif verb == FAULT_AROUND:
            found.call = <call_t>self.fault_around
        elif verb == HUGE_FAULT:
            found.call = <call_t>self.huge_fault
        elif verb == MARK:
            found.call = <call_t>self.mark
        elif verb == SCAN:
            found.call = <call_t>self.scan
        else:
            found.call = <call_t>self.truncate
        return found

    # From Python, one at a time: for tests and for a look around. --------------------------------

    def insert_folio(self, uint64_t index, order, uint64_t pfn):
        """Cache the folio of `order` at frame `pfn` from `index` on.

        Raises KeyError if a page there is cached already, ValueError for an order the design does
        not take or an unaligned `index`, IndexError for frames without struct pages, MemoryError
        if the index may not or cannot grow; the index is as before.
        """
        cdef unsigned int wanted = whole(order, "order", 63)
        if index & ((<uint64_t>1 << wanted) - 1):
            raise ValueError(f"a folio of order {order} cannot start at index {index}")
        raise_insert(self.insert(index, wanted, pfn), index, wanted, pfn)

    def remove_folio(self, uint64_t index):
        """Drop the folio that covers `index`; how many pages that were (0: none there)."""
        check_backed(self)
        return self.remove(index)

    def frame(self, uint64_t index):
        """The frame of the page at `index`, or None."""
        cdef uint64_t frame
        check_backed(self)
        frame = self.get(index)
        return None if frame == ABSENT else frame

    def named(self, uint64_t index):
        """The frame that the entry for `index` names: the page's own or its head's; or None."""
        cdef uint64_t frame = self.load(index)
        return None if frame == ABSENT else frame

    def walk(self, uint64_t index, between=None):
        """The walk of one lookup, read by read: a `pagecache.picture.walk.Walk`.

        `between` is called once, before the last node's slot is read: what a writer does meanwhile.
        """
        raise NotImplementedError(f"{type(self).__name__} does not tell its walk")

    def folios(self):
        """The folios in order of their indices: a list of (index, order).  O(folios)."""
        cdef uint64_t first = 0
        cdef int order = self.next_folio(&first)
        found = []
        while order >= 0:
            found.append((first, order))
            first += <uint64_t>1 << order
            order = self.next_folio(&first) if first else -1
        return found

    @property
    def is_empty(self):
        """Whether nothing is stored, neither folios nor values."""
        return self.pages == 0 and not self.folios()

    @property
    def backed(self):
        """Whether the struct pages that entries name can be read."""
        return self.frames is None or self.frames.backed

    def dump(self):
        """The folios as text, one a line."""
        return "\n".join(f"{index} order {order}: frame {self.load(index)}"
                         for index, order in self.folios())

    def check(self):
        """Raise AssertionError, with the dump, if folios overlap or are not found."""
        end, pages = 0, 0
        for index, order in self.folios():
            size = 1 << order
            assert index >= end and index % size == 0, f"misplaced folio at {index}:\n{self.dump()}"
            for page in (index, index + size - 1):
                assert self.load(page) != ABSENT, f"page {page} is not found:\n{self.dump()}"
            end, pages = index + size, pages + size
        assert pages == self.pages, f"{pages} pages in folios, {self.pages} counted"


cdef inline uint64_t put_frame(PageIndex self, page_t* head, uint64_t index) noexcept nogil:
    """The frame of the page at `index` of a referenced folio, if it is usable; its reference put."""
    cdef uint64_t frame = page_to_pfn(self.frames, head) + index - (head.index << self.unit)
    if not page_usable(head, <void*>self):
        frame = ABSENT
    page_put(head)
    return frame


cdef int check_backed(PageIndex index) except -1:
    if not index.backed:
        raise ValueError("these struct pages are not backed by memory: nothing can be looked up")
    return 0


cdef int raise_insert(int failed, uint64_t index, unsigned int order, uint64_t pfn) except -1:
    """The exception for what an insertion answered."""
    if failed == -ENOMEM:
        raise MemoryError(f"the index cannot grow for the folio at index {index}")
    if failed == -EINVAL:
        raise ValueError(f"this design takes no folio of order {order} at index {index}")
    if failed == -EFAULT:
        raise IndexError(f"frame {pfn} and all of its folio of order {order} must have struct pages")
    if failed == -EOPNOTSUPP:
        raise NotImplementedError("this design has no way to insert a folio")
    if failed:
        raise KeyError(f"a page of the folio at index {index} is cached already")
    return 0
