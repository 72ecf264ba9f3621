"""A walk that is told read by read, put together."""

from __future__ import annotations

from pagecache.errors import WrongAnswer
from pagecache.picture.nodes import Node, Slot, Step
from pagecache.picture.walk import Walk


class Telling:
    """What was told so far: the steps of nodes that are whole, and the node that is told of.

    Examples
    --------
    >>> telling = Telling(9)
    >>> telling.come_to(Node("array", 0, 63, 64, ()))
    >>> telling.read(Slot(9, 9, 9, "frame 7", "entry"), "the index")
    >>> telling.walk()
    root --> array   slot 9  = the index  the entry
    <BLANKLINE>
    array, 0 .. 63: slot 9 frame 7
    """

    def __init__(self, index: int) -> None:
        self.index = index
        self.failed: Exception | None = None  # in a function that may not raise
        self.steps: list[Step] = []
        self.node: Node | None = None
        self.slots: dict[int, Slot] = {}
        self.reads: list[tuple[Slot | None, str]] = []

    def come_to(self, node: Node | None) -> None:
        """The walk stands in another node, or at its end (None)."""
        if self.node is not None:
            slots = tuple(self.slots[number] for number in sorted(self.slots))
            self.node = self.node._replace(slots=slots)
        self.steps += [Step(self.node, slot, how) for slot, how in self.reads]
        self.node, self.slots, self.reads = node, {}, []

    def has(self, slot: Slot) -> None:
        """The node has this slot."""
        if self.node is not None and slot.number >= self.node.width:
            raise WrongAnswer(f"slot {slot.number} is beyond the {self.node.width} of its node")
        if slot.kind != "nothing":
            self.slots[slot.number] = slot

    def read(self, slot: Slot | None, how: str) -> None:
        """The walk reads a slot; None for an index that no slot is for."""
        if slot is not None:
            self.has(slot)
        self.reads.append((slot, how))

    def walk(self) -> Walk:
        """All of it.

        Raises
        ------
        WrongAnswer
            Nothing was read, or something else went wrong on the way.
        """
        self.come_to(None)
        if self.failed is not None:
            raise self.failed
        if not self.steps:
            raise WrongAnswer("it read nothing")
        return Walk(self.index, tuple(self.steps), "root")
