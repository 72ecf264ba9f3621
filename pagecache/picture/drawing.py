"""A walk node by node, and a whole tree level by level, as SVG."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pagecache.picture.nodes import Node, Slot, Step, visits
from pagecache.picture.svg import INK, PAPER, SOFT, WIDTH, arrow, box, document, outline, tag, words
from pagecache.picture.text import there

LEFT, RIGHT = 10, 10
HIGH = 18  # of a row of slots
ROW = 92  # from one node of a walk to the next, where a line tells its reads
LINE, MOST_LETTERS, MOST_LINES = 16, 110, 24  # of what is told of a node's reads
MOST_NODES, MOST_ABREAST = 24, 8  # of a tree that is drawn
SQUARE = 9  # a slot of a tree's node


def walk_svg(root: str, steps: Sequence[Step], title: str) -> str:
    """A row of slots for each node, the one read outlined, an arrow to the next."""
    parts, y = [words(LEFT, 22, title, font_weight="bold")], 44.0
    before: tuple[float, float] | None = None
    for node, reads in visits(steps):
        begin = before is None
        if begin:
            parts.append(words(LEFT, y + 4, f"{root}:" if node else f"{root}: {ends(reads)}"))
            before = (LEFT + 60.0, y - 4)
        if node is None:
            y += 30
            continue
        y += 24
        parts += [arrow(*before, LEFT + 60.0, y)] if begin and before else []
        lines = told_reads(reads)
        drawn, before = draw_visit(node, reads, lines, y, None if begin else before)
        parts += drawn
        y += ROW + LINE * (len(lines) - 1)
    return document(y + 20, [*parts, legend(steps, y)], title)


def ends(reads: Sequence[Step]) -> str:
    """What the walk ended at, in words."""
    slot = reads[-1].slot
    if slot is None:
        return "nothing: the index lies beyond"
    return there(slot) if slot.kind != "entry" else f"the entry: {slot.holds}"


def draw_visit(
    node: Node,
    reads: Sequence[Step],
    lines: Sequence[str],
    y: float,
    came: tuple[float, float] | None,
) -> tuple[list[str], tuple[float, float] | None]:
    """A node's row; where the arrow to the next begins, None if the walk ends or begins again."""
    wide = (WIDTH - LEFT - RIGHT) / node.width
    last = reads[-1].slot
    parts = [arrow(*came, LEFT + 60.0, y)] if came else []
    parts.append(words(LEFT + 80, y - 5, f"{node.name}, {node.first} .. {node.last}"))
    parts.append(outline(LEFT, y, wide * node.width, HIGH, stroke=SOFT))
    for slot in node.slots:
        parts.append(box(LEFT + wide * slot.number, y, max(wide - 0.8, 0.8), HIGH, **shown(slot)))
    for step in reads:
        if step.slot is not None:
            x = LEFT + wide * step.slot.number
            parts.append(outline(x - 1, y - 1.5, wide + 1, HIGH + 3.0, stroke_width=2))
    below = y + HIGH
    for line in lines:
        below += LINE
        parts.append(words(LEFT, below, line, fill=INK, font_size=12))
    if last is None or last.kind != "node":
        return parts, None
    return parts, (LEFT + wide * (last.number + 0.5), below + 6.0)


def shown(slot: Slot) -> dict[str, str]:
    """A slot's kind, and what is told of it."""
    told = f"slot {slot.number}, {slot.first} .. {slot.last}: {slot.holds}"
    return {"kind": slot.kind, "told": told}


def told_reads(reads: Sequence[Step]) -> list[str]:
    """Each read of a visit: the slot, how it follows from the index, what is there.

    One line where that is short enough, else a line a read, up to `MOST_LINES`.
    """
    told = []
    for step in reads:
        how = f" = {step.how}" if step.how else ""
        if step.slot is None:
            told.append(f"{step.how}: beyond the node, nothing")
        elif step.slot.kind == "node":
            told.append(f"slot {step.slot.number}{how}: {step.slot.first} .. {step.slot.last}")
        else:
            told.append(f"slot {step.slot.number}{how}: {ends([step])}")
    line = "; ".join(told)
    if len(line) <= MOST_LETTERS:
        return [line]
    left = len(told) - MOST_LINES
    return told if left <= 0 else [*told[: MOST_LINES - 1], f"and {left} more", told[-1]]


