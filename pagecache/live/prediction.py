"""What each design holds for the same entries: an index of it is built, and its nodes counted."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from pagecache import designs
from pagecache.designs import Design
from pagecache.inputs import Folios
from pagecache.live.entries import Entries, join
from pagecache.live.loops import populate
from pagecache.page.frames import Frames
from pagecache.replaying.fitting import assign_frames, fit

WORKERS = 2  # more would only wait for memory
HUGE_ORDERS = (9, 18)


@dataclass(frozen=True, eq=False)
class Prediction:
    """Nodes of each file under one design, shape (files,), and the bytes of one node."""

    design: str
    nodes: NDArray[np.int64]
    node_bytes: int | None


def folios_of(names: Sequence[str], *parts: Entries) -> Folios:
    """Entries as folios, in file order: the nodes of some structures depend on the order.

    A shadow is one too: what keeps a node is that a slot is taken, whatever takes it.
    """
    entries = join(parts)
    root, index = entries.root, entries.index
    later = (root[1:] > root[:-1]) | ((root[1:] == root[:-1]) & (index[1:] > index[:-1]))
    folios = Folios(tuple(names), root, index, entries.order)
    return folios if later.all() else folios.take(np.lexsort((index, root)))


@dataclass(frozen=True, eq=False)
class _Fitted:
    """Folios as some designs hold them, and the frames they lie in."""

    folios: Folios
    orders: frozenset[int]
    pfn: NDArray[np.uint64]
    frames: Frames


class _Fits:
    """The folios that designs hold of some, each kind made once: most designs hold the same."""

    def __init__(self, folios: Folios) -> None:
        self.folios, self.orders = folios, folios.order_set()
        self.huge_order = HUGE_ORDERS[max(self.orders, default=0) >= HUGE_ORDERS[1]]
        self._held: dict[tuple[int, ...], _Fitted] = {}

    def of(self, design: Design) -> _Fitted:
        """The folios that `design` holds."""
        orders = design.orders_for(self.huge_order)
        if orders not in self._held:
            self._held[orders] = self._fitted(design)
        return self._held[orders]

    def _fitted(self, design: Design) -> _Fitted:
        held = self.folios
        if not self.orders <= set(design.orders_for(self.huge_order)):
            held = fit(design, held, huge_order=self.huge_order)
        for known in self._held.values():
            if known.folios is held:
                return known
        pfn, count = assign_frames(held.order)
        orders = frozenset(held.order_set())
        return _Fitted(held, orders, pfn, Frames(max(count, 1), backed=False))


def predict(folios: Folios, names: Sequence[str] = ()) -> list[Prediction]:
    """Build the index of each file under each design.

    If none is named, of all that need no struct pages: there are none of other machines' frames.
    A hugetlb design holds the huge page around every page, of 1 GiB where a folio is one.
    Of files that hold the same, one index is built: most of a machine's are small and alike. So is
    one of designs that make the same tree. O(folios + folios of files that differ x designs).
    """
    different, number = alike(folios)
    fits = _Fits(different)
    found = [designs.find(name) for name in names or predictable()]
    keys = [(design.tree_of(fits.of(design).orders), id(fits.of(design))) for design in found]
    # Others than XArrays take longest: first, so that nothing waits for them at the end.
    wanted = dict(sorted(zip(keys, found, strict=True), key=lambda pair: pair[1].on_xarray))
    with ThreadPoolExecutor(WORKERS) as pool:
        build = partial(_build, huge_order=fits.huge_order)
        built = pool.map(build, wanted.values(), map(fits.of, wanted.values()))
        nodes = dict(zip(wanted, built, strict=True))
    return [
        Prediction(design.name, nodes[key][number], design.node_bytes)
        for key, design in zip(keys, found, strict=True)
    ]


def alike(folios: Folios) -> tuple[Folios, NDArray[np.intp]]:
    """The files that hold different folios, and which of them each file is like.

    Parameters
    ----------
    folios : Folios
        A file after the other, as `folios_of` makes them.

    Returns
    -------
    tuple
        The folios of the first file of each kind, and for each file the number of its kind.

    Examples
    --------
    >>> zeros = Entries(np.uint32([0, 1, 2]), np.uint64([0, 0, 7]), np.uint8([0, 0, 0]))
    >>> kept, number = alike(folios_of(["a", "b", "c"], zeros))
    >>> kept.files, kept.index.tolist(), number.tolist()
    (('a', 'c'), [0, 7], [0, 0, 1])
    """
    if len(folios.files) == 1:
        return folios, np.zeros(1, np.intp)
    ends = np.cumsum(np.bincount(folios.file, minlength=len(folios.files)))
    kinds: dict[tuple[bytes, bytes], int] = {}
    number = np.zeros(len(folios.files), np.intp)
    first: list[tuple[int, int, int]] = []  # file, and where its folios begin and end
    start = 0
    for k, end in enumerate(ends.tolist()):
        held = folios.index[start:end].tobytes(), folios.order[start:end].tobytes()
        number[k] = kind = kinds.setdefault(held, len(kinds))
        if kind == len(first):
            first.append((k, start, end))
        start = end
    rows = [np.arange(start, end) for _, start, end in first]
    places = np.concatenate([np.zeros(0, np.intp), *rows])
    file = np.repeat(np.arange(len(first), dtype=np.uint32), [len(each) for each in rows])
    names = tuple(folios.files[k] for k, _, _ in first)
    return Folios(names, file, folios.index[places], folios.order[places]), number


def predictable() -> tuple[str, ...]:
    """The designs whose index can be built over frames without struct pages.

    Examples
    --------
    >>> "page-hash" in predictable()
    False
    """
    return tuple(name for name in designs.names() if not designs.find(name).needs_struct_pages)


def _build(design: Design, fitted: _Fitted, huge_order: int) -> NDArray[np.int64]:
    folios, pool = fitted.folios, design.make_pool()
    make = partial(design.make, fitted.frames, pool, huge_order=huge_order, rcu=False)
    indexes = [make() for _ in folios.files]  # which nobody reads meanwhile
    populate(indexes, folios.file, folios.index, folios.order, fitted.pfn)
    return np.array([index.nodes for index in indexes], np.int64)
