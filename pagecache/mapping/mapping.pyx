"""The page cache of one file, as Python sees it."""

cimport cython
from libc.stdint cimport uint64_t
from libc.string cimport memcpy, memset

from pagecache.mapping.blocks.breaking cimport offer_folios
from pagecache.mapping.core cimport PAGE_SHIFT, behaviour_t, file_pages, grow_disk
from pagecache.mapping.evict cimport drop_all
from pagecache.mapping.pages cimport Pages
from pagecache.mapping.storage.extents cimport extent_kind
from pagecache.mapping.writeback cimport scan_mark

from operator import index as as_integer

from pagecache.designs import HOLES
from pagecache.errors import InputError
from pagecache.mapping.file import File, size_of
from pagecache.mapping.operation import OPERATIONS
from pagecache.mapping.readahead.kernels import NEWEST
from pagecache.mapping.parts import (
    as_memory,
    check_file,
    check_holes,
    find_design,
    held_by_frames,
    make_index,
    order_tables,
    shared_blocks,
)
from pagecache.mapping.storage.filesystems import REFUSED, require


@cython.no_gc  # or its parts could be cleared before it has given its frames back
cdef class Mapping(Pages):
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
        Whose readahead rules, 5.18 to 7.1, or a rule set of your own.
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

    Attributes
    ----------
    design, holes, entry_kind : str
        Its design, its policy for holes, and what its entries are (`entries`).
    file : File
    memory : Memory or Policy
        Where its frames come from; `policy` is what it asks.
    policy : Policy
    frames : Frames
        The struct pages of that memory.
    index : PageIndex
        What is cached: the design's index.
    extents : Extents
        What the file has behind each page: data, a hole, or a block that others share.
    shared : SharedBlocks or None
        Where files that share blocks find what is cached of them; None unless entries are pfns.
    pages : int
        Pages cached now.
    limit : int
        Pages that it caches at most; 0 is without limit.
    shadow_limit : int
        Nodes that hold shadows alone; reclaim frees those beyond it.

    Raises
    ------
    InputError
        An invalid size, design, memory or policy, or one that does not go with the others.

    Examples
    --------
    >>> import pagecache as pc
    >>> mapping = pc.Mapping(file=pc.File("1G", holes=[(0, "1G")]), holes="zero-entries")
    >>> mapping.read(0, 1 << 30), mapping.pages, mapping.zero_entries, mapping.nodes
    (1073741824, 0, 1, 1)
    >>> mapping.write(4096, 100), mapping.pages, mapping.nodes
    (100, 1, 4)
    """

    cdef readonly str design
    cdef readonly str holes
    cdef readonly object memory
    cdef readonly str entry_kind
    cdef object options
    cdef uint64_t[::1] held  # what each frame holds

    def __init__(self, index="thp-multi", memory=None, holes=None, file="1G", *, kernel=NEWEST,
                 readahead_kb=128, max_io_kb=1280, min_order=None, max_order=None, zero_order=18,
                 non_uniform_split=True, limit=None, entries="pointers", pool=None, content=False):
        self.file = file if isinstance(file, File) else File(file)
        design = find_design(index)
        check_file(design, self.file)
        self.design, self.holes = index, self.file.filesystem.holes if holes is None else holes
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
        check_holes(design, self.file, self.holes)
        self.extents = self.file.extents
        self.clones = self.extents.clones
        self.limit = 0 if limit is None else size_of(limit, "limit") >> PAGE_SHIFT
        self.shadow_limit = self.frames.count // 8
        self.set_behaviour(zero_order, non_uniform_split)
        self.set_readahead(kernel, readahead_kb, max_io_kb, min_order, max_order)
        self.set_orders(design)
        if content:
            self.keep_content()

    cdef int set_behaviour(self, zero_order, non_uniform_split) except -1:
        """Take over what the file's filesystem does."""
        cdef behaviour_t* b = &self.behaviour
        if not 0 <= as_integer(zero_order) <= 51:
            raise InputError(f"zero_order: {zero_order} is not from 0 to 51; 18 is 1 GiB")
        filesystem, block_order = self.file.filesystem, self.file.block_order
        held = filesystem.huge or getattr(self.policy, "min_order", None) is not None
        b.block_order, b.prefer_order = block_order, self.file.prefer_order
        b.least = block_order if held else 0
        b.zero_order = max(min(zero_order, self.index.value_order), block_order)
        b.holes = HOLES.index(self.holes)
        b.in_memory, b.huge_pool = filesystem.in_memory, filesystem.huge
        b.non_uniform, b.punch_takes_last = non_uniform_split, filesystem.punch_takes_last
        for name, number in OPERATIONS.items():
            b.refused[number] = getattr(REFUSED.get((filesystem.name, name)), "number", 0)

    cdef int set_orders(self, design) except -1:
        """Which orders of folio may be cached: those that index and filesystem both take."""
        most = max(self.max_order, self.file.prefer_order, self.file.block_order)
        fits, lowest = order_tables(design.orders_for(max(9, self.file.block_order)), most)
        self.behaviour.tails = design.names_subpages or self.entry_kind == "pfns"
        self.behaviour.unit = self.file.block_order if design.huge_unit else 0
        for order in range(64):
            self.fits[order], self.lowest[order] = fits[order], lowest[order]
        self.max_order = self.fits[self.max_order]

    cdef int keep_content(self) except -1:
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

    def clone(self, **options):
        """A mapping of a clone of the file (reflink): dirty pages are written back first.

        With ``entries="pfns"`` what is cached of shared blocks is cached for both, once.
        O(extents + entries)

        Parameters
        ----------
        **options
            Of the new mapping, where they differ: those of `Mapping` but index, memory, holes, file
            and content.

        Raises
        ------
        InputError
            A filesystem that clones no files (EOPNOTSUPP), or an unknown option.
        MemoryError
            There is no memory for the extents, or to write dirty pages back.

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
        require(self.file.filesystem.name, "clone")
        self.writeback()
        if scan_mark(self, 0, NULL, 0):
            raise MemoryError("clone: no memory to write dirty pages back; give it more")
        file = self.file.clone()
        self.clones = self.extents.clones  # nothing is dirty
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

    def __repr__(self):
        pages = f"{self.pages} page{'s' * (self.pages != 1)} cached"
        return f"<Mapping of {self.file!r} by {self.design}, {pages}>"
