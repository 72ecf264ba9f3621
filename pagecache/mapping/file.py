"""A file as its filesystem has it: its size, data and holes, and what that filesystem does."""

import operator
from collections.abc import Iterable
from copy import copy
from pathlib import Path
from typing import Self

from pagecache.errors import InputError, unknown
from pagecache.inputs import PAGE_SHIFT, PAGE_SIZE, format_size, parse_size
from pagecache.inputs.files import FileResidency, scan
from pagecache.inputs.traces import read_extents
from pagecache.mapping.storage.extents import Extents
from pagecache.mapping.storage.filesystems import FILESYSTEMS, require
from pagecache.mapping.storage.sharing import SharedBlocks

MAX_SIZE = 1 << 63
LARGEST_BLOCK = 2 << 20
HUGE_BLOCKS = (2 << 20, 1 << 30)


def size_of(value: int | str, what: str) -> int:
    """Bytes from 0 to 2**63; InputError names what was wrong with which value."""
    try:
        size = parse_size(value, what, least=0) if isinstance(value, str) else operator.index(value)
    except TypeError:
        raise InputError(f"{what}: {value!r} is not a size; write 4096, '512M' or '1.5G'") from None
    if size < 0:
        raise InputError(f"{what}: {value!r} is negative; give bytes from 0 on")
    if size > MAX_SIZE:
        raise InputError(f"{what}: {value!r} is beyond 2**63 bytes; no file reaches there")
    return size


def block_of(value: int | str, huge: bool) -> int:
    """The order of a block; InputError unless it is a power of two that a folio can have."""
    size = size_of(value, "block")
    if size < PAGE_SIZE or size & (size - 1):
        raise InputError(f"block: {value!r} is no power of two from 4K on; write 4K, 16K or 64K")
    if huge and size not in HUGE_BLOCKS:
        raise InputError(f"block: {value!r} is no huge page; hugetlbfs has 2M or 1G")
    if size > LARGEST_BLOCK and not huge:
        raise InputError(f"block: {value!r} is above the largest folio, 2M; give 2M or less")
    return size.bit_length() - 1 - PAGE_SHIFT


