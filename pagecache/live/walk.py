"""Walks of page-cache indexes on the running kernel, until nobody changed them meanwhile."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pagecache.errors import InputError
from pagecache.live.bpf import Program, Table
from pagecache.live.btf import Btf
from pagecache.live.entries import Decoded, Entries, Nodes, decode, join
from pagecache.live.offsets import SLOTS, Offsets, offsets_of
from pagecache.live.program import (
    CONTEXT_BYTES,
    NODE_BASE,
    NODE_COPY,
    NODE_ROOT,
    ROOT_BYTES,
    walker,
)

TRIES = 6
FIRST_NODES = 1 << 12
MOST_NODES = 1 << 21  # 1.2 GB of copies: 512 GiB of single pages
BATCH = 1 << 12  # roots at a time
LEVELS = 11  # of 6 bits each, in an index of 64
CONTEXT = np.dtype([("roots", "<u8"), ("tail", "<u8"), ("full", "<u8"), ("torn", "<u8")])
ROOT = np.dtype(
    [
        ("fd", "<i8"),
        ("mapping", "<u8"),
        ("host", "<u8"),
        ("pages", "<u8"),
        ("head", "<u8"),
        ("pages_after", "<u8"),
        ("head_after", "<u8"),
        ("failed", "<u8"),
    ]
)
assert CONTEXT.itemsize == CONTEXT_BYTES
assert ROOT.itemsize == ROOT_BYTES


@dataclass(frozen=True, eq=False)
class Walk:
    """What the indexes of n files hold.

    Attributes
    ----------
    pages : array of shape (n,)
        As the kernel counts them.
    levels : array of shape (n, 11)
        Nodes by level, 0 the lowest.
    steady : array of shape (n,)
        False for a file that was in use and changed under each of the walks.
    folios, shadows : Entries
        Of all files; `root` is a file's number.
    """

    pages: NDArray[np.int64]
    levels: NDArray[np.int64]
    steady: NDArray[np.bool_]
    folios: Entries
    shadows: Entries

    @property
    def nodes(self) -> NDArray[np.int64]:
        """Nodes of each file, shape (n,)."""
        counts: NDArray[np.int64] = self.levels.sum(axis=1)
        return counts


class Walker:
    """Walks indexes of the running kernel, which is only read.  To be closed, or used by `with`.

    Raises
    ------
    InputError
        The kernel's structs differ, or it lets no program of ours read them; see `Refused`.
    """

    def __init__(self, btf: Btf | None = None) -> None:
        self.offsets = offsets_of(Btf.of_kernel() if btf is None else btf)
        self._open(FIRST_NODES)

    def _open(self, room: int) -> None:
        """Load the program with room for `room` nodes; all of it or nothing."""
        with ExitStack() as opened:
            self._seeds = opened.enter_context(Table(ROOT.itemsize, BATCH))
            self._nodes = opened.enter_context(Table(NODE_COPY + self.offsets.node_size, room))
            code = walker(self.offsets, self._seeds.fd, self._nodes.fd)
            self._program = opened.enter_context(Program(code))
            self._opened = opened.pop_all()

    def close(self) -> None:
        """Unload the program and give its maps back."""
        self._opened.close()

    def __enter__(self) -> "Walker":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def descriptors(self, fds: Sequence[int]) -> Walk:
        """What the indexes of these open files of this process hold."""
        roots = np.zeros(len(fds), ROOT)
        roots["fd"] = fds
        return self._walk(roots)

    def mappings(self, addresses: NDArray[np.uint64]) -> Walk:
        """The same of mappings, by address; one that is gone holds nothing."""
        roots = np.zeros(len(addresses), ROOT)
        roots["mapping"] = addresses
        return self._walk(roots)

    def _walk(self, roots: NDArray[np.void]) -> Walk:
        """Walk them, in batches, and those that changed meanwhile again."""
        parts: list[tuple[NDArray[np.intp], Walk]] = []
        for start in range(0, len(roots), BATCH):
            left = np.arange(start, min(start + BATCH, len(roots)))
            for again in reversed(range(TRIES)):
                walk = self._walk_once(roots[left])
                done = walk.steady if again else np.ones(len(left), np.bool_)
                parts.append((left[done], _of_files(walk, done, left)))
                left = left[~done]
                if len(left) == 0:
                    break
        return _joined(parts, len(roots))

    def _walk_once(self, roots: NDArray[np.void]) -> Walk:
        while True:
            done, copied, context = self._run(roots)
            if not context["full"]:
                return _decoded(done, _nodes(copied), bool(context["torn"]))
            room = self._nodes.count
            if room >= MOST_NODES:
                raise InputError(
                    f"an index of over {MOST_NODES} nodes takes more memory than a walk may use; "
                    "name fewer or smaller files"
                )
            wanted = int(done["pages"].sum()) // SLOTS * 65 // 64 + 8 * len(roots)
            self.close()
            self._open(min(MOST_NODES, max(4 * room, wanted)))

    def _run(
        self, roots: NDArray[np.void]
    ) -> tuple[NDArray[np.void], NDArray[np.void], NDArray[np.void]]:
        """Run the program once: the roots as it left them, the records of nodes, its context."""
        self._seeds.memory[: roots.nbytes] = roots.tobytes()
        context = np.zeros(1, CONTEXT)
        context["roots"] = len(roots)
        context = np.frombuffer(self._program.run(context.tobytes()), CONTEXT)
        size = int(context["tail"][0]) * self._nodes.size
        copied = np.frombuffer(self._nodes.memory[:size], record_type(self.offsets))
        done = np.frombuffer(self._seeds.memory[: roots.nbytes], ROOT)
        return done, copied, context[0]


def record_type(offsets: Offsets) -> np.dtype[np.void]:
    """A copied node as the program leaves it: what `Nodes` takes of it, and where that lies."""
    columns = {
        "root": ("<u4", NODE_ROOT),
        "base": ("<u8", NODE_BASE),
        "shift": ("u1", NODE_COPY + offsets.node_shift),
        "count": ("u1", NODE_COPY + offsets.node_count),
        "slots": (("<u8", SLOTS), NODE_COPY + offsets.node_slots),
    }
    formats, places = zip(*columns.values(), strict=True)
    size = NODE_COPY + offsets.node_size
    names = list(columns)
    return np.dtype({"names": names, "formats": formats, "offsets": places, "itemsize": size})


def _nodes(records: NDArray[np.void]) -> Nodes:
    names = ("root", "base", "shift", "count", "slots")
    return Nodes(*(np.ascontiguousarray(records[name]) for name in names))


def _decoded(roots: NDArray[np.void], nodes: Nodes, torn: bool) -> Walk:
    decoded = decode(nodes, np.where(roots["failed"] == 0, roots["head"], 0))
    levels = np.zeros((len(roots), LEVELS), np.int64)
    np.add.at(levels, (nodes.root, nodes.shift // 6), 1)
    pages = roots["pages"].astype(np.int64)
    steady = _steady(roots, decoded) & (not torn or len(roots) > 1)
    return Walk(pages, levels, steady, decoded.folios, decoded.shadows)


def _steady(roots: NDArray[np.void], decoded: Decoded) -> NDArray[np.bool_]:
    """Whether a file has as many pages before, after and in the walk, and no torn nodes."""
    same = (roots["pages"] == roots["pages_after"]) & (roots["head"] == roots["head_after"])
    counted = decoded.folios.pages(len(roots)) == roots["pages"]
    found: NDArray[np.bool_] = same & counted & ~decoded.torn & (roots["failed"] == 0)
    return found


def _of_files(walk: Walk, kept: NDArray[np.bool_], numbers: NDArray[np.intp]) -> Walk:
    """The files that are kept; file k of the walk has the number `numbers[k]`."""

    def entries(some: Entries) -> Entries:
        rows = slice(None) if kept.all() else kept[some.root]
        root = numbers[some.root[rows]].astype(np.uint32)
        return Entries(root, some.index[rows], some.order[rows])

    return Walk(
        walk.pages[kept],
        walk.levels[kept],
        walk.steady[kept],
        entries(walk.folios),
        entries(walk.shadows),
    )


def _joined(parts: Sequence[tuple[NDArray[np.intp], Walk]], files: int) -> Walk:
    pages, levels = np.zeros(files, np.int64), np.zeros((files, LEVELS), np.int64)
    steady = np.zeros(files, np.bool_)
    for numbers, walk in parts:
        pages[numbers], levels[numbers], steady[numbers] = walk.pages, walk.levels, walk.steady
    folios = join([walk.folios for _, walk in parts])
    return Walk(pages, levels, steady, folios, join([walk.shadows for _, walk in parts]))
