"""The page cache of one file, as Python sees it."""

cimport cython
from libc.stdint cimport uint64_t
from libc.string cimport memcpy, memset

from pagecache.designs.file_index cimport grip_t
from pagecache.mapping.breaking cimport offer_folios
from pagecache.mapping.core cimport (
    PAGE_BYTES,
    PAGE_SHIFT,
    file_pages,
    grow_disk,
    release,
)
from pagecache.mapping.evict cimport drop_all, reclaim
from pagecache.mapping.extents cimport extent_kind
from pagecache.mapping.operation cimport (
    OP_EVICT,
    OP_FALLOCATE,
    OP_FAULT,
    OP_FAULT_WRITE,
    OP_INVALIDATE,
    OP_PUNCH,
    OP_READ,
    OP_TRUNCATE,
    OP_UNSHARE,
    OP_WRITE,
    OP_WRITEBACK,
    operate,
)
from pagecache.mapping.view cimport View, head_of
from pagecache.mapping.writeback cimport scan_mark
from pagecache.page.frames cimport page_ref_add, page_t

import numpy as np

from pagecache.errors import InputError
from pagecache.mapping.arguments import named, page_number, pages_of, span
from pagecache.mapping.file import MAX_SIZE, File, size_of
from pagecache.mapping.filesystems import REFUSED, require
from pagecache.mapping.open_file import OpenFile
from pagecache.mapping.readahead.kernels import NEWEST
from pagecache.mapping.loop import NAMES, OPERATIONS, Loop, failed_operation
from pagecache.mapping.parts import (
    HOLES,
    as_memory,
    check_file,
    check_holes,
    find_design,
    held_by_frames,
    make_index,
    order_tables,
    shared_blocks,
)
from pagecache.mapping.vm_fault import VmFault

MARKS = {"dirty": 0, "writeback": 1, "towrite": 2}


