"""A walk as the essays draw it: a line a read, arrows between nodes, then what the nodes hold.

head --> node shift 6    slot 8   = 521 >> 6   512 .. 575
             |
             v
         node shift 0    slot 9   = 521 & 63   the entry
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from pagecache.picture.nodes import Node, Slot, Step, runs, visits

ARROW = " --> "
WIDTH = 96  # of a line that tells what a node holds
MOST_SIBLINGS = 8  # slots of one entry that are drawn side by side


def walk_text(root: str, steps: Sequence[Step]) -> str:
    """The way down, and below it each node's slots."""
    parts = [way_text(root, steps)]
    shown = [row for node, reads in visits(steps) if node is not None for row in rows(node, reads)]
    if shown:
        parts.append("\n".join(shown))
    return "\n\n".join(parts)


def way_text(root: str, steps: Sequence[Step]) -> str:
    """A line a read.

    Examples
    --------
    >>> node = Node("node shift 0", 0, 63, 64, (Slot(9, 9, 9, "value 7", "entry"),))
    >>> print(way_text("head", [Step(node, node.slots[0], "9")]))
    head --> node shift 0   slot 9  = 9  the entry
    """
    cells = [columns(step) for step in steps]
    wide = [max(len(row[column]) for row in cells) for column in range(3)]
    margin, lines = " " * len(root + ARROW), []
    stem = margin + " " * 4
    for place, (step, row) in enumerate(zip(steps, cells, strict=True)):
        again = place == 0 or begins_again(steps[place - 1])
        named = again or step.node is not steps[place - 1].node
        if place:
            lines += [""] if again else [f"{stem}|", f"{stem}v"] if named else []
        name = row[0] if named else ""
        line = f"{name:{wide[0]}}   {row[1]:{wide[1]}}  {row[2]:{wide[2]}}  {row[3]}"
        if step.node is None:
            line = row[3]
        lines.append((root + ARROW if again else margin) + line.rstrip())
    return "\n".join(lines)


def begins_again(step: Step) -> bool:
    """Does what follows this read start at the root once more?"""
    return step.slot is not None and step.slot.kind in {"retry", "nothing"}


def columns(step: Step) -> tuple[str, str, str, str]:
    """Node, slot, how it follows from the index, and what is there."""
    name = step.node.name if step.node else ""
    if step.slot is None:
        return name, "beyond", step.how, "nothing"
    return name, f"slot {step.slot.number}", step.how and f"= {step.how}", there(step.slot)


def there(slot: Slot) -> str:
    """What a slot holds, and so what comes next."""
    if slot.kind == "node":
        return f"{slot.first} .. {slot.last}"
    if slot.kind == "sibling":
        return f"{slot.holds}: read that instead"
    if slot.kind == "retry":
        return "retry: the node is freed, begin again"
    if slot.kind == "nothing":
        return "nothing"
    if slot.kind == "other":
        return f"{slot.holds}: another"
    return "reserved: reads as nothing" if slot.kind == "reserved" else "the entry"


def rows(node: Node, reads: Sequence[Step]) -> Iterator[str]:
    """What a node holds, in runs of slots that hold the same; then the entry's own slots."""
    what = [run_text(run) for run in runs(node.slots)]
    line = f"{node.name}, {node.first} .. {node.last}: {'; '.join(what) or 'nothing'}"
    yield from textwrap.wrap(line, WIDTH, subsequent_indent="  ", break_on_hyphens=False)
    last = reads[-1].slot
    own = [slot for slot in node.slots if last and holds_same(slot, last)]
    if len(own) > 1:
        yield from entry_rows(node.name, own)


def holds_same(slot: Slot, canonical: Slot) -> bool:
    """Is it the canonical slot of the entry, or one of its siblings?"""
    if slot.kind == "sibling":
        return slot.holds == f"sibling of {canonical.number}"
    return slot == canonical


def run_text(run: Sequence[Slot]) -> str:
    """One run of slots: what they hold, or the kind of it where that differs."""
    first, last = run[0], run[-1]
    if first is last:
        return f"slot {first.number} {first.holds}"
    same = all(slot.holds == first.holds for slot in run)
    what = first.holds if same and first.kind == "value" else PLURALS[first.kind]
    if first.kind == "sibling":
        what = first.holds.replace("sibling", what)
    return f"slots {first.number}-{last.number} {what}"


PLURALS = {
    "node": "nodes",
    "entry": "entries",
    "sibling": "siblings",
    "value": "values",
    "reserved": "reserved",
    "retry": "retry",
    "other": "other keys",
    "nothing": "nothing",
}


def entry_rows(name: str, own: Sequence[Slot]) -> Iterator[str]:
    """An entry of several slots as the essay draws it: the canonical one and its siblings."""
    shown = own[:MOST_SIBLINGS]
    words = [
        f"s{slot.holds.removeprefix('sibling of ')}" if slot.kind == "sibling" else "entry"
        for slot in shown
    ]
    wide = [max(len(word) + 2, 5) for word in words]
    head = f"{name}   slot:   "
    numbers = "".join(f"{slot.number:<{width}}" for slot, width in zip(shown, wide, strict=True))
    below = "".join(f"{word:<{width}}" for word, width in zip(words, wide, strict=True))
    more = f"... {own[-1].number}" if len(own) > len(shown) else ""
    yield ""
    yield (head + numbers + more).rstrip()
    yield " " * len(head) + below.rstrip()
    yield ""
