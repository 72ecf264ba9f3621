"""Open file descriptions of a mapping's file: each is read ahead by what it has read itself."""

from libc.stdint cimport uint64_t

from pagecache.mapping.access cimport read_bytes
from pagecache.mapping.core cimport file_pages
from pagecache.mapping.faults cimport fault
from pagecache.mapping.readable cimport Readable
from pagecache.mapping.readahead.cached_file cimport ra_advise, ra_open, readahead_t
from pagecache.mapping.readahead.fill cimport force_pages

from pagecache.errors import InputError
from pagecache.mapping.arguments import named, page_number, page_range, span
from pagecache.mapping.readable import ADVICE
from pagecache.mapping.readahead.simulated import MAPPING_ADVICE
from pagecache.mapping.vm_fault import VmFault


cdef class OpenFile:
    """An open file description: made by `Mapping.open()`.

    Parameters
    ----------
    mapping : Mapping

    Attributes
    ----------
    mapping : Mapping
        The page cache that it reads through.

    Examples
    --------
    >>> import pagecache as pc
    >>> mapping = pc.Mapping(file="64M")
    >>> one, other = mapping.open(), mapping.open()
    >>> for k in range(512):
    ...     done = one.read(k << 12, 4096), other.read((k << 12) + (32 << 20), 4096)
    >>> mapping.folios_by_order
    {0: 10, 1: 1, 2: 5, 3: 4, 4: 4, 5: 30}
    """

    cdef readonly Readable mapping
    cdef readahead_t ra

    def __init__(self, mapping):
        if not isinstance(mapping, Readable):
            raise InputError(f"mapping: {mapping!r} cannot be opened; give a pagecache.Mapping")
        self.mapping = mapping
        ra_open(&self.ra, self.mapping)

    @property
    def state(self):
        """The last window: first page, pages, pages from its mark on; and the count of misses.  O(1)

        Examples
        --------
        >>> import pagecache as pc
        >>> opened = pc.Mapping(file="1M").open()
        >>> opened.read(0, "4K"), opened.state
        (4096, (0, 4, 3, 0))
        """
        return self.ra.start, self.ra.size, self.ra.async_size, self.ra.misses

    def read(self, position, length):
        """Read as read() does: the bytes that there were, fewer at the end of the file.

        O(height) for each folio, and what readahead reads.

        Parameters
        ----------
        position, length : int or str
            Bytes, or text such as "64K".

        Raises
        ------
        InputError
            A place that is negative, or beyond 2**63 bytes.
        MemoryError
            There are no frames or nodes; what was read before stays cached.

        Examples
        --------
        >>> import pagecache as pc
        >>> opened = pc.Mapping(file="1M").open()
        >>> opened.read("1020K", "64K")
        4096
        """
        cdef uint64_t first, after, total = 0
        cdef int failed = 0
        start, end = span(position, length)
        first, after = start, end
        if first < after:
            with nogil:
                failed = read_bytes(self.mapping, &self.ra, first, after, &total)
        self.mapping.raise_overridden()
        if failed:
            raise MemoryError(
                f"read at {position}: no frames or nodes; give the memory more, evict, or set a limit")
        return max(min(end, self.mapping.size) - start, 0)

    def fault(self, index, write=False, advice=()):
        """Touch page `index` of the file, mapped through this description: a `VmFault`.

        O(height), and the window that is read if the page is not cached.

        Parameters
        ----------
        index : int
            In pages.
        write : bool
            Touch it to write.
        advice : iterable of {"seq", "rand", "huge", "exec"}
            What the mapping of the file was told, or made with.

        Raises
        ------
        InputError
            An index that is not from 0 to 2**51 - 1, or unknown advice.  All else is a flag.

        Examples
        --------
        >>> import pagecache as pc
        >>> opened = pc.Mapping(file="1M").open()
        >>> opened.fault(3, advice=["rand"]), opened.fault(3), opened.mapping.pages
        (<VmFault.MAJOR: 4>, <VmFault: 0>, 1)
        """
        cdef uint64_t page = page_number(index)
        cdef bint writes = write
        cdef unsigned int said = 0, bits
        for word in advice:
            said |= named(MAPPING_ADVICE, "advice", word)
        with nogil:
            bits = fault(self.mapping, &self.ra, said, page, writes, 0).bits
        self.mapping.raise_overridden()
        return VmFault(bits)

    def advise(self, advice):
        """What posix_fadvise says of this description.  O(1)

        Parameters
        ----------
        advice : {"normal", "random", "sequential"}

        Raises
        ------
        InputError
            Unknown advice.

        Examples
        --------
        >>> import pagecache as pc
        >>> opened = pc.Mapping(file="1M").open()
        >>> opened.advise("random")
        >>> opened.read(0, "4K"), opened.mapping.pages
        (4096, 1)
        """
        ra_advise(&self.ra, self.mapping, named(ADVICE, "advice", advice))

    def willneed(self, position=0, length=0):
        """Read a range as FADV_WILLNEED and readahead() do, a transfer at most.  O(pages)

        Parameters
        ----------
        position, length : int or str
            Bytes, or text such as "64K"; a length of 0 reaches to the end of the file.

        Raises
        ------
        InputError
            A place that is negative, or beyond 2**63 bytes.

        Examples
        --------
        >>> import pagecache as pc
        >>> opened = pc.Mapping(file="4M", max_io_kb=1024).open()
        >>> opened.willneed(), opened.mapping.pages
        (None, 256)
        """
        cdef uint64_t first, pages, end = file_pages(self.mapping)
        first, pages = page_range(position, length or 1)
        if not length:
            pages = end
        if first < end:
            force_pages(self.mapping, &self.ra, first, min(pages, end - first))
        self.mapping.raise_overridden()
