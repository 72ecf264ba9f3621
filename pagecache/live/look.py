"""A look at the page cache of the running kernel: at files that are named, or at all."""

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np

from pagecache.errors import InputError
from pagecache.inputs.opening import open_regular
from pagecache.live import kpageflags
from pagecache.live.answers import (
    Answers,
    FileAnswer,
    by_file,
    by_name,
    describe,
    models_refused,
)
from pagecache.live.filesystem import HUGETLBFS, check_indexed_in_pages, magic_of, name_of
from pagecache.live.inodes import cached_inodes
from pagecache.live.prediction import folios_of, predict
from pagecache.live.slab import node_slab
from pagecache.live.walk import Walk, Walker

WAYS = ("walk", "kpageflags", "residency")
MODELS = {False: "thp-multi", True: "hugetlb-4k-multi"}  # as the kernel indexes hugetlbfs or not
MINOR_BITS = 20
OPEN_AT_ONCE = 256  # a process may usually have 1,024 files open


def look(paths: Sequence[str | Path], way: str | None = None) -> Answers:
    """What the running kernel holds of each file, and what the models say.

    Parameters
    ----------
    paths : sequence of paths
        Regular files that may be read; nothing in or of them is changed.
    way : {"walk", "kpageflags", "residency"}, optional
        The first that is allowed, if none is given.

    Raises
    ------
    InputError
        A file cannot be opened, or the `way` that is asked for is not allowed.

    Examples
    --------
    >>> answers = look(["/proc/self/exe"], way="residency")
    >>> answers.results[0].way, answers.results[0].nodes
    ('residency', None)
    """
    names = [os.fspath(path) for path in paths]
    with ExitStack() as stack:
        walker, reason = _walker(stack, way)
        how = "walk" if walker else _without_walk(way)
        results: list[FileAnswer] = []
        for start in range(0, len(names), OPEN_AT_ONCE):
            some = names[start : start + OPEN_AT_ONCE]
            with _opened(some) as fds:
                if walker:
                    results += _walked(walker, some, fds)
                else:
                    results += _unwalked(some, fds, reason, flags=how == "kpageflags")
    return Answers(describe(how, reason=reason) if reason else describe(how), results)


def _walker(stack: ExitStack, way: str | None) -> tuple[Walker | None, str]:
    """A walker for the block, or the reason why there is none."""
    if way not in {None, "walk"}:
        return None, "another way was asked for"
    try:
        return stack.enter_context(Walker()), ""
    except InputError as error:
        if way:
            raise InputError(f"--way walk: {error}") from None
        return None, str(error)


def _without_walk(way: str | None) -> str:
    """The way that is left."""
    flags = way != "residency" and kpageflags.readable()
    if way == "kpageflags" and not flags:
        raise InputError(f"--way kpageflags: {kpageflags.KPAGEFLAGS} needs root; run as root")
    return "kpageflags" if flags else "residency"


@contextmanager
def _opened(names: Sequence[str]) -> Iterator[list[int]]:
    """Descriptors of these files for the block."""
    with ExitStack() as stack:
        fds = []
        for name in names:
            fds.append(open_regular(name))
            stack.callback(os.close, fds[-1])
        yield fds


def _walked(walker: Walker, names: list[str], fds: list[int]) -> list[FileAnswer]:
    magics = [magic_of(fd) for fd in fds]
    for name, magic in zip(names, magics, strict=True):
        check_indexed_in_pages(name, magic)
    return _results(names, magics, walker.descriptors(fds))


def _unwalked(
    names: Sequence[str], fds: Sequence[int], reason: str, *, flags: bool
) -> list[FileAnswer]:
    from pagecache.live.fallback import without_walk  # noqa: PLC0415 - a walk needs none of it

    pairs = zip(names, fds, strict=True)
    return [without_walk(name, fd, reason, flags=flags) for name, fd in pairs]


def look_everywhere() -> Answers:
    """The same of every file of the machine of which anything is cached, most nodes first.

    ``meta["slab"]`` has the kernel's own count of nodes, of page caches and of all else that it
    keeps in such arrays.

    Raises
    ------
    InputError
        The walk is not allowed: there is no other way to all files.
    """
    try:
        walker = Walker()
    except InputError as error:
        raise InputError(f"--all: {error}") from None
    with walker:
        inodes = cached_inodes(walker.offsets)
        walk = walker.mappings(inodes.records["mapping"])
        slab = node_slab()
    columns = (inodes.records[name].tolist() for name in ("device", "number"))
    names = [
        f"{device >> MINOR_BITS}:{device & ((1 << MINOR_BITS) - 1)}/{number}"
        for device, number in zip(*columns, strict=True)
    ]
    results = _results(names, inodes.records["magic"].tolist(), walk)
    results.sort(key=lambda result: result.nodes or 0, reverse=True)
    return Answers(describe("walk", slab=slab, complete=not inodes.torn), results)


def _results(names: list[str], magics: list[int], walk: Walk) -> list[FileAnswer]:
    orders = by_file(walk.folios, len(names))
    shadows = walk.shadows.counts(len(names)).tolist()
    refused = models_refused()
    nodes = _nodes_by_design(names, walk) if refused is None else [{} for _ in names]
    pages, counts, steady = walk.pages.tolist(), walk.nodes.tolist(), walk.steady.tolist()
    titles = [str(level) for level in range(walk.levels.shape[1])]
    levels = by_name(titles, walk.levels, zeros=False)
    results = []
    for k, name in enumerate(names):
        model = MODELS[magics[k] == HUGETLBFS]
        results.append(
            FileAnswer(
                file=name,
                pages=pages[k],
                folios=sum(orders[k].values()),
                orders=orders[k],
                nodes=counts[k],
                shadows=shadows[k],
                predicted_nodes=nodes[k].get(model),
                nodes_by_design=nodes[k],
                levels=levels[k],
                model=model,
                steady=steady[k],
                filesystem=name_of(magics[k]),
                missing=[refused] if refused else [],
            )
        )
    return results


def _nodes_by_design(names: list[str], walk: Walk) -> list[dict[str, int]]:
    predictions = predict(folios_of(names, walk.folios, walk.shadows))
    nodes = np.column_stack([prediction.nodes for prediction in predictions])
    return by_name([prediction.design for prediction in predictions], nodes)
