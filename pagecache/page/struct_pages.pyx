"""The array of struct pages in one of the layouts."""

from libc.stdint cimport uint8_t, uint64_t

from pagecache.page.layouts import find

from pagecache.page.page_structs cimport record_t

WHICH = {"before-2018": BEFORE_2018, "after-2018": AFTER_2018, "folio": FOLIO}


cdef class StructPages:
    """Struct pages of `count` frames, laid out as some kernel had them.

    Parameters
    ----------
    count : int
        Frames; 64 bytes each.
    layout : str
        One of `pagecache.page.layouts.LAYOUTS`.

    Raises
    ------
    InputError
        For an unknown layout.
    MemoryError
        If the kernel does not grant the mapping.

    Examples
    --------
    >>> import numpy as np
    >>> from pagecache.page.struct_pages import StructPages
    >>> pages = StructPages(512, "before-2018")
    >>> pages.make_folios(np.array([0], np.uint64), np.array([9], np.uint8))
    >>> pages.describe(3)["head"], pages.describe(0)["order"]
    (0, 9)
    """

    def __cinit__(self, uint64_t count, layout):
        self.layout = find(layout).name
        self.which = WHICH[self.layout]
        self.frames = Frames(count)
        self.base = self.frames.base

    def make_folios(self, const uint64_t[::1] pfn, const uint8_t[::1] order):
        """Make the frames from each `pfn` on one folio of `order`, held by one reference.

        Every tail is written.  Arrays of shape (n,); IndexError, before anything is changed, for
        frames out of line or not there.
        """
        cdef Py_ssize_t k
        if order.shape[0] != pfn.shape[0]:
            raise ValueError(f"{pfn.shape[0]} frames and {order.shape[0]} orders do not go together")
        for k in range(pfn.shape[0]):
            if not struct_pages_fit(self, pfn[k], order[k]) or pfn[k] & ((<uint64_t>1 << order[k]) - 1):
                raise IndexError(f"no room for a folio of order {order[k]} at frame {pfn[k]}")
        for k in range(pfn.shape[0]):
            if self.which == BEFORE_2018:
                make_block(<before_2018_t*>self.base + pfn[k], order[k])
            elif self.which == AFTER_2018:
                make_block(<after_2018_t*>self.base + pfn[k], order[k])
            else:
                make_block(<folio_t*>self.base + pfn[k], order[k])

    def describe(self, uint64_t pfn):
        """What the record of a frame says: a dict.

        `head` (its frame), `order` (of the block), `flags`, `refcount`, `mapcount`, `index` and
        `mapping` (an address) as they stand in this record.
        """
        self.check_frame(pfn)
        if self.which == BEFORE_2018:
            return described(<before_2018_t*>self.base, pfn)
        if self.which == AFTER_2018:
            return described(<after_2018_t*>self.base, pfn)
        return described(<folio_t*>self.base, pfn)

    def raw(self, uint64_t pfn):
        """The 64 bytes of a record."""
        self.check_frame(pfn)
        return (<const char*>self.base)[pfn * 64:pfn * 64 + 64]

    cdef int check_frame(self, uint64_t pfn) except -1:
        if pfn >= self.frames.count:
            raise IndexError(f"frame {pfn} has no struct page here")
        return 0


cdef void make_block(record_t* head, unsigned int order) noexcept nogil:
    """A head held by one reference, and all its tails."""
    cdef uint64_t k, pages = <uint64_t>1 << order
    for k in range(pages):
        head[k].flags = head[k].refcount = 0
        head[k].mapcount = -1
        head[k].compound_head = <uint64_t>head + 1 if k else 0
    head.flags, head.refcount = PG_UPTODATE, 1
    if order:
        head.flags |= PG_HEAD
        head[1].order = order
        head[1].compound_mapcount = -1


cdef dict described(record_t* base, uint64_t pfn):
    cdef record_t* page = base + pfn
    cdef record_t* head = record_head(page)
    return {
        "head": head - base,
        "order": record_order(head),
        "flags": page.flags,
        "refcount": count_read(record_count(page)),
        "mapcount": count_read(record_map_count(page)),
        "index": page.index,
        "mapping": <uint64_t>record_mapping(page),
    }
