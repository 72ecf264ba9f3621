"""Eviction, writeback, marks, open descriptions and pins, as Python calls them."""

cimport cython
from libc.stdint cimport uint64_t

from pagecache.designs.file_index cimport folio_ref_t
from pagecache.mapping.core cimport release
from pagecache.mapping.evict cimport reclaim
from pagecache.mapping.operation cimport OP_EVICT, OP_INVALIDATE, OP_WRITEBACK
from pagecache.mapping.view cimport head_of
from pagecache.mapping.writeback cimport scan_mark
from pagecache.page.frames cimport page_ref_add, page_t

import numpy as np

from pagecache.mapping.arguments import named, number_from, page_number, span
from pagecache.mapping.file import MAX_SIZE
from pagecache.mapping.open_file import OpenFile

MARKS = {"dirty": 0, "writeback": 1, "towrite": 2}


@cython.no_gc
cdef class Pages(Calls):
    """What is done to the pages that are cached; `Mapping` inherits all of it."""

    def __cinit__(self, *args, **options):
        self.pins = {}

    def evict(self, position=0, length=MAX_SIZE):
        """Evict as reclaim does: dirty pages are written back, shadows stay.  The pages evicted.

        O(height) for each entry.  Pinned folios and those of hugetlbfs stay.

        Parameters
        ----------
        position, length : int or str
            Bytes, or text such as "64K": the folios that reach into them; all if not given.

        Raises
        ------
        InputError
            A place that is negative, or beyond 2**63 bytes.

        Examples
        --------
        >>> import pagecache as pc
        >>> mapping = pc.Mapping(file="64K")
        >>> mapping.write(0, "64K"), mapping.evict(), mapping.pages, mapping.shadows
        (65536, 16, 0, 1)
        """
        start, end = span(position, length)
        return self.do(OP_EVICT, start, end)

    def invalidate(self, position=0, length=MAX_SIZE):
        """Drop clean pages that nobody uses, shadows and zero entries too: the pages dropped.

        O(height) for each entry.

        Parameters
        ----------
        position, length : int or str
            Bytes, or text such as "64K": the entries that lie wholly in them; all if not given.

        Raises
        ------
        InputError
            A place that is negative, or beyond 2**63 bytes.

        Examples
        --------
        >>> import pagecache as pc
        >>> mapping = pc.Mapping(file="64K", readahead_kb=0)
        >>> mapping.read(0, "64K"), mapping.write(0, 1), mapping.invalidate(), mapping.pages
        (65536, 1, 15, 1)
        """
        start, end = span(position, length)
        return self.do(OP_INVALIDATE, start, end)

    def writeback(self, position=0, length=MAX_SIZE):
        """Write dirty folios back: how many pages that were.

        O(height) for each folio.

        Parameters
        ----------
        position, length : int or str
            Bytes, or text such as "64K": the folios that reach into them; all if not given.

        Raises
        ------
        InputError
            A place that is negative, or beyond 2**63 bytes.
        MemoryError
            No memory for the blocks of what was dirty when the file was cloned; that stays dirty.

        Examples
        --------
        >>> import pagecache as pc
        >>> mapping = pc.Mapping(file="64K")
        >>> mapping.write(0, "8K"), mapping.writeback(), mapping.writeback()
        (8192, 2, 0)
        """
        start, end = span(position, length)
        return self.do(OP_WRITEBACK, start, end)

    def reclaim(self, pages):
        """Evict the least recently used folios until that many pages are free: how many are.

        A folio that was read since reclaim looked at it last is spared once.  O(folios looked at)

        Raises
        ------
        ValueError
            `pages` is negative, or beyond 64 bits.

        Examples
        --------
        >>> import pagecache as pc
        >>> mapping = pc.Mapping(file="64K", readahead_kb=0)
        >>> mapping.read(0, "64K"), mapping.reclaim(3), mapping.folios()[0]
        (65536, 3, (3, 0))
        """
        return reclaim(self, number_from(pages, "pages"))

    def scan(self, mark="dirty"):
        """First indices of the folios that carry a mark, a uint64 array.  O(marked)

        Parameters
        ----------
        mark : {"dirty", "writeback", "towrite"}

        Raises
        ------
        InputError
            An unknown mark.

        Examples
        --------
        >>> import pagecache as pc
        >>> mapping = pc.Mapping(file="64K")
        >>> mapping.write("16K", "8K"), mapping.scan()
        (8192, array([4], dtype=uint64))
        """
        cdef uint64_t[::1] firsts
        cdef unsigned int number = named(MARKS, "mark", mark)
        found = np.zeros(max(scan_mark(self, number, NULL, 0), 1), np.uint64)
        firsts = found
        return found[:scan_mark(self, number, &firsts[0], firsts.shape[0])]

    def open(self):
        """An open file description, with readahead of its own: an `OpenFile`.  O(1)

        Examples
        --------
        >>> import pagecache as pc
        >>> mapping = pc.Mapping(file="64K")
        >>> mapping.open().read(0, "4K")
        4096
        """
        return OpenFile(self)

    def pin(self, index):
        """Take a reference to the folio that caches page `index`, as its users do: the frame.

        A pinned folio is neither evicted nor split.  O(height)

        Raises
        ------
        IndexError
            The page is not cached.

        Examples
        --------
        >>> import pagecache as pc
        >>> mapping = pc.Mapping(file="64K")
        >>> mapping.write(0, "64K"), mapping.pin(3), mapping.evict()
        (65536, 3, 0)
        """
        cdef folio_ref_t ref
        cdef uint64_t page = page_number(index)
        if not self.index.get_folio(page, page, &ref):
            raise IndexError(f"page {index} is not cached")
        self.pins[ref.frame] = self.pins.get(ref.frame, 0) + 1
        return ref.frame

    def unpin(self, frame):
        """Release that reference.  The frames of a folio that has left the cache go with the last.

        O(1)

        Raises
        ------
        IndexError
            The frame is not in use.
        ValueError
            It is not pinned: the references that are left are the cache's.

        Examples
        --------
        >>> import pagecache as pc
        >>> mapping = pc.Mapping(file="64K")
        >>> mapping.write(0, "64K"), mapping.unpin(mapping.pin(3)), mapping.evict()
        (65536, None, 16)
        """
        cdef page_t* head = head_of(self, number_from(frame, "frame"))
        if frame not in self.pins:
            raise ValueError(f"frame {frame} is not pinned: was it unpinned before?")
        self.pins[frame] -= 1
        if not self.pins[frame]:
            del self.pins[frame]
        if page_ref_add(head, -1) == 0:
            release(self, head)
