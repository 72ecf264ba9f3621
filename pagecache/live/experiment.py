"""The 2018 list's comparison on the kernel itself, and on the models beside it.

The same file three times: on tmpfs in pages, on tmpfs in huge pages, on hugetlbfs; and beside each
an index that was built the same way. In each round, the order is reshuffled, each file is made,
asked and cut, and the ratios to the file in pages are taken within the round.
"""

import mmap
import os
import random
import statistics
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
import psutil
from numpy.typing import NDArray

from pagecache import designs
from pagecache.designs.xarray_index import XArrayIndex
from pagecache.errors import InputError
from pagecache.inputs import Folios
from pagecache.live import kpageflags, timing
from pagecache.live.detached import HUGE_PAGE, hugetlb_file, tmpfs, unnamed_file
from pagecache.live.loops import populate
from pagecache.live.walk import Walker
from pagecache.page.frames import Frames

PREADS = 50_000  # of each thread
WALKS = 8  # of the index; the first warms the caches, and the median of the others counts
SLACK = 64 << 20  # of a tmpfs beyond its file
Times = dict[str, float]


@dataclass(frozen=True)
class Subject:
    """A file of the kernel's and the design that stands beside it."""

    name: str
    huge: str | None  # of tmpfs; None is hugetlbfs
    design: str
    order: int


SUBJECTS = (
    Subject("tmpfs huge=never", "never", "base-4k", 0),
    Subject("tmpfs huge=always", "always", "thp-multi", 9),
    Subject("hugetlbfs", None, "hugetlb-4k-multi", 9),
)
BASELINE = SUBJECTS[0].name
# Event, unit; `thread` counts and `hot` or `spread` are part of the names of preads.
EVENTS = {
    "populate": "ns a page",
    "pread hot": "ns a read",
    "pread spread": "ns a read",
    "pread hot, 2 threads": "ns a read",
    "pread spread, 2 threads": "ns a read",
    "cachestat": "ns a page",
    "mincore": "ns a page",
    "truncate": "ns a page",
}
UNCOUNTED = {("hugetlbfs", "cachestat"), ("hugetlbfs", "mincore")}  # the kernel refuses, says 0


@dataclass
class Measured:
    """Of one subject: each round's times by event, of the kernel and of the model, and counts."""

    subject: Subject
    kernel: list[Times] = field(default_factory=list)
    model: list[Times] = field(default_factory=list)
    nodes: int | None = None
    model_nodes: int = 0
    orders: dict[str, int] | None = None
    left_out: str | None = None


def experiment(
    size: int,
    *,
    rounds: int = 5,
    seed: int = 0,
    on_round: Callable[[int], None] = lambda _: None,
) -> list[Measured]:
    """Measure all subjects with files of `size` bytes, a round more than `rounds` to warm up.

    Files have no names and mounts no place: nothing is left, however this ends.

    Raises
    ------
    InputError
        The size is no multiple of 2 MiB, or is more memory than is available.
    """
    check_size(size)
    found = [Measured(subject) for subject in SUBJECTS]
    shuffled = random.Random(seed)
    with ExitStack() as opened:
        walker = _walker(opened)
        for number in range(rounds + 1):
            on_round(number)
            for one in shuffled.sample(found, len(found)):
                if one.left_out is None:
                    _round(one, size, np.random.default_rng(seed + number), walker)
        for one in found:
            del one.kernel[:1], one.model[:1]
    return found


def check_size(size: int) -> None:
    """InputError unless a file of that size can be made."""
    if size < HUGE_PAGE or size % HUGE_PAGE:
        raise InputError(f"--size: {size} is no multiple of 2 MiB; give 256M, 1G")
    available = int(psutil.virtual_memory().available)
    if size * 1.2 > available:
        raise InputError(
            f"--size: {size >> 20} MiB is more than the {available >> 20} MiB of memory available "
            "allow; give a smaller size"
        )


