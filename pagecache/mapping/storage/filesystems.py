"""How filesystems go about the page cache: what `like=` chooses, and what each does not have.

Each refusal was seen on Linux 6.18, with the errno that it gave.
"""

import errno
import os
from dataclasses import dataclass

from pagecache.errors import InputError


@dataclass(frozen=True)
class Filesystem:
    """What one filesystem does.

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
        It reads ahead at least this many pages, whatever read_ahead_kb says.
    large_folios_since : str
        The first release in which its files have folios above a page.
    huge : bool
        It consists of huge pages from a pool, and only zeroes what is less than one.
    punch_takes_last : bool
        A punch that ends beyond the end of the file, even by a byte, reaches to the end of the
        file's last block.  Elsewhere the range itself must cover that block.
    """

    name: str
    max_order: int = 9
    holes: str = "zero-pages"
    in_memory: bool = False
    min_readahead: int = 0
    large_folios_since: str = "5.18"
    huge: bool = False
    punch_takes_last: bool = False


FILESYSTEMS = {
    kind.name: kind
    for kind in (
        Filesystem("ext4", large_folios_since="6.16", punch_takes_last=True),
        Filesystem("xfs"),
        Filesystem("btrfs", max_order=0, min_readahead=1024),
        Filesystem("tmpfs", max_order=0, holes="no-entry", in_memory=True),
        Filesystem("hugetlbfs", max_order=18, holes="no-entry", in_memory=True, huge=True),
    )
}


@dataclass(frozen=True)
class Refusal:
    """What a filesystem says to an operation that it does not have."""

    number: int
    why: str
    remedy: str

    def sentence(self, filesystem: str, operation: str) -> str:
        """One line: who refuses what and why, with the errno of the real one, and what to do."""
        name = "EOPNOTSUPP" if self.number == errno.EOPNOTSUPP else errno.errorcode[self.number]
        text = f"{name}, {os.strerror(self.number).lower()}"
        return f"{operation}: {filesystem} {self.why} ({text}); {self.remedy}"


NO_CLONES = Refusal(errno.EOPNOTSUPP, "clones no files", "use like='xfs' or like='btrfs'")
NOTHING_SHARED = Refusal(errno.EOPNOTSUPP, "shares no blocks", "there is nothing to unshare")
# The pairs that are refused; every other operation is there on every filesystem.
REFUSED = {
    ("ext4", "clone"): NO_CLONES,
    ("ext4", "unshare"): NOTHING_SHARED,
    ("btrfs", "unshare"): Refusal(
        errno.EOPNOTSUPP, "has no unshare", "write to what should be the file's own"
    ),
    ("tmpfs", "clone"): NO_CLONES,
    ("tmpfs", "unshare"): NOTHING_SHARED,
    ("hugetlbfs", "clone"): NO_CLONES,
    ("hugetlbfs", "unshare"): NOTHING_SHARED,
    ("hugetlbfs", "write"): Refusal(
        errno.EINVAL, "has no write()", "map the file: fault(index, write=True)"
    ),
}
EMPTY_RANGE = Refusal(  # fallocate(2) says so before it asks the filesystem
    errno.EINVAL, "takes no range of 0 bytes", "give a length of at least 1"
)
TRUNCATE_IN_PART = Refusal(
    errno.EINVAL, "refuses a size that is no multiple of the huge page", "give one that is"
)


def refusal(filesystem: str, operation: str) -> str | None:
    """The sentence that refuses an operation, with the errno of the real one; None if it is there.

    Examples
    --------
    >>> str(refusal("btrfs", "unshare")).partition(";")[0]
    'unshare: btrfs has no unshare (EOPNOTSUPP, operation not supported)'
    >>> refusal("xfs", "unshare")
    """
    found = REFUSED.get((filesystem, operation))
    return None if found is None else found.sentence(filesystem, operation)


def require(filesystem: str, operation: str) -> None:
    """InputError unless files of that filesystem have the operation."""
    refused = refusal(filesystem, operation)
    if refused is not None:
        raise InputError(refused)
