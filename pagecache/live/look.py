"""A look at the page cache of the running kernel: at files that are named, or at all."""

import os
from collections.abc import Sequence
from contextlib import ExitStack
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
from pagecache.live.fallback import without_walk
from pagecache.live.filesystem import HUGETLBFS, check_indexed_in_pages, magic_of, name_of
from pagecache.live.inodes import cached_inodes
from pagecache.live.prediction import folios_of, predict
from pagecache.live.slab import node_slab
from pagecache.live.walk import Walk, Walker

WAYS = ("walk", "kpageflags", "residency")
MODELS = {False: "thp-multi", True: "hugetlb-4k-multi"}  # as the kernel indexes hugetlbfs or not
MINOR_BITS = 20


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
    with ExitStack() as opened:
        fds = []
        for path in paths:
            fds.append(open_regular(path))
            opened.callback(os.close, fds[-1])
        names = [os.fspath(path) for path in paths]
        reason = ""
        if way in {None, "walk"}:
            try:
                walker = opened.enter_context(Walker())
            except InputError as error:
                reason = str(error)
                if way:
                    raise InputError(f"--way walk: {reason}") from None
            else:
                return _walked(walker, names, fds)
        return _without_walk(names, fds, reason or "another way was asked for", way)


def _without_walk(names: list[str], fds: list[int], reason: str, way: str | None) -> Answers:
    flags = way != "residency" and kpageflags.readable()
    if way == "kpageflags" and not flags:
        raise InputError(f"--way kpageflags: {kpageflags.KPAGEFLAGS} needs root; run as root")
    pairs = zip(names, fds, strict=True)
    results = [without_walk(name, fd, reason, flags=flags) for name, fd in pairs]
    return Answers(describe("kpageflags" if flags else "residency", reason=reason), results)


def _walked(walker: Walker, names: list[str], fds: list[int]) -> Answers:
    magics = [magic_of(fd) for fd in fds]
    for name, magic in zip(names, magics, strict=True):
        check_indexed_in_pages(name, magic)
    walk = walker.descriptors(fds)
    return Answers(describe("walk"), _results(names, magics, walk))


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
