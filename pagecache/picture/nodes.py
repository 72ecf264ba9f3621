"""Nodes, slots and the reads of a walk, as plain data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

KINDS = ("node", "entry", "sibling", "value", "reserved", "retry", "other", "nothing")


class Slot(NamedTuple):
    """A slot: its number, the indices that it stands for, and what it holds, in words."""

    number: int
    first: int
    last: int
    holds: str
    kind: str  # one of KINDS


class Node(NamedTuple):
    """A node as it was when the walk came to it.

    Attributes
    ----------
    name : str
        What the structure calls it, "node shift 6".
    first, last : int
        The indices that it stands for.
    width : int
        Slots that it has room for.
    slots : tuple of Slot
        Those that hold something, in order.
    parent, place : int
        In a whole tree: the number of the node above (-1: the root), and the slot there.
    """

    name: str
    first: int
    last: int
    width: int
    slots: tuple[Slot, ...]
    parent: int = -1
    place: int = 0


class Step(NamedTuple):
    """One read of a walk.

    Attributes
    ----------
    node : Node or None
        Where the slot lies; None for the root.
    slot : Slot or None
        What was read; None if the index lies beyond the node.
    how : str
        How the slot's number follows from the index.
    """

    node: Node | None
    slot: Slot | None
    how: str


def visits(steps: Iterable[Step]) -> Iterator[tuple[Node | None, list[Step]]]:
    """Each node visited, in order, with the reads made there; None is the root."""
    at: Node | None = None
    reads: list[Step] = []
    for step in steps:
        if reads and step.node is not at:
            yield at, reads
            reads = []
        at = step.node
        reads.append(step)
    if reads:
        yield at, reads


def runs(slots: Iterable[Slot]) -> Iterator[list[Slot]]:
    """Slots of one kind that lie side by side, together; siblings only with those of their own."""
    run: list[Slot] = []
    for slot in slots:
        if run and (slot.number != run[-1].number + 1 or not alike(slot, run[-1])):
            yield run
            run = []
        run.append(slot)
    if run:
        yield run


def alike(one: Slot, other: Slot) -> bool:
    return one.kind == other.kind and (one.kind != "sibling" or one.holds == other.holds)
