"""The walk of one lookup, which shows itself: as text at the prompt, as SVG in a notebook."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pagecache.picture.nodes import Node, Slot, Step, visits
from pagecache.picture.text import walk_text


@dataclass(frozen=True, repr=False)
class Walk:
    """The walk of one lookup, in the order in which it read.

    Attributes
    ----------
    index : int
        What was looked up, in the unit that the structure counts in.
    steps : tuple of Step
        The reads; the root's only if it holds no node.
    root : str
        What the structure calls its root.
    bits : int or None
        Of the index that each level takes; None if levels take no digits of it.

    Examples
    --------
    >>> import pagecache as pc
    >>> xa = pc.XArray()
    >>> xa.store(0x1234, 7)
    >>> xa.walk(0x1234)
    head --> node shift 12   slot 1   = 4660 >> 12        4096 .. 8191
                 |
                 v
             node shift 6    slot 8   = (4660 >> 6) & 63  4608 .. 4671
                 |
                 v
             node shift 0    slot 52  = 4660 & 63         the entry
    <BLANKLINE>
    node shift 12, 0 .. 262143: slot 1 node
    node shift 6, 4096 .. 8191: slot 8 node
    node shift 0, 4608 .. 4671: slot 52 value 7
    """

    index: int
    steps: tuple[Step, ...]
    root: str = "head"
    bits: int | None = None

    @property
    def found(self) -> Slot | None:
        """The slot that the walk ended at; None if it ended at nothing."""
        last = self.steps[-1].slot
        return None if last is None or last.kind in {"nothing", "reserved", "other"} else last

    @property
    def nodes(self) -> list[Node]:
        """The nodes visited, in order; a walk that began again may have visited one twice."""
        return [node for node, _ in visits(self.steps) if node is not None]

    @property
    def restarts(self) -> int:
        """How often it met a slot of a node that was freed meanwhile, and began again."""
        return sum(step.slot is not None and step.slot.kind == "retry" for step in self.steps)

    @property
    def digits(self) -> tuple[int, ...]:
        """The slot numbers that the index spells, the topmost first; empty without `bits`."""
        if self.bits is None:
            return ()
        rest, found = self.index, [self.index & ((1 << self.bits) - 1)]
        while rest := rest >> self.bits:
            found.insert(0, rest & ((1 << self.bits) - 1))
        return tuple(found)

    @property
    def title(self) -> str:
        """The index as it is, and in digits."""
        text = f"Index {self.index:#x} = {self.index}"
        if len(self.digits) < 2:
            return text
        return f"{text} = {self.digits} in digits of {self.bits} bits"

    def to_dict(self) -> dict[str, Any]:
        """All of it, for JSON."""
        return {
            "index": self.index,
            "root": self.root,
            "digits": list(self.digits),
            "restarts": self.restarts,
            "steps": [step_dict(step) for step in self.steps],
        }

    def __repr__(self) -> str:
        return walk_text(self.root, self.steps)

    def to_svg(self, title: str) -> str:
        """The walk as a picture under your own title."""
        from pagecache.picture.drawing import walk_svg  # noqa: PLC0415 - few walks are drawn

        return walk_svg(self.root, self.steps, title)

    def _repr_svg_(self) -> str:
        return self.to_svg(self.title)


def step_dict(step: Step) -> dict[str, Any]:
    node = None
    if step.node is not None:
        whole = step.node._asdict()
        node = {name: whole[name] for name in ("name", "first", "last", "width")}
        node["slots"] = [slot._asdict() for slot in step.node.slots]
    slot = None if step.slot is None else step.slot._asdict()
    return {"node": node, "slot": slot, "how": step.how}
