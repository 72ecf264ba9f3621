"""Files that a user names: where they have data and holes, and which pages are resident."""

import errno
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from pagecache.errors import InputError
from pagecache.inputs import residency
from pagecache.inputs.folios import Folios
from pagecache.inputs.input import Input, UniformPages
from pagecache.inputs.opening import Unsuitable, open_regular
from pagecache.inputs.residency import CacheStat, Refusal
from pagecache.inputs.runs import Runs, as_runs, gaps, overlap, pages_of
from pagecache.inputs.sizes import PAGE_SHIFT, PAGE_SIZE
from pagecache.printable import counted

_NONE: Runs = np.empty((0, 2), np.uint64)
SHOWN = 3  # names of a long list
_CHANGED = 0.01  # share by which the two ways of counting may differ on a file in use


@dataclass(frozen=True, eq=False)
class FileResidency:
    """Data, holes and resident pages of one file.

    Attributes
    ----------
    path
        As it was named.
    size
        Bytes.
    data, holes
        Runs of pages (first, pages), shape (n, 2). A page with any data is data; an unwritten
        (fallocated) extent counts as a hole, as the kernel's SEEK_DATA has it.
    resident
        Runs of resident pages, or None where the kernel does not tell.
    cachestat
        What cachestat(2) counted, or None where it is missing or not allowed.
    doubts
        What limits conclusions, a sentence each.
    """

    path: str
    size: int
    data: Runs
    holes: Runs
    resident: Runs | None
    cachestat: CacheStat | None
    doubts: tuple[str, ...] = ()

    @property
    def pages(self) -> int:
        """Pages of the file, the last perhaps in part."""
        return -(-self.size // PAGE_SIZE)

    @property
    def data_pages(self) -> int:
        """Pages with data."""
        return int(self.data[:, 1].sum())

    @property
    def resident_pages(self) -> int | None:
        """Resident pages, or None where the kernel does not tell."""
        return None if self.resident is None else int(self.resident[:, 1].sum())

    @property
    def resident_over_holes(self) -> int | None:
        """Resident pages that cache a hole: zeroes that take memory."""
        return None if self.resident is None else overlap(self.resident, self.holes)


def scan(paths: Iterable[str | Path]) -> list[FileResidency]:
    """Find data, holes and resident pages of files, without reading or changing them.

    Directories, devices and the like, and files that this user may not read, are skipped where
    other files are left; of several names of one file the first counts. The first file's doubts
    say which names were left out.

    Raises
    ------
    InputError
        A path is missing, or none of them is a regular file that may be read.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.NamedTemporaryFile() as file:
    ...     _ = file.truncate(1 << 20)
    ...     (found,) = scan([file.name])
    >>> found.pages, found.holes.tolist()
    (256, [[0, 256]])
    """
    files, left_out = scan_named(paths)
    if not left_out:
        return files
    return [replace(files[0], doubts=files[0].doubts + left_out), *files[1:]]


def scan_named(paths: Iterable[str | Path]) -> tuple[list[FileResidency], tuple[str, ...]]:
    """The files, and what to say of names that were left out."""
    found: dict[tuple[int, int], FileResidency] = {}
    skipped: list[Unsuitable] = []
    again: list[str] = []
    for path in (os.fspath(path) for path in paths):
        try:
            inode, scanned = _scan_one(path)
        except Unsuitable as error:
            skipped.append(error)
            continue
        if found.setdefault(inode, scanned) is not scanned:
            again.append(f"{path} is {found[inode].path}")
    if skipped and not found:
        raise skipped[0]
    return list(found.values()), (*_left_out(skipped), *_named_again(again))


def _left_out(skipped: Sequence[Unsuitable]) -> tuple[str, ...]:
    reasons = [str(error).partition(";")[0] for error in skipped]
    return (f"Skipped: {_first_of(reasons)}.",) if reasons else ()


def _named_again(again: Sequence[str]) -> tuple[str, ...]:
    if not again:
        return ()
    return (f"Counted once though named more than once: {_first_of(again)}.",)


def _first_of(sentences: Sequence[str]) -> str:
    more = f" and {len(sentences) - SHOWN:,} more" if len(sentences) > SHOWN else ""
    return ", ".join(sentences[:SHOWN]) + more


def _scan_one(path: str) -> tuple[tuple[int, int], FileResidency]:
    """Device and inode of a file, and what is in it."""
    fd = open_regular(path)
    try:
        status = os.fstat(fd)
        size = status.st_size
        pages = -(-size // PAGE_SIZE)
        data = _data_runs(fd, size)
        answer = residency.try_cachestat(fd)
        resident, doubts = _resident(path, fd, size, answer)
        stat = answer if isinstance(answer, CacheStat) else None
        found = FileResidency(path, size, data, gaps(data, pages), resident, stat, doubts)
        return (status.st_dev, status.st_ino), found
    except OSError as error:
        raise InputError(
            f"{path}: cannot be scanned ({error.strerror}); copy it elsewhere"
        ) from None
    finally:
        os.close(fd)


def _data_runs(fd: int, size: int) -> Runs:
    """List the pages with data; a filesystem that does not know holes has data everywhere."""
    found: list[tuple[int, int]] = []
    position = 0
    try:
        while position < size:
            start = os.lseek(fd, position, os.SEEK_DATA)
            if start >= size:  # it has grown since
                break
            position = min(os.lseek(fd, start, os.SEEK_HOLE), size)
            first = start >> PAGE_SHIFT
            found.append((first, -(-position // PAGE_SIZE) - first))
    except OSError as error:
        if error.errno == errno.EINVAL:
            return as_runs([(0, -(-size // PAGE_SIZE))])
        if error.errno != errno.ENXIO:  # no data from here to the end
            raise
    return as_runs(found)


def _resident(
    path: str, fd: int, size: int, answer: CacheStat | Refusal
) -> tuple[Runs | None, tuple[str, ...]]:
    """Find the resident pages in the way that tells the truth for this file, if there is one."""
    pages = -(-size // PAGE_SIZE)
    answered = isinstance(answer, CacheStat)
    if answer is Refusal.UNSUPPORTED:
        return None, _unknown(path, pages, answer.value)
    if not residency.mincore_is_true(fd):
        if answered:
            return residency.by_cachestat(fd, pages), ()
        return None, _unknown(path, pages, Refusal.NOT_ALLOWED.value)
    try:
        runs = residency.by_mincore(fd, size, skip_empty=answered)
    except (OSError, ValueError) as error:  # ValueError: it shrank since it was measured
        return None, _unknown(path, pages, f"mincore failed: {error}")
    return runs, _changed(path, runs, answer)


def _unknown(path: str, pages: int, reason: str) -> tuple[str, ...]:
    remedy = "run as the file's owner, or copy it to a file of yours and read that"
    which = "whether its page is" if pages == 1 else f"which of its {pages} pages are"
    return (f"{path}: {which} resident is unknown ({reason}); {remedy}.",)


def _changed(path: str, runs: Runs, answer: CacheStat | Refusal) -> tuple[str, ...]:
    if not isinstance(answer, CacheStat):
        return ()
    found, cached = int(runs[:, 1].sum()), answer.cached
    if abs(found - cached) <= _CHANGED * cached:
        return ()
    return (
        f"{path}: mincore found {found} resident pages, cachestat {cached}: the file is in "
        "use; run again when it is not.",
    )


def files_input(scans: Sequence[FileResidency]) -> Input:
    """Make an input of scanned files: their resident pages as folios of order 0.

    The kernel does not tell the orders of folios; `Input.largest` gives the largest that the same
    pages allow. If nothing is resident in any file, their data pages stand in, with a doubt that
    says so. `draw` is uniform over the cached pages.

    Raises
    ------
    InputError
        There is neither a resident page nor one with data.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.NamedTemporaryFile() as file:
    ...     _ = file.write(bytes(8192)), file.flush()
    ...     source = files_input(scan([file.name]))
    >>> len(source.folios), source.largest().folios.orders()
    (2, {1: 1})
    """
    doubts = tuple(doubt for found in scans for doubt in found.doubts)
    runs = [_NONE if found.resident is None else found.resident for found in scans]
    if not any(map(len, runs)):
        runs = [found.data for found in scans]
        doubts += (_data_instead(scans),)
    if not any(map(len, runs)):
        names = ", ".join(found.path for found in scans) or "FILE"
        raise InputError(f"{names}: no page is resident or has data; name a file with data")
    return runs_input([found.path for found in scans], runs, doubts)


def _data_instead(scans: Sequence[FileResidency]) -> str:
    pages = sum(found.data_pages for found in scans)
    taken = counted(pages, "page with data is", "pages with data are")
    return (
        f"No page of these files is known to be resident: {taken} "
        "taken as cached; read the files first (cat FILE > /dev/null) to see what is."
    )


def runs_input(
    names: Sequence[str], runs: Sequence[Sequence[Sequence[int]] | Runs], doubts: Sequence[str]
) -> Input:
    """Make an input of runs of cached pages, (first, pages), for each file in `names`.

    Examples
    --------
    >>> runs_input(["a.img"], [[(0, 2), (9, 1)]], ()).folios.index.tolist()
    [0, 1, 9]
    """
    arrays = [np.array(part, np.uint64).reshape(-1, 2) for part in runs]
    pages = [pages_of(part) for part in arrays]
    file = np.repeat(np.arange(len(names), dtype=np.uint32), [len(part) for part in pages])
    folios = Folios(tuple(names), file, np.concatenate(pages), np.zeros(len(file), np.uint8))
    title = Path(names[0]).name if len(names) == 1 else f"{len(names)} files"
    spec = {"kind": "files", "names": list(names), "runs": [part.tolist() for part in arrays]}
    return Input(
        title, folios, UniformPages(folios), {**spec, "doubts": list(doubts)}, tuple(doubts)
    )
