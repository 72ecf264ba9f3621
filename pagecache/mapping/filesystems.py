"""How filesystems go about the page cache: what `like=` chooses."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Filesystem:
    """One filesystem's ways.

    Attributes
    ----------
    name : str
    max_order : int
        The largest folio that it lets readahead and writes make.
    holes : str
        What a read of a hole caches, unless the mapping says otherwise.
    in_memory : bool
        Nothing is behind the cache, so that nothing is read ahead.
    min_readahead : int
        It reads ahead at least so many pages, whatever read_ahead_kb says.
    huge : bool
        It consists of huge pages from a pool, and only zeroes what is less than one.
    """

    name: str
    max_order: int = 9
    holes: str = "zero-pages"
    in_memory: bool = False
    min_readahead: int = 0
    huge: bool = False


FILESYSTEMS = {
    kind.name: kind
    for kind in (
        Filesystem("ext4"),
        Filesystem("xfs"),
        Filesystem("btrfs", max_order=0, min_readahead=1024),
        Filesystem("tmpfs", max_order=0, holes="no-entry", in_memory=True),
        Filesystem("hugetlbfs", max_order=18, holes="no-entry", in_memory=True, huge=True),
    )
}