def _walker(opened: ExitStack) -> Walker | None:
    try:
        return opened.enter_context(Walker())
    except InputError:
        return None


def _round(one: Measured, size: int, rng: np.random.Generator, walker: Walker | None) -> None:
    try:
        with _file(one.subject, size) as fd:
            times, places = _kernel_times(one, fd, size, rng, walker)
    except InputError as error:
        one.left_out = str(error)
        return
    one.kernel.append(times)
    one.model.append(_model_times(one, size, rng, places))


@contextmanager
def _file(subject: Subject, size: int) -> Iterator[int]:
    if subject.huge is None:
        fd = hugetlb_file(size)
    else:
        try:
            mount = tmpfs(subject.huge, size + SLACK)
        except OSError as error:
            raise InputError(f"no tmpfs: {error.strerror}; run as root") from None
        try:
            fd = unnamed_file(mount, size)
        finally:
            os.close(mount)
    try:
        yield fd
    finally:
        os.close(fd)


def _kernel_times(
    one: Measured, fd: int, size: int, rng: np.random.Generator, walker: Walker | None
) -> tuple[Times, NDArray[np.uint64]]:
    """Times of one file, and where its folios lie in memory, as ranks."""
    pages, times = size >> 12, {}
    with mmap.mmap(fd, size) as mapped:
        times["populate"] = timing.populate_write(mapped)[0] / pages
    places = _places(fd, size, rng)[:: 1 << one.subject.order]
    if walker is not None:
        walk = walker.descriptors([fd])
        one.nodes = int(walk.nodes[0])
        counts = walk.folios.orders(1)[0]
        one.orders = {str(k): int(counts[k]) for k in np.flatnonzero(counts)}
    for name, lists in _pread_lists(size, rng).items():
        times[name] = _in_threads(lambda list_: timing.preads(fd, list_), lists)
    if (one.subject.name, "cachestat") not in UNCOUNTED:
        times["cachestat"] = _usual([timing.cachestats(fd) for _ in range(WALKS)], pages) / pages
        times["mincore"] = _usual([_mincore(fd, size) for _ in range(WALKS)], pages) / pages
    times["truncate"] = timing.truncates(fd)[0] / pages
    return times, np.argsort(np.argsort(places)).astype(np.uint64)


def _places(fd: int, size: int, rng: np.random.Generator) -> NDArray[np.uint64]:
    """The frames of a file's pages; where they may not be read, as scattered as memory gets."""
    pages = size >> 12
    if kpageflags.readable():
        return kpageflags.frames_of(fd, size)
    return rng.permutation(pages).astype(np.uint64)


def _mincore(fd: int, size: int) -> tuple[int, int]:
    """Ask through a mapping that is new: what it has mapped would be answered from its tables."""
    resident = bytearray(size >> 12)
    with mmap.mmap(fd, size, prot=mmap.PROT_READ) as mapped:
        ns, _ = timing.mincores(mapped, resident)
    return ns, sum(resident)


def _usual(timed: Sequence[tuple[int, int]], pages: int) -> float:
    """The median of all times but the first, once each answer is known to be right."""
    for _, answer in timed:
        if answer != pages:
            raise InputError(f"{answer} of {pages} pages were cached; give a smaller --size")
    return statistics.median(ns for ns, _ in timed[1:])


