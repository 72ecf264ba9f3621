"""Readahead on a mapping: its rules, its limits, and the folios that it makes."""

from libc.stdint cimport uint64_t

from pagecache.designs.file_index cimport (
    FOUND_FOLIO,
    FOUND_NOTHING,
    VALUE_SHADOW,
    found_t,
    is_kind,
)
from pagecache.mapping.core cimport ZERO_PAGES, file_pages, next_solid
from pagecache.mapping.evict cimport reclaim_for
from pagecache.mapping.folio cimport PG_READAHEAD, PG_WORKINGSET
from pagecache.mapping.populate cimport add_folio, fill, install
from pagecache.mapping.readahead.cached_file cimport (
    ADD_CACHED,
    ADD_NO_MEMORY,
    ADD_NO_NODE,
    ADDED,
    ADVICE_NORMAL,
    ADVICE_RANDOM,
    ADVICE_SEQUENTIAL,
    cached_t,
    ra_advise,
    ra_open,
)
from pagecache.mapping.readahead.fill cimport force_pages
from pagecache.mapping.readahead.rules cimport ReadaheadRules, log2_of
from pagecache.xarray.entry cimport entry_t
from pagecache.xarray.holes cimport xa_next_hole, xa_prev_hole

from pagecache.errors import InputError
from pagecache.mapping.arguments import named
from pagecache.mapping.readahead.folios import check_orders, check_size
from pagecache.mapping.readahead.kernels import age

ADVICE = {"normal": ADVICE_NORMAL, "random": ADVICE_RANDOM, "sequential": ADVICE_SEQUENTIAL}


cdef class Readable(Core):
    """A page cache that is read ahead; `Mapping` is one."""

    cdef uint64_t page_count(self) noexcept nogil:
        return file_pages(self)

    cdef bint find_cached(self, uint64_t index, cached_t* found) noexcept nogil:
        cdef found_t held
        if next_solid(self, index, index, &held) == FOUND_NOTHING:
            return False
        found.first, found.order = held.first, log2_of(held.last - held.first + 1)
        found.marked = found.workingset = False
        if held.kind == FOUND_FOLIO:
            found.marked = (held.head.flags & PG_READAHEAD) != 0
            found.workingset = (held.head.flags & PG_WORKINGSET) != 0
        return True

    cdef void clear_readahead(self, uint64_t index) noexcept nogil:
        cdef found_t held
        if next_solid(self, index, index, &held) == FOUND_FOLIO:
            held.head.flags &= ~<uint64_t>PG_READAHEAD

    cdef bint hole_after(self, uint64_t index, uint64_t pages, uint64_t* hole) noexcept nogil:
        return xa_next_hole(
            self.index.tree(), index, pages, is_shadow, self.rules.on.scans_lag, hole)

    cdef bint hole_before(self, uint64_t index, uint64_t pages, uint64_t* hole) noexcept nogil:
        return xa_prev_hole(
            self.index.tree(), index, pages, is_shadow, self.rules.on.scans_lag, hole)

    cdef int add(self, uint64_t index, unsigned int order, bint marked) noexcept nogil:
        cdef found_t found
        cdef int got
        if next_solid(self, index, index + (<uint64_t>1 << order) - 1, &found) != FOUND_NOTHING:
            return ADD_CACHED
        if not is_plain(self, order):
            got = fill(
                self, index, index + (<uint64_t>1 << order), order,
                index if marked else ~<uint64_t>0)
            return ADD_NO_MEMORY if got < 0 else ADDED
        if order == 0:
            got = ADD_NO_MEMORY if add_folio(self, index, 0, 0, False) < 0 else ADDED
        else:
            got = add_large(self, index, order)
        if marked and got == ADDED and next_solid(self, index, index, &found) == FOUND_FOLIO:
            found.head.flags |= PG_READAHEAD
        return got

    # What Python sets, and asks for.

    cdef int set_readahead(
            self, kernel, readahead_kb, max_io_kb, min_order, max_order) except -1:
        """Rules and limits; btrfs and the like read ahead in a way of their own."""
        filesystem, block_order = self.file.filesystem, self.file.block_order
        self.rules = kernel if isinstance(kernel, ReadaheadRules) else ReadaheadRules(kernel)
        if max_order is None:
            large = age(self.rules.kernel) >= age(filesystem.large_folios_since)
            allowed = min(filesystem.max_order, 11) if large else 0
            max_order = allowed if filesystem.huge else max(allowed, block_order)
        if min_order is None:
            min_order = 0 if filesystem.in_memory else block_order
        check_size(0, readahead_kb, max_io_kb)
        check_orders(self.rules, min_order, max_order)
        if min_order < block_order and not filesystem.in_memory:
            raise InputError(f"min_order: {min_order} is below the order of a block, {block_order}")
        self.min_order, self.max_order = min_order, max_order
        self.device_pages = max(readahead_kb // 4, filesystem.min_readahead)
        self.io_pages = max(max_io_kb // 4, 1)
        ra_open(&self.ra, self)

    def advise(self, advice):
        """What posix_fadvise says of the whole file.  O(1), or what is read.

        Parameters
        ----------
        advice : {"normal", "random", "sequential", "willneed"}
            The last reads at once, as much as one transfer carries.

        Raises
        ------
        InputError
            Unknown advice.

        Examples
        --------
        >>> import pagecache as pc
        >>> mapping = pc.Mapping(file="4M", max_io_kb=1024)
        >>> mapping.advise("willneed"), mapping.pages
        (None, 256)
        """
        if advice == "willneed":
            force_pages(self, &self.ra, 0, file_pages(self))
        else:
            ra_advise(&self.ra, self, named(ADVICE, "advice", advice))
        self.raise_overridden()

    cdef int raise_overridden(self) except -1:
        """Raise what an overridden function of the rules has raised."""
        if self.rules.failed is not None:
            failed, self.rules.failed = self.rules.failed, None
            raise failed

    @property
    def kernel(self):
        """Whose readahead rules it follows.  O(1)

        Examples
        --------
        >>> import pagecache as pc
        >>> pc.Mapping(file="64K", kernel="6.8").kernel
        '6.8'
        """
        return self.rules.name

    def marked(self):
        """First pages of the folios that carry the readahead mark, in file order.  O(entries)

        Examples
        --------
        >>> import pagecache as pc
        >>> mapping = pc.Mapping(file="1M")
        >>> mapping.read(0, "4K"), mapping.marked()
        (4096, [1])
        """
        cdef cached_t found
        cdef uint64_t index
        first = []
        for index, _ in self.folios():
            if self.find_cached(index, &found) and found.marked:
                first.append(index)
        return first


cdef bint is_shadow(entry_t entry) noexcept nogil:
    """To readahead the place of an evicted folio is a hole."""
    return is_kind(entry, VALUE_SHADOW)


cdef inline bint is_plain(Readable m, unsigned int order) noexcept nogil:
    """Is a folio of that order one entry of its own, wherever it lies?"""
    if m.behaviour.holes != ZERO_PAGES or m.extents.shares or m.fits[order] != order:
        return False
    return order > m.min_order or order == 0


cdef int add_large(Readable m, uint64_t index, unsigned int order) noexcept nogil:
    """A folio of exactly `order`, if memory has one at once."""
    cdef uint64_t pfn = 0
    reclaim_for(m, <uint64_t>1 << order, False)
    if m.policy.alloc_block(order, order, &pfn) < 0:
        return ADD_NO_MEMORY
    if install(m, index, order, pfn):
        m.policy.free_block(pfn, order)
        return ADD_NO_NODE
    return ADDED