class File:
    """A file, not its content.

    Parameters
    ----------
    size : int or str
        Bytes, or text such as "2G"; up to 2**63.
    holes : sequence of (position, length), optional
        In bytes or text.  A page with any data is data, and so is a block.  A file on tmpfs or
        hugetlbfs is all hole unless holes are given: its data are what is written.
    prefer_order : int, optional
        The order of folio it asks for on each miss, as tmpfs mounted with huge=always asks for 9.
        Without it ext4, xfs and btrfs read ahead, and tmpfs takes single pages.
    like : {"ext4", "xfs", "btrfs", "tmpfs", "hugetlbfs"}
        Which filesystem's: what it does on holes, writes and readahead, and what it refuses.
    block : int or str
        The filesystem's block, 4K to 2M; of hugetlbfs its huge page, 2M or 1G.

    Attributes
    ----------
    filesystem : Filesystem
        What that filesystem does, and what it does not have.
    block_order, prefer_order : int
        Orders of the block and of the folio asked for on each miss (0: readahead decides).
    extents : Extents
        What each page has behind it: data, a hole, or a block that other files share.
    shared : SharedBlocks or None
        What clones have in common; None before the first clone.

    Raises
    ------
    InputError
        A size, hole, order or block that is out of range; an unknown filesystem; on hugetlbfs a
        size that is no multiple of the huge page.

    Examples
    --------
    >>> import pagecache as pc
    >>> pc.File("1G", holes=[(0, "512M")]).extents.runs()
    [(131072, 131072, 'data')]
    """

    def __init__(
        self,
        size: int | str,
        holes: Iterable[tuple[int | str, int | str]] | None = None,
        *,
        prefer_order: int | None = None,
        like: str = "ext4",
        block: int | str | None = None,
    ) -> None:
        if like not in FILESYSTEMS:
            raise InputError(unknown("filesystem", like, FILESYSTEMS))
        self.filesystem = FILESYSTEMS[like]
        length = size_of(size, "size")
        default = LARGEST_BLOCK if self.filesystem.huge else PAGE_SIZE
        self.block_order = block_of(default if block is None else block, self.filesystem.huge)
        if self.filesystem.huge and length % (PAGE_SIZE << self.block_order):
            huge = format_size(PAGE_SIZE << self.block_order)
            raise InputError(f"size: {size!r} is no multiple of the huge page of {huge}; give one")
        self.prefer_order = self._preferred(prefer_order)
        self.extents = Extents()
        self.extents.size = length
        self.shared: SharedBlocks | None = None
        self._set_extents(holes)

    @classmethod
    def scan(cls, path: str | Path, *, like: str = "ext4", block: int | str = "4K") -> Self:
        """The size and extents of a real file, which is neither read nor changed.  O(extents)

        Parameters
        ----------
        path : path
        like, block
            See `File`.

        Raises
        ------
        InputError
            The file cannot be opened, or asked for its extents.

        Examples
        --------
        >>> import tempfile
        >>> import pagecache as pc
        >>> with tempfile.NamedTemporaryFile() as file:
        ...     _ = file.truncate(1 << 20)
        ...     found = pc.File.scan(file.name)
        >>> found.size, found.hole_pages
        (1048576, 256)
        """
        (found,) = scan([path])
        return cls.of(found, like=like, block=block)

    @classmethod
    def of(cls, found: FileResidency, *, like: str = "ext4", block: int | str = "4K") -> Self:
        """The same of a file that `pagecache.inputs.scan` found.  O(extents)

        Parameters
        ----------
        found : FileResidency
        like, block
            See `File`.

        Raises
        ------
        InputError
            An unknown filesystem, or a block that it does not have.

        Examples
        --------
        >>> import tempfile
        >>> import pagecache as pc
        >>> with tempfile.NamedTemporaryFile() as file:
        ...     _ = file.truncate(3 << 12)
        ...     pc.File.of(*pc.inputs.scan([file.name]))
        <File of 12 KiB like ext4, block 4 KiB>
        """
        holes = (found.holes << PAGE_SHIFT).tolist()
        return cls(found.size, [(start, length) for start, length in holes], like=like, block=block)

    @classmethod
    def from_extents(cls, path: str | Path, *, like: str = "ext4", block: int | str = "4K") -> Self:
        """The size and holes of a file of which only its extents were recorded.  O(extents)

        Parameters
        ----------
        path : path
            CSV of ``kind,page,pages``, perhaps compressed: rows of data and hole count.
        like, block
            See `File`.

        Raises
        ------
        InputError
            With file and line: it is no such CSV, or has neither data nor a hole.

        Examples
        --------
        >>> import tempfile
        >>> import pagecache as pc
        >>> with tempfile.NamedTemporaryFile("w") as file:
        ...     print("kind,page,pages", "data,0,3", "hole,3,5", sep="\\n", file=file, flush=True)
        ...     found = pc.File.from_extents(file.name)
        >>> found.pages, found.hole_pages
        (8, 5)
        """
        runs = read_extents(path)
        size = max(page + pages for _, page, pages, _ in runs) << PAGE_SHIFT
        holes = [
            (page << PAGE_SHIFT, pages << PAGE_SHIFT)
            for kind, page, pages, _ in runs
            if kind == "hole"
        ]
        return cls(size, holes, like=like, block=block)

    def clone(self) -> "File":
        """Another file with the same blocks, as reflink makes it: each is shared until written.

        What is in caches is left alone; `Mapping.clone` takes care of that.  A block counts as
        shared until its own file writes to it, also where no other file has it any more.
        O(extents)

        Raises
        ------
        InputError
            A filesystem that clones no files (EOPNOTSUPP).
        MemoryError
            There is no memory for the extents.

        Examples
        --------
        >>> import pagecache as pc
        >>> file = pc.File("64K", like="xfs")
        >>> file.clone().extents.runs(), file.extents.runs()
        ([(0, 16, 'shared')], [(0, 16, 'shared')])
        """
        require(self.filesystem.name, "clone")
        if self.shared is None:
            self.shared = SharedBlocks()
        other = copy(self)
        other.extents = Extents()
        other.extents.shared_from(self.extents, self.shared.next_clone())
        return other

    def _preferred(self, order: int | None) -> int:
        if order is None:
            return self.block_order if self.filesystem.huge else 0
        if not 0 <= operator.index(order) <= 13:
            raise InputError(f"prefer_order: {order} is not from 0 to 13; 9 is 2 MiB")
        return order

    def _set_extents(self, holes: Iterable[tuple[int | str, int | str]] | None) -> None:
        blocks = self.block_order
        pages = -(-self.size // PAGE_SIZE)
        if holes is None and self.filesystem.in_memory:
            return
        if pages:
            self.extents.set(0, -(-pages >> blocks << blocks), "data")
        for position, length in holes or ():
            start = size_of(position, "position of a hole")
            end = start + size_of(length, "length of a hole")
            if end > self.size:
                raise InputError(
                    f"holes: ({position!r}, {length!r}) ends beyond the file of {self.size} bytes"
                )
            unit = PAGE_SIZE << blocks
            first = -(-start // unit)
            after = -(-end // unit) if end == self.size else end // unit
            if after > first:
                self.extents.set(first << blocks, (after - first) << blocks, "hole")

    @property
    def size(self) -> int:
        """Bytes of the file; it grows as its mapping writes.  O(1)

        Examples
        --------
        >>> import pagecache as pc
        >>> pc.File("64K").size
        65536
        """
        return self.extents.size

    @property
    def pages(self) -> int:
        """Pages of the file, the last perhaps in part.  O(1)

        Examples
        --------
        >>> import pagecache as pc
        >>> pc.File(10000).pages
        3
        """
        return -(-self.size // PAGE_SIZE)

    @property
    def data_pages(self) -> int:
        """Pages of it that are no hole.  O(extents)

        Examples
        --------
        >>> import pagecache as pc
        >>> pc.File("64K", holes=[(0, "16K")]).data_pages
        12
        """
        return sum(max(min(a + n, self.pages) - a, 0) for a, n, _ in self.extents.runs())

    @property
    def hole_pages(self) -> int:
        """Pages of it that are a hole.  O(extents)

        Examples
        --------
        >>> import pagecache as pc
        >>> pc.File("64K", holes=[(0, "16K")]).hole_pages
        4
        """
        return self.pages - self.data_pages

    def __repr__(self) -> str:
        block = format_size(PAGE_SIZE << self.block_order)
        return f"<File of {format_size(self.size)} like {self.filesystem.name}, block {block}>"