def legend(steps: Sequence[Step], y: float) -> str:
    """What the colours mean, of those that are there."""
    nodes = [node for node, _ in visits(steps) if node is not None]
    return legend_of((slot.kind for node in nodes for slot in node.slots), y)


def legend_of(kinds: Iterable[str], y: float) -> str:
    parts, x = [], float(LEFT)
    for kind in dict.fromkeys(kind for kind in kinds if kind != "nothing"):
        parts += [
            box(x, y, 12, 12, kind=kind, told=kind),
            words(x + 17, y + 11, kind, font_size=12),
        ]
        x += 34 + 7.5 * len(kind)
    return tag("g", "".join(parts)) if parts else ""


def tree_svg(root: str, nodes: Sequence[Node], found: int, lone: Slot | None) -> str:
    """All nodes, a level a row; or a sentence where the tree is too large.

    Parameters
    ----------
    nodes : sequence of Node
        From the root down, each after its parent; they may be fewer than the tree has.
    found : int
        How many the tree has.
    lone : Slot or None
        What the root holds where it holds no node.
    """
    levels = levels_of(nodes)
    if found > len(nodes) or any(len(level) > MOST_ABREAST for level in levels):
        return document(40, [words(LEFT, 25, too_large(found))], "a tree")
    if not nodes:
        held = f"{root}: {lone.holds if lone else 'nothing'}"
        return document(40, [words(LEFT, 25, held)], "a tree")
    edges, parts = [words(LEFT, 20, f"{root}:")], list[str]()
    placed: dict[int, tuple[float, float, int, float]] = {}
    y = 50.0
    for level in levels:
        room = WIDTH / len(level)
        for place, number in enumerate(level):
            node = nodes[number]
            side = min(node.width, 8 if node.width <= 64 else 32)
            square = SQUARE if node.width <= 64 else 2.8
            x = room * (place + 0.5) - side * square / 2
            parts += draw_node(node, x, y, side, square)
            placed[number] = x, y, side, square
            edges.append(draw_edge(node, placed, x + side * square / 2, y))
        y += 150
    kinds = (slot.kind for node in nodes for slot in node.slots)
    return document(y + 10, [*edges, *parts, legend_of(kinds, y - 15)], f"a tree of {found} nodes")


def levels_of(nodes: Sequence[Node]) -> list[list[int]]:
    """The numbers of the nodes of each level."""
    depth, levels = {-1: -1}, list[list[int]]()
    for number, node in enumerate(nodes):
        depth[number] = depth[node.parent] + 1
        levels += [[]] * (depth[number] + 1 - len(levels))
        levels[depth[number]] = [*levels[depth[number]], number]
    return levels


def draw_node(node: Node, x: float, y: float, side: int, square: float) -> list[str]:
    """A node as a square of its slots, with what it stands for below."""
    high = -(-node.width // side)
    parts = [outline(x, y, side * square, high * square, stroke=SOFT)]
    for slot in node.slots:
        at_x, at_y = x + slot.number % side * square, y + slot.number // side * square
        parts.append(box(at_x, at_y, square - 0.8, square - 0.8, **shown(slot)))
    middle, below = x + side * square / 2, y + high * square + 13
    halo = {"stroke": PAPER, "stroke_width": 3, "paint_order": "stroke"}  # edges pass below
    small = {"font_size": 10, "text_anchor": "middle", **halo}
    parts.append(words(middle, below, node.name, **small))
    parts.append(words(middle, below + 12, f"{node.first} .. {node.last}", **small))
    return parts


def draw_edge(
    node: Node, placed: dict[int, tuple[float, float, int, float]], x: float, y: float
) -> str:
    """From the slot above, or the root, to a node's top."""
    if node.parent < 0:
        return arrow(LEFT + 50.0, 16, x, y) if x > LEFT + 60 else ""
    up_x, up_y, side, square = placed[node.parent]
    from_x = up_x + (node.place % side + 0.5) * square
    from_y = up_y + (node.place // side + 0.5) * square
    return tag("line", x1=from_x, y1=from_y, x2=x, y2=y, stroke=SOFT)


def too_large(nodes: int) -> str:
    return (
        f"{nodes:,} nodes are too many to draw; "
        "walk(index) draws the way to one entry, dump() has all of them as text"
    )
