"""References and map counts from Python, with what a kernel would only report as a bad page."""

from libc.stdint cimport INT32_MAX, int32_t, uint64_t

from pagecache.page.frames cimport compound_head, page_ref_add, page_to_pfn, ref_read


cdef class Counts:
    """Take and give references and mappings of the folios of `frames`.

    Folios whose tails are mapped must have been made with ``tails=True``.  A frame that belongs to
    no held folio, a reference or mapping given back that nobody has, the last reference put while
    the folio is mapped: ValueError, and nothing is changed.

    Examples
    --------
    >>> import numpy as np
    >>> from pagecache.page.counts import Counts
    >>> from pagecache.page.frames import Frames
    >>> frames = Frames(512)
    >>> frames.make_folios(np.array([0], np.uint64), np.array([9], np.uint8), tails=True)
    >>> counts = Counts(frames)
    >>> counts.map(3), counts.map(3), counts.map_whole(0)
    (True, False, True)
    >>> counts.mappings(3), frames.refcount(0)
    (3, 4)
    """

    def __cinit__(self, Frames frames not None):
        self.frames = frames

    def get(self, uint64_t pfn):
        """One reference more to the folio of this frame."""
        self.take(self.head_of(pfn))

    def put(self, uint64_t pfn):
        """One less.  True if it was the last: the folio is freed.  O(pages) then, else O(1)."""
        cdef page_t* head = self.head_of(pfn)
        self.check_last(head, 0)
        return self.drop(head) == 1

    def map(self, uint64_t pfn):
        """Map one page; it holds a reference.  True if nothing mapped this page alone before."""
        cdef page_t* page = self.frames.record(pfn)
        cdef page_t* head = self.head_of(pfn)
        check_room(page.mapcount, pfn)
        self.take(head)
        return page_map(page)

    def unmap(self, uint64_t pfn):
        """Undo `map`.  True if nothing maps this page alone any more."""
        cdef page_t* page = self.frames.record(pfn)
        cdef page_t* head = self.head_of(pfn)
        cdef bint last
        if page.mapcount < 0:
            raise ValueError(f"frame {pfn} is not mapped by itself")
        self.check_last(head, 1)
        last = page_unmap(page)
        self.drop(head)
        return last

    def map_whole(self, uint64_t pfn):
        """Map the whole folio by one entry.  True if nothing did before."""
        cdef page_t* head = self.head_of(pfn)
        check_room(head[1].compound_mapcount if folio_order(head) else head.mapcount, pfn)
        self.take(head)
        return folio_map(head)

    def unmap_whole(self, uint64_t pfn):
        """Undo `map_whole`.  True if nothing maps the whole any more."""
        cdef page_t* head = self.head_of(pfn)
        cdef bint last
        if (folio_whole_mappings(head) if folio_order(head) else head.mapcount + 1) <= 0:
            raise ValueError(f"frame {pfn} is in no folio that is mapped as a whole")
        self.check_last(head, 1)
        last = folio_unmap(head)
        self.drop(head)
        return last

    def mappings(self, uint64_t pfn):
        """How often this page is mapped: alone and as a part of the whole."""
        return page_mappings(self.frames.record(pfn), self.head_of(pfn))

    def folio_mappings(self, uint64_t pfn):
        """Entries that map the folio or a page of it.  O(pages)."""
        return folio_mappings(self.head_of(pfn))

    cdef page_t* head_of(self, uint64_t pfn) except NULL:
        cdef page_t* head = compound_head(self.frames.record(pfn))
        if ref_read(head) <= 0:
            raise ValueError(
                f"frame {pfn} belongs to no folio that is held; make one of it first, with "
                "tails=True if its pages are to be mapped")
        return head

    cdef int take(self, page_t* head) except -1:
        if ref_read(head) == INT32_MAX:
            raise OverflowError("2**31 - 1 references; the count would wrap")
        page_ref_add(head, 1)
        return 0

    cdef int check_last(self, page_t* head, uint64_t leaving) except -1:
        """Before the last reference is put, only the mappings in `leaving` may be left."""
        if ref_read(head) == 1 and folio_mappings(head) > leaving:
            raise ValueError(
                f"bad page: frame {page_to_pfn(self.frames, head)} is mapped, and its last "
                "reference was to be put; unmap it first")
        return 0

    cdef int drop(self, page_t* head) except -1:
        """Put a reference; 1 if the folio is freed by that."""
        if not folio_put(head, 1):
            return 0
        folio_clear(head)
        return 1


cdef int check_room(int32_t mapcount, uint64_t pfn) except -1:
    if mapcount == INT32_MAX:
        raise OverflowError(f"frame {pfn} is mapped 2**31 times; its count would wrap")
    return 0


cdef uint64_t folio_mappings(const page_t* head) noexcept nogil:
    """Entries that map the folio or a page of it; tails that were never written count for none."""
    cdef uint64_t k, pages = <uint64_t>1 << folio_order(head)
    cdef uint64_t total = folio_whole_mappings(head) + head.mapcount + 1
    for k in range(1, pages):
        if head[k].compound_head & 1:
            total += head[k].mapcount + 1
    return total


cdef void folio_clear(page_t* head) noexcept nogil:
    """The records of a freed folio are nobody's: no flags, no tails."""
    cdef uint64_t k, pages = <uint64_t>1 << folio_order(head)
    for k in range(1, pages):
        head[k].compound_head = 0
    head.flags = 0
    head.mapping = NULL
