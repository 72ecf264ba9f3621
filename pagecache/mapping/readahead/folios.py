"""`pagecache.readahead`: the folios that an access pattern gets under a kernel's rules."""

import operator
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from pagecache.errors import InputError
from pagecache.inputs import PAGE_SIZE, ProgramUse, parse_size, read_program
from pagecache.mapping.readahead.accesses import run
from pagecache.mapping.readahead.kernels import NEWEST
from pagecache.mapping.readahead.rules import ReadaheadRules
from pagecache.mapping.readahead.simulated import SimulatedFile
from pagecache.mapping.readahead.traced import run_use
from pagecache.printable import counted

MOST_PAGES = 1 << 34  # 64 TiB; a bit for each page is kept
MAX_ORDER = 11
SEQUENTIAL = "read 0 4096 x768 4096"
Limits = tuple[int, int, int, int, int, int]


@dataclass(frozen=True)
class ReadFolios:
    """What readahead has cached of a file, in file order.

    Attributes
    ----------
    rules : ReadaheadRules
        Under which it ran.
    size : int
        Of the file, in bytes.
    index, order, marks : arrays of shape (n,), uint64, uint8 and bool
        The first page of each folio, its order, and whether it carries the readahead mark.
    sent : uint64 array of shape (m, 2)
        First page and pages of each run that was read at once.
    allocated : dict
        Folios by order that were allocated; one that met a cached page is not cached.
    pages_used : int
        Cached pages that were read, or touched.
    files : tuple
        Of a trace: (name, first page, pages) of each file; they stand one behind another, so that a
        file's own pages count from its first.
    """

    rules: ReadaheadRules
    size: int
    index: npt.NDArray[np.uint64]
    order: npt.NDArray[np.uint8]
    marks: npt.NDArray[np.bool_]
    sent: npt.NDArray[np.uint64]
    allocated: dict[int, int]
    pages_used: int
    files: tuple[tuple[str, int, int], ...] = ()

    @cached_property
    def folios(self) -> list[tuple[int, int]]:
        """(index, order) of each folio, in file order."""
        return list(zip(self.index.tolist(), self.order.tolist(), strict=True))

    @cached_property
    def marked(self) -> list[int]:
        """First pages of the folios that carry the mark."""
        return list(map(int, self.index[self.marks]))

    @cached_property
    def by_order(self) -> dict[int, int]:
        """Folios by order."""
        return dict(sorted(Counter(self.order.tolist()).items()))

    @property
    def requests(self) -> list[tuple[int, int]]:
        """(index, pages) of each run that was read at once, in the order sent."""
        return [(int(first), int(pages)) for first, pages in self.sent.tolist()]

    @property
    def pages(self) -> int:
        """Pages cached."""
        return sum(count << order for order, count in self.by_order.items())

    @property
    def pages_unused(self) -> int:
        """Pages cached that nobody read or touched."""
        return self.pages - self.pages_used

    @property
    def mean_pages(self) -> float:
        """Pages a folio, on average; 0 if nothing is cached."""
        return self.pages / len(self.order) if len(self.order) else 0.0

    @property
    def name(self) -> str:
        """The rule set's: a release, with the switches that differ from it."""
        return self.rules.name

    def same_as(self, other: "ReadFolios") -> bool:
        """Whether all folios, marks and requests are the other's too."""
        pairs = ((self.index, other.index), (self.order, other.order), (self.marks, other.marks))
        return all(np.array_equal(a, b) for a, b in (*pairs, (self.sent, other.sent)))

    def to_dict(self) -> dict[str, Any]:
        """What JSON holds."""
        return {
            "kernel": self.name,
            "by_order": {str(order): count for order, count in self.by_order.items()},
            "pages": self.pages,
            "mean_pages": self.mean_pages,
            "pages_unused": self.pages_unused,
            "single_pages": self.by_order.get(0, 0),
            "folios": self.folios,
            "marked": self.marked,
            "requests": self.requests,
            **({"files": self.files} if self.files else {}),
        }

    @property
    def runs(self) -> list[tuple[int, int, int]]:
        """(index, folios, order) of neighbouring folios of one order."""
        found: list[tuple[int, int, int]] = []
        end = None
        for index, order in self.folios:
            if found and index == end and found[-1][2] == order:
                found[-1] = (found[-1][0], found[-1][1] + 1, order)
            else:
                found.append((index, 1, order))
            end = index + (1 << order)
        return found

    def __repr__(self) -> str:
        return (
            f"<ReadFolios of {self.name}: {counted(self.pages, 'page')} in folios {self.by_order}>"
        )


