"""What copied nodes mean: folios and shadow entries, each with its index and order.

A slot's low two bits tell: 00 a pointer to a folio, 01 or 11 a value (a shadow of a folio that
was reclaimed, or on tmpfs one that was swapped out), 10 an internal entry: a node, a sibling that
names the slot of its entry in the same node, or one that is reserved.  An entry with n siblings
has an order of log2(n + 1) more than the level of its node.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pagecache.live.offsets import SLOTS

U64 = NDArray[np.uint64]
LARGEST_SPECIAL = 4096  # internal entries above it are nodes
ORDERS = 64
SIBLINGS = 62  # the last slot that a sibling can name


@dataclass(frozen=True, eq=False)
class Nodes:
    """Copied nodes, arrays of n, and their slots, of (n, 64).

    `root` says whose they are, `base` is the index of their first slot, `shift` their level.
    """

    root: NDArray[np.uint32]
    base: U64
    shift: NDArray[np.uint8]
    count: NDArray[np.uint8]
    slots: U64

    def __len__(self) -> int:
        return len(self.root)


@dataclass(frozen=True, eq=False)
class Entries:
    """Entries of indexes, arrays of n: whose, from which index on, of which order."""

    root: NDArray[np.uint32]
    index: U64
    order: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.index)

    def orders(self, roots: int) -> NDArray[np.int64]:
        """How many of each order each root has, shape (roots, 64)."""
        key = self.root.astype(np.int64) << 6 | self.order
        return np.bincount(key, minlength=roots << 6).reshape(roots, ORDERS)

    def counts(self, roots: int) -> NDArray[np.int64]:
        """Entries of each root, shape (roots,)."""
        return np.bincount(self.root, minlength=roots)

    def pages(self, roots: int) -> NDArray[np.int64]:
        """Pages of each root, shape (roots,)."""
        total: NDArray[np.int64] = self.orders(roots) @ (np.int64(1) << np.arange(ORDERS))
        return total


@dataclass(frozen=True, eq=False)
class Decoded:
    """What nodes hold.  `torn` has a True for each root whose nodes contradict themselves."""

    folios: Entries
    shadows: Entries
    torn: NDArray[np.bool_]


def decode(nodes: Nodes, heads: U64) -> Decoded:
    """The entries of indexes from their nodes and, where there are none, from their heads.

    `heads`, of shape (roots,), is what the arrays themselves hold: 0, a node, or an entry of
    order 0 at index 0.  O(slots).
    """
    roots = len(heads)
    slots = nodes.slots.reshape(-1)
    tags = slots & np.uint64(3)
    inner = tags == 2
    siblings = inner & (slots <= SIBLINGS << 2 | 2)
    places = np.flatnonzero((slots != 0) & ~inner)
    node = places >> 6
    order, odd = _orders(nodes, slots, siblings, places)
    shift = nodes.shift[node].astype(np.uint64)
    index = nodes.base[node] + ((places & (SLOTS - 1)).astype(np.uint64) << shift)
    entries = Entries(nodes.root[node], index, order)
    values = (tags[places] & np.uint64(1)) != 0
    torn = np.zeros(roots, np.bool_)
    torn[nodes.root[odd]] = True
    torn |= _miscounted(nodes, slots, inner, roots)
    single = np.flatnonzero((heads != 0) & (heads & np.uint64(3) != 2))
    head_values = (heads[single] & np.uint64(1)) != 0
    folios = _with_heads(_take(entries, ~values), single[~head_values])
    return Decoded(folios, _with_heads(_take(entries, values), single[head_values]), torn)


def _orders(
    nodes: Nodes, slots: U64, siblings: NDArray[np.bool_], places: NDArray[np.intp]
) -> tuple[NDArray[np.uint8], NDArray[np.intp]]:
    """The order of each entry, and the nodes in which siblings make no power of two."""
    order = nodes.shift[places >> 6]
    at = np.flatnonzero(siblings)
    if len(at) == 0:
        return order, at
    heads = (at & ~(SLOTS - 1)) + (slots[at] >> np.uint64(2)).astype(np.intp)
    more = np.bincount(heads, minlength=len(slots))
    size = more[places] + 1
    steps = np.log2(size).astype(np.uint8)
    entries = np.zeros(len(slots), np.bool_)
    entries[places] = True
    lost = heads[~entries[heads]]  # siblings of what is no entry
    odd = np.concatenate((places[size != 1 << steps.astype(np.int64)], lost))
    return order + steps, odd >> 6


def _miscounted(
    nodes: Nodes, slots: U64, inner: NDArray[np.bool_], roots: int
) -> NDArray[np.bool_]:
    """Roots with a node whose count differs from its slots, or with other nodes than they name."""
    used = np.count_nonzero(nodes.slots, axis=1)
    torn = np.zeros(roots, np.bool_)
    torn[nodes.root[used != nodes.count]] = True
    named = np.flatnonzero(inner & (slots > LARGEST_SPECIAL)) >> 6
    below = np.bincount(nodes.root[named], minlength=roots)
    copied = np.bincount(nodes.root, minlength=roots)
    different: NDArray[np.bool_] = below != np.maximum(copied - 1, 0)
    return torn | different


def join(parts: Sequence[Entries]) -> Entries:
    """All entries of all parts."""
    parts = [part for part in parts if len(part)] or parts[:1]
    if len(parts) == 1:
        return parts[0]
    columns = [(part.root, part.index, part.order) for part in parts]
    root, index, order = zip(*columns, strict=True)
    return Entries(np.concatenate(root), np.concatenate(index), np.concatenate(order))


def _take(entries: Entries, rows: NDArray[np.bool_]) -> Entries:
    if rows.all():
        return entries
    return Entries(entries.root[rows], entries.index[rows], entries.order[rows])


def _with_heads(entries: Entries, roots: NDArray[np.intp]) -> Entries:
    """With an entry of order 0 at index 0 of each of `roots`, which have no nodes."""
    if len(roots) == 0:
        return entries
    zeros = Entries(
        roots.astype(np.uint32), np.zeros(len(roots), np.uint64), np.zeros(len(roots), np.uint8)
    )
    return join([zeros, entries])
