"""What is known of each file: the kernel's counts, and beside them the models'."""

import json
import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pagecache import __version__
from pagecache.live.bpf import locked_down
from pagecache.live.entries import ORDERS, Entries

FORMAT = 2
MODEL_PAGE = 4096


@dataclass(frozen=True)
class FileAnswer:
    """One file.  What is None is missing, and `missing` says why and what would bring it.

    Attributes
    ----------
    file : str
        As it was named; ``major:minor/inode`` where no name was.
    pages, folios, nodes, shadows : int or None
        Cached pages, and what the index holds: folios, nodes, and shadow entries (on tmpfs:
        entries of what was swapped out).
    orders, levels : dict or None
        Folios by order and nodes by level, 0 the lowest; keys are strings, as in JSON.
    predicted_nodes : int or None
        Nodes of an index that was built of the same folios and shadows by the design `model`.
    nodes_by_design : dict
        The same of every design.
    way : {"walk", "kpageflags", "residency"}
        How it was found out.
    steady : bool
        False if the file changed under every walk.
    missing : list of str
    """

    file: str
    pages: int | None = None
    folios: int | None = None
    orders: dict[str, int] | None = None
    nodes: int | None = None
    shadows: int | None = None
    predicted_nodes: int | None = None
    nodes_by_design: dict[str, int] = field(default_factory=dict)
    levels: dict[str, int] | None = None
    model: str = "thp-multi"
    way: str = "walk"
    steady: bool = True
    filesystem: str | None = None
    missing: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Answers:
    """All files of one look, in the order named, and where it was taken."""

    meta: dict[str, Any]
    results: list[FileAnswer]

    def to_json(self) -> str:
        """JSON with a line for each file: a machine caches a hundred thousand."""
        return json_lines(self.meta, map(vars, self.results))


def json_lines(meta: dict[str, Any], results: Iterable[dict[str, Any]]) -> str:
    """``{format, meta, results}`` with a line for each result."""
    lines = ",\n".join(map(json.dumps, results))
    head = json.dumps(meta, indent=1)
    return f'{{"format": {FORMAT},\n"meta": {head},\n"results": [\n{lines}\n]}}\n'


def describe(way: str, **more: Any) -> dict[str, Any]:
    """The kernel that was looked at."""
    return {
        "kind": "live",
        "machine": platform.machine(),
        "kernel": platform.release(),
        "cpus": os.cpu_count(),
        "page_size": page_size(),
        "lockdown": locked_down(),
        "versions": {"pagecache": __version__, "python": platform.python_version()},
        "way": way,
        **more,
    }


def page_size() -> int:
    """Bytes of the kernel's base page."""
    return os.sysconf("SC_PAGESIZE")


def models_refused() -> str | None:
    """Why no model is held against this kernel, if so."""
    if page_size() == MODEL_PAGE:
        return None
    return (
        f"models count in pages of 4 KiB, and this kernel's are {page_size() >> 10} KiB: the "
        "counts are in its pages, with no model beside them; a kernel with 4 KiB pages has both"
    )


def by_file(entries: Entries, files: int) -> list[dict[str, int]]:
    """How many entries of each order each file has; orders are strings, as in JSON."""
    return by_name([str(order) for order in range(ORDERS)], entries.orders(files), zeros=False)


def by_name(
    names: Sequence[str], counts: NDArray[np.int64], *, zeros: bool = True
) -> list[dict[str, int]]:
    """Each row of counts with the names of its columns; rows that are equal share one dict.

    Most files of a machine are alike, and millions of dicts keep the garbage collector busy.

    Examples
    --------
    >>> by_name(["0", "9"], np.array([[3, 0], [3, 0]]), zeros=False)
    [{'0': 3}, {'0': 3}]
    """
    made: dict[bytes, dict[str, int]] = {}
    found = []
    for row in np.ascontiguousarray(counts):
        key = row.tobytes()
        if key not in made:
            pairs = zip(names, row.tolist(), strict=True)
            made[key] = {name: count for name, count in pairs if count or zeros}
        found.append(made[key])
    return found