@cython.no_gc  # or its parts could be cleared before it has given its frames back
cdef class Mapping(View):
    """The page cache of one file.

    Parameters
    ----------
    index : str
        A design: a name of `pagecache.designs.names()`.
    memory : Memory, Policy, int or str, optional
        Where frames come from; a size makes a `fallback` memory.  If not given, memory that the
        file fits into.
    holes : {"zero-pages", "zero-entries", "no-entry"}, optional
        What a read of a hole caches; the filesystem's own way if not given.
    file : File, int or str
        The file, or the size of one on ext4.
    kernel : str or ReadaheadRules
        Whose readahead rules, 5.18 to 7.1, or a rule set of one's own.
    readahead_kb, max_io_kb : int
        As /sys/block/*/queue/read_ahead_kb and the largest transfer.
    min_order, max_order : int, optional
        Of the folios that readahead makes; if not given, the block's and the filesystem's.
    zero_order : int
        Order of the largest zero entry: 18 is 1 GiB.
    non_uniform_split : bool
        Split only the path to the cut, as Linux does from 6.15 on; else into single pages.
    limit : int or str, optional
        Bytes that it caches at most; more are reclaimed, the least recently used first.
    entries : {"pointers", "pfns"}
        What entries are; with frame numbers, files that share blocks cache them once (thp-multi).
    pool : NodePool, optional
        Where nodes come from; one pool may serve many mappings.
    content : bool
        Keep what each page holds, for tests: a number of its own for each page.

    Raises
    ------
    InputError
        A size, design, memory or policy that is none, or that does not go with the others.

    Examples
    --------
    >>> import pagecache as pc
    >>> mapping = pc.Mapping(file=pc.File("1G", holes=[(0, "1G")]), holes="zero-entries")
    >>> mapping.read(0, 1 << 30), mapping.pages, mapping.zero_entries, mapping.nodes
    (1073741824, 0, 1, 1)
    >>> mapping.write(4096, 100), mapping.pages, mapping.nodes
    (100, 1, 4)
    """

    cdef readonly object file
    cdef readonly str design
    cdef readonly str holes
    cdef readonly object memory
    cdef readonly str entry_kind
    cdef object options
    cdef dict pins  # how often each frame is pinned
    cdef uint64_t[::1] held  # what each frame holds

    def __init__(self, index="thp-multi", memory=None, holes=None, file="1G", *, kernel=NEWEST,
                 readahead_kb=128, max_io_kb=1280, min_order=None, max_order=None, zero_order=18,
                 non_uniform_split=True, limit=None, entries="pointers", pool=None, content=False):
        self.file = file if isinstance(file, File) else File(file)
        self.pins = {}
        design = find_design(index)
        check_file(design, self.file)
        self.design, self.holes = index, self.file.ways.holes if holes is None else holes
        self.memory = as_memory(memory, design, self.file)
        self.policy, self.frames = self.memory.policy, self.memory.struct_pages
        self.options = {
            "kernel": kernel, "readahead_kb": readahead_kb, "max_io_kb": max_io_kb,
            "min_order": min_order, "max_order": max_order, "zero_order": zero_order,
            "non_uniform_split": non_uniform_split, "limit": limit, "entries": entries, "pool": pool,
        }
        self.index = make_index(design, entries, self.frames, self.file, pool)
        self.entry_kind = entries
        if entries == "pfns":
            self.shared = shared_blocks(self.file, self.frames, content)
        check_holes(design, self.index, self.file, self.holes)
        self.extents = self.file.extents
        self.limit = 0 if limit is None else size_of(limit, "limit") >> PAGE_SHIFT
        self.shadow_limit = self.frames.count // 8
        self.set_ways(zero_order, non_uniform_split)
        self.set_readahead(kernel, readahead_kb, max_io_kb, min_order, max_order)
        self.set_orders(design)
        if content:
            self.keep_content()

    def set_ways(self, zero_order, non_uniform_split):
        """Take over what the file's filesystem does."""
        if not 0 <= zero_order <= 51:
            raise InputError(f"zero_order: {zero_order} is not from 0 to 51; 18 is 1 GiB")
        ways = self.file.ways
        self.ways.block_order, self.ways.prefer_order = self.file.block_order, self.file.prefer_order
        held = ways.huge or getattr(self.policy, "min_order", None) is not None
        self.ways.least = self.file.block_order if held else 0
        self.ways.zero_order = max(min(zero_order, self.index.value_order), self.file.block_order)
        self.ways.holes = HOLES.index(self.holes)
        self.ways.in_memory, self.ways.huge_pool = ways.in_memory, ways.huge
        self.ways.non_uniform, self.ways.punch_takes_last = non_uniform_split, ways.punch_takes_last
        for name, number in OPERATIONS.items():
            self.ways.refused[number] = getattr(REFUSED.get((ways.name, name)), "number", 0)

    def set_orders(self, design):
        """Which orders of folio may be cached: those that index and filesystem both take."""
        most = max(self.max_order, self.file.prefer_order, self.file.block_order)
        fits, lowest = order_tables(design.orders_for(max(9, self.file.block_order)), most)
        self.ways.tails = design.names == "subpage" or self.entry_kind == "pfns"
        self.ways.unit = self.file.block_order if design.huge_unit else 0
        for order in range(64):
            self.fits[order], self.lowest[order] = fits[order], lowest[order]
        self.max_order = self.fits[self.max_order]

    def keep_content(self):
        """From now on each page and each frame has a number that says what is in it."""
        cdef uint64_t page
        self.held = held_by_frames(self.memory)
        if file_pages(self) >> 24:
            raise InputError("content: a file above 64 GiB has too many pages to keep apart")
        self.content.memory = &self.held[0]
        if not grow_disk(self, max(file_pages(self), 1)):
            raise MemoryError("no room for what each page holds")
        for page in range(file_pages(self)):
            if extent_kind(self.extents, page):
                self.content.disk[page] = page + 1

    def __dealloc__(self):
        if self.index is not None and self.frames is not None:
            drop_all(self)

    # Bytes of the file, one call at a time.

    cdef uint64_t do(
            self, unsigned int op, start, end, uint64_t argument=0) except? 0xFFFFFFFFFFFFFFFF:
        """One operation, the same as in an array of them: what it answers, or its exception."""
        cdef uint64_t first = start, after = end, answer = 0
        cdef int failed
        with nogil:
            failed = operate(self, op, first, after, argument, &answer)
        if self.rules.failed is not None:
            self.raise_overridden()
        if failed:
            raise failed_operation(self, failed, op, f"{NAMES[op]} at {start}")
        return answer

    def read(self, position, length):
        """Read as read() does: the bytes that there were, fewer at the end of the file.

        Raises InputError for a place beyond 2**63, MemoryError if frames or nodes cannot be had.
        """
        start, end = span(position, length)
        self.do(OP_READ, start, end)
        return max(min(end, self.size) - start, 0)

    def write(self, position, length, identity=0):
        """Write as write() does, through the cache: the bytes written.  The file grows as needed.

        With ``content=True`` page k then holds `identity` + k.  hugetlbfs has no write().
        """
        start, end = span(position, length)
        self.do(OP_WRITE, start, end, identity)
        return end - start

    def fault(self, index, write=False, identity=0):
        """Touch page `index` of the mapped file: a `VmFault`, without flags if all went well.

        With ``content=True`` a write leaves `identity` + `index` in it, unless `identity` is 0.
        """
        start = page_number(index) << PAGE_SHIFT
        return VmFault(self.do(
            OP_FAULT_WRITE if write else OP_FAULT, start, start + PAGE_BYTES, identity))

    def fallocate(self, position, length):
        """Allocate blocks where there is a hole; shared ones stay shared.  The file grows as needed.

        On tmpfs and hugetlbfs blocks are the cache's folios; elsewhere no page moves.
        """
        start, end = span(position, length)
        self.do(OP_FALLOCATE, start, end)

    def unshare(self, position, length):
        """Give the file blocks of its own where it shares them (FALLOC_FL_UNSHARE_RANGE; xfs only).

        They are copied through the cache, and dirty then; holes are allocated, as by `fallocate`.
        """
        start, end = span(position, length)
        self.do(OP_UNSHARE, start, end)

    def truncate(self, size):
        """Make the file end at `size` bytes.  hugetlbfs takes whole huge pages only."""
        wanted = size_of(size, "size")
        self.do(OP_TRUNCATE, wanted, wanted)

    def punch(self, position, length):
        """Make a hole.  Whole blocks lose their pages; what is less than one is zeroed.

        The last block of a file is whole if the range reaches its end, beyond that of the file; on
        ext4 already if the range ends beyond the file.
        """
        start, end = span(position, length)
        self.do(OP_PUNCH, start, end)

    def clone(self, **options):
        """A mapping of a clone of the file (reflink): dirty pages are written back first.

        With ``entries="pfns"`` what is cached of shared blocks is cached for both, once.

        Examples
        --------
        >>> import pagecache as pc
        >>> one = pc.Mapping(file=pc.File("64K", like="xfs"), entries="pfns")
        >>> one.read(0, 65536), one.clone().read(0, 65536), one.policy.buddy.free_frames
        (65536, 65536, 17392)
        """
        unknown = options.keys() - self.options.keys()
        if unknown:
            raise InputError(f"clone: no option {min(unknown)}; it takes {', '.join(self.options)}")
        require(self.file.ways.name, "clone")
        self.writeback()
        if scan_mark(self, 0, NULL, 0):
            raise MemoryError("clone: no memory to write dirty pages back; give it more")
        file = self.file.clone()
        if self.entry_kind == "pfns" and self.shared is None:
            self.shared = shared_blocks(self.file, self.frames, self.content.memory is not NULL)
        if self.shared is not None:
            offer_folios(self)
        keeps = self.content.memory is not NULL
        other = Mapping(self.design, self.memory, self.holes, file,
                        **{**self.options, **options}, content=keeps)
        if keeps:
            other.take_content(self)
        return other

    cdef take_content(self, Mapping other):
        """Hold on disk what another mapping's file holds there."""
        if not grow_disk(self, other.content.pages):
            raise MemoryError("no room for what each page holds")
        memset(self.content.disk, 0, self.content.pages * 8)
        memcpy(self.content.disk, other.content.disk, other.content.pages * 8)

    # Pages of the cache.

    def evict(self, position=0, length=MAX_SIZE):
        """Evict as reclaim does: dirty pages are written back, shadows stay.  The pages evicted."""
        start, end = span(position, length)
        return self.do(OP_EVICT, start, end)

    def invalidate(self, position=0, length=MAX_SIZE):
        """Drop clean pages that nobody uses, shadows and zero entries too: the pages dropped."""
        start, end = span(position, length)
        return self.do(OP_INVALIDATE, start, end)

    def writeback(self, position=0, length=MAX_SIZE):
        """Write dirty folios back: how many pages that were."""
        start, end = span(position, length)
        return self.do(OP_WRITEBACK, start, end)

    def reclaim(self, pages):
        """Evict the least recently used folios until that many pages are free: how many are."""
        return reclaim(self, pages)

    def scan(self, mark="dirty"):
        """First indices of the folios that carry a mark: dirty, writeback or towrite."""
        cdef uint64_t[::1] firsts
        cdef unsigned int number = named(MARKS, "mark", mark)
        found = np.zeros(max(scan_mark(self, number, NULL, 0), 1), np.uint64)
        firsts = found
        return found[:scan_mark(self, number, &firsts[0], firsts.shape[0])]

    def open(self):
        """An open file description, with readahead of its own: an `OpenFile`."""
        return OpenFile(self)

    def pin(self, index):
        """Take a reference to the folio of a cached page, as somebody who uses it: the page's frame."""
        cdef grip_t grip
        cdef uint64_t page = page_number(index)
        if not self.index.grab(page, page, &grip):
            raise IndexError(f"page {index} is not cached")
        self.pins[grip.frame] = self.pins.get(grip.frame, 0) + 1
        return grip.frame

    def unpin(self, uint64_t frame):
        """Put that reference.  The frames of a folio that has left the cache go back with the last.

        ValueError if `pin` has given none that is left: the others are the cache's.
        """
        cdef page_t* head = head_of(self, frame)
        if frame not in self.pins:
            raise ValueError(f"frame {frame} is not pinned: was it unpinned before?")
        self.pins[frame] -= 1
        if not self.pins[frame]:
            del self.pins[frame]
        if page_ref_add(head, -1) == 0:
            release(self, head)

    def run(self, op, index, count, out=None):
        """Run operations in a compiled loop: see `pagecache.mapping.loop`.  The sum of their answers.

        Parameters
        ----------
        op : sequence of str, or uint8 array of shape (n,)
        index, count : uint64 arrays of shape (n,), in pages

        Examples
        --------
        >>> import pagecache as pc
        >>> mapping = pc.Mapping(file="64M")
        >>> mapping.run(["read", "evict"], [0, 0], [32, 64]), mapping.shadows
        (560, 40)
        """
        if not isinstance(op, np.ndarray):
            op = [named(OPERATIONS, "operation", name) for name in op]
        op = np.ascontiguousarray(op, np.uint8)
        index, count = pages_of(index, "index"), pages_of(count, "count")
        return Loop([self]).run(np.zeros(len(op), np.uint32), op, index, count, out)

    def __repr__(self):
        pages = f"{self.pages} page{'s' * (self.pages != 1)} cached"
        return f"<Mapping of {self.file!r} by {self.design}, {pages}>"