def _pread_lists(size: int, rng: np.random.Generator) -> dict[str, list[NDArray[np.uint64]]]:
    """Positions for each thread: within one huge page that all share, or in all of the file."""
    base = int(rng.integers(size // HUGE_PAGE)) * HUGE_PAGE

    def lists(first: int, length: int, threads: int) -> list[NDArray[np.uint64]]:
        return [
            np.uint64(first) + rng.integers(length, size=PREADS, dtype=np.uint64)
            for _ in range(threads)
        ]

    return {
        "pread hot": lists(base, HUGE_PAGE, 1),
        "pread spread": lists(0, size, 1),
        "pread hot, 2 threads": lists(base, HUGE_PAGE, 2),
        "pread spread, 2 threads": lists(0, size, 2),
    }


def _in_threads(
    timed: Callable[[NDArray[np.uint64]], tuple[int, int]], lists: list[NDArray[np.uint64]]
) -> float:
    """ns an event of each thread, all at once."""
    with ThreadPoolExecutor(len(lists)) as pool:
        answers = list(pool.map(timed, lists))
    for _, count in answers:
        if count != PREADS:
            raise InputError(f"{count} of {PREADS} pages were there; give a smaller --size")
    return sum(ns for ns, _ in answers) / len(answers) / PREADS


def _model_times(
    one: Measured, size: int, rng: np.random.Generator, places: NDArray[np.uint64]
) -> Times:
    """The same events of an index that holds the same folios, in memory in the same order."""
    subject, pages = one.subject, size >> 12
    folios = Folios.filled(subject.name, pages, subject.order)
    pfn = places << np.uint64(subject.order)
    frames = Frames(pages)
    frames.make_folios(pfn, folios.order)
    pool = designs.find(subject.design).make_pool(huge=True)  # as in the kernel's direct map
    index = cast(XArrayIndex, designs.make(subject.design, frames, pool))
    start = timing.now_ns()
    populate([index], folios.file, folios.index, folios.order, pfn)
    times = {"populate": (timing.now_ns() - start) / pages}
    one.model_nodes = index.nodes
    for name, lists in _pread_lists(size, rng).items():
        in_pages = [positions >> np.uint64(12) for positions in lists]
        times[name] = _in_threads(lambda list_: timing.model_gets(index, list_), in_pages)
    asked = [timing.model_cachestat(index, pages - 1) for _ in range(WALKS)]
    times["cachestat"] = _usual(asked, pages) / pages
    every = np.arange(pages, dtype=np.uint64)
    asked = [timing.model_gets(index, every) for _ in range(WALKS)]
    times["mincore"] = _usual(asked, pages) / pages
    times["truncate"] = timing.model_truncate(index)[0] / pages
    return times


def rows(found: Sequence[Measured]) -> list[dict[str, Any]]:
    """A row for each file and event, as JSON holds them.

    ``kernel`` and ``model`` have the median of the rounds in ``ns``, and in ``ratio`` the median,
    lowest and highest ratio to the baseline of the same round; None where nothing was timed.
    ``model_to_kernel`` is the median of the model's ratio over the kernel's in the same round: what
    slows the machine down while a file is looked at slows both, and does not count.
    """
    base = next(one for one in found if one.subject.name == BASELINE)
    return [
        {
            "file": one.subject.name,
            "design": one.subject.design,
            "event": event,
            "unit": unit,
            "nodes": one.nodes,
            "predicted_nodes": one.model_nodes,
            "orders": one.orders,
            "left_out": one.left_out,
            "kernel": _timed(event, one.kernel, base.kernel),
            "model": _timed(event, one.model, base.model),
            "model_to_kernel": _compared(event, one, base),
        }
        for one in found
        for event, unit in EVENTS.items()
    ]


def _timed(event: str, rounds: list[Times], base: list[Times]) -> dict[str, float] | None:
    times = [times[event] for times in rounds if event in times]
    if not times:
        return None
    # A file that was left out in some round has no later ones.
    ratios = [mine / other[event] for mine, other in zip(times, base, strict=False)]
    return {
        "ns": statistics.median(times),
        "ratio": statistics.median(ratios),
        "ratio_low": min(ratios),
        "ratio_high": max(ratios),
    }


def _compared(event: str, one: Measured, base: Measured) -> float | None:
    rounds = zip(one.kernel, one.model, base.kernel, base.model, strict=False)
    quotients = [
        (model[event] / base_model[event]) / (kernel[event] / base_kernel[event])
        for kernel, model, base_kernel, base_model in rounds
        if event in kernel and event in model
    ]
    return statistics.median(quotients) if quotients else None
