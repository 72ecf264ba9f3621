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

    cdef Readable mapping
    cdef readahead_t ra

    def __init__(self, mapping):
        if not isinstance(mapping, Readable):
            raise InputError(f"mapping: {mapping!r} cannot be opened; give a pagecache.Mapping")
        self.mapping = mapping
        ra_open(&self.ra, self.mapping)

    @property
    def state(self):
        """Start, size and pages from the mark on of the last window, and the miss counter."""
        return self.ra.start, self.ra.size, self.ra.async_size, self.ra.misses

    def read(self, position, length):
        """Read as read() does: the bytes that there were, fewer at the end of the file.

        Raises InputError for a place beyond 2**63, MemoryError if frames or nodes are not available.
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

        `advice`: of the mapping, out of seq, rand, huge and exec.
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
        """posix_fadvise: normal, random or sequential."""
        ra_advise(&self.ra, self.mapping, named(ADVICE, "advice", advice))

    def willneed(self, position=0, length=0):
        """Read a range as FADV_WILLNEED and readahead() do, a transfer at most; 0: to the end."""
        cdef uint64_t first, pages, end = file_pages(self.mapping)
        first, pages = page_range(position, length or 1)
        if not length:
            pages = end
        if first < end:
            force_pages(self.mapping, &self.ra, first, min(pages, end - first))
        self.mapping.raise_overridden()
