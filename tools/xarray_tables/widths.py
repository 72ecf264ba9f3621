"""Table d: nodes, bytes and lookup by node width, all widths in one process."""

from statistics import median
from typing import NamedTuple

from benchmarks.arrays import SHAPES, Filled
from pagecache.xarray.timed import loops

from .markdown import number, table
from .rounds import Samples, collect, ratio, timed

SHIFTS = (3, 4, 5, 6, 7, 8, 9)
USUAL = 6
EVENTS = 1 << 18

Key = tuple[int, str]  # a chunk shift and a form


class Measured(NamedTuple):
    samples: Samples[Key]
    nodes: dict[int, int]
    node_bytes: dict[int, int]


def measure(shape: str, rounds: int) -> Measured:
    """Random loads of one shape in arrays of all widths, each round of the same pages."""
    held = {shift: Filled(SHAPES[shape], shift) for shift in SHIFTS}
    pages = held[USUAL].random(EVENTS)
    for one in held.values():
        one.check(pages)

    def load(key: Key) -> float:
        xa = held[key[0]].xa
        if key[1] == "single":
            return timed(lambda: loops.load_each(xa, pages)) / EVENTS
        return timed(lambda: xa.load_many(pages)) / EVENTS

    keys = [(shift, form) for shift in SHIFTS for form in ("single", "batch")]
    samples = collect(keys, rounds, load)
    nodes = {shift: one.xa.nodes for shift, one in held.items()}
    return Measured(samples, nodes, {shift: one.xa.node_bytes for shift, one in held.items()})


def text(results: dict[str, Measured]) -> str:
    rows = [
        [shape, str(1 << shift), *cells(found, shift)]
        for shape, found in results.items()
        for shift in SHIFTS
    ]
    loads = [f"load, {form}, ns (times that of 64)" for form in ("single", "batch")]
    return table(["array", "slots a node", "nodes", "MiB", *loads], rows)


def cells(found: Measured, shift: int) -> list[str]:
    loads = []
    for form in ("single", "batch"):
        samples = found.samples[shift, form]
        times = ratio(samples, found.samples[USUAL, form])
        loads.append(f"{number(median(samples))} ({times:.2f}x)")
    return [f"{found.nodes[shift]:,}", f"{found.node_bytes[shift] / 2**20:,.2f}", *loads]