def readahead(
    kernel: str = NEWEST,
    accesses: str | None = None,
    size: int | str | None = None,
    *,
    trace: str | Path | ProgramUse | None = None,
    file: str | None = None,
    readahead_kb: int = 128,
    max_io_kb: int = 1280,
    min_order: int = 0,
    max_order: int = 9,
    exec_order: int = 0,
    largest_free: int = 63,
    rules: ReadaheadRules | None = None,
) -> ReadFolios:
    """The folios that a program of accesses gets of an uncached file, or a trace of all its files.

    Parameters
    ----------
    kernel : str
        Whose rules, 5.18 to 7.1.
    accesses : str, optional
        The program, in the language of `pagecache.mapping.readahead.accesses`; 768 reads of 4 KiB
        if neither this nor a trace is given.
    size : int or str, optional
        Of the file, 3 MiB if not given; of a trace's, where what it says of it ends.
    trace : path or ProgramUse, optional
        strace's output, or the kernel's events with what was read (Linux 6.12), in place of
        `accesses`: see `pagecache.inputs.read_program`.
    file : str, optional
        Of the trace, this file alone.
    readahead_kb, max_io_kb : int
        As /sys/block/*/queue/read_ahead_kb and the largest transfer.
    min_order, max_order : int
        Of the mapping's folios; a `max_order` of 0 is a filesystem without large folios.
    exec_order : int
        Of folios in executable mappings, from 6.17 on: 4 on arm64, else 0.
    largest_free : int
        Allocations above this order fail, as they do in fragmented memory.
    rules : ReadaheadRules, optional
        A rule set of your own, in place of a kernel's.

    Returns
    -------
    ReadFolios

    Raises
    ------
    InputError
        For a kernel, a program or a number that cannot be used.

    Notes
    -----
    Reading takes no time here: a folio is never locked when it is looked at.  O(accesses + folios).

    Examples
    --------
    >>> import pagecache as pc
    >>> pc.readahead(kernel="6.8").by_order
    {2: 54, 3: 23, 4: 23}
    >>> pc.readahead(kernel="6.17").by_order
    {0: 4, 2: 3, 3: 2, 4: 2, 5: 22}
    """
    rules = ReadaheadRules(kernel) if rules is None else rules
    check_size(0, readahead_kb, max_io_kb)
    check_orders(rules, min_order, max_order, exec_order, largest_free)
    limits = (
        readahead_kb // 4, max(max_io_kb // 4, 1), min_order, max_order, exec_order, largest_free,
    )  # fmt: skip
    if trace is None:
        if file is not None:
            raise InputError("file: it is one of a trace's; give a trace")
        accesses = SEQUENTIAL if accesses is None else accesses
        return of_program(rules, accesses, "3M" if size is None else size, limits)
    if accesses is not None:
        raise InputError("accesses and trace do not go together; give one of them")
    use = trace if isinstance(trace, ProgramUse) else read_program(trace)
    return of_trace(rules, use.only(file), size, limits)


def of_program(rules: ReadaheadRules, accesses: str, size: int | str, limits: Limits) -> ReadFolios:
    """What a program of accesses leaves cached."""
    length = parse_size(size, "size")
    check_size(length)
    file = SimulatedFile(rules, length, *limits)
    run(file, accesses)
    return cached_of(rules, file)


def of_trace(
    rules: ReadaheadRules, use: ProgramUse, size: int | str | None, limits: Limits
) -> ReadFolios:
    """What a trace's programs leave cached of each file."""
    found = []
    for each in use.files:
        length = each.size if size is None else parse_size(size, "size")
        check_size(length)
        file = SimulatedFile(rules, length, *limits)
        run_use(file, each)
        found.append(cached_of(rules, file))
    return side_by_side(found, [each.name for each in use.files])


def cached_of(rules: ReadaheadRules, file: SimulatedFile) -> ReadFolios:
    index, order, marks = file.folios()
    sent, allocated = file.requests(), file.allocations()
    return ReadFolios(rules, file.size, index, order, marks, sent, allocated, file.pages_used())


def side_by_side(found: list[ReadFolios], names: list[str]) -> ReadFolios:
    """Several files as one: each begins where the one before it ends."""
    pages = [-(-one.size // PAGE_SIZE) for one in found]
    starts = [0, *accumulate(pages)][:-1]
    allocated: Counter[int] = Counter()
    for one in found:
        allocated.update(one.allocated)
    pairs = list(zip(found, starts, strict=True))
    return ReadFolios(
        found[0].rules,
        sum(one.size for one in found),
        np.concatenate([one.index + np.uint64(start) for one, start in pairs]),
        np.concatenate([one.order for one in found]),
        np.concatenate([one.marks for one in found]),
        np.concatenate([one.sent + np.array([start, 0], np.uint64) for one, start in pairs]),
        dict(sorted(allocated.items())),
        sum(one.pages_used for one in found),
        tuple(zip(names, starts, pages, strict=True)),
    )


def check_size(size: int, readahead_kb: int = 0, max_io_kb: int = 0) -> None:
    """InputError for a file or a device that is too large."""
    if size > MOST_PAGES * PAGE_SIZE:
        raise InputError(f"size: {size} is above 64 TiB; give a smaller size")
    for name, kb in (("readahead_kb", readahead_kb), ("max_io_kb", max_io_kb)):
        if not 0 <= operator.index(kb) <= 1 << 30:
            raise InputError(f"{name}: {kb} is not from 0 to {1 << 30}; 128 is usual")


def check_orders(
    rules: ReadaheadRules,
    min_order: int,
    max_order: int,
    exec_order: int = 0,
    largest_free: int = 63,
) -> None:
    """InputError for orders that a mapping under these rules cannot have."""
    if not 0 <= operator.index(max_order) <= MAX_ORDER:
        raise InputError(f"max_order: {max_order} is not from 0 to {MAX_ORDER}; 9 is 2 MiB")
    if not 0 <= operator.index(min_order) <= max_order:
        raise InputError(f"min_order: {min_order} is not from 0 to max_order, {max_order}")
    if min_order and rules.switches["min_order"] == "unknown":
        raise InputError(f"min_order: {rules.kernel} has no minimum folio order; 6.12 has")
    if not 0 <= operator.index(exec_order) <= MAX_ORDER:
        raise InputError(f"exec_order: {exec_order} is not from 0 to {MAX_ORDER}; arm64 has 4")
    if largest_free < min_order:
        raise InputError(f"largest_free: {largest_free} is below the minimum order, {min_order}")
