"""Table b: the XArray beside what a Python user has, with ratios made round by round."""

from collections import defaultdict
from collections.abc import Callable
from statistics import median

from benchmarks.resident import resident_bytes
from benchmarks.structures import STRUCTURES

from .markdown import number, table
from .rounds import Samples, drawn, least, ratio
from .workers import Worker

BASE = "XArray"
COLUMNS = {
    "fill": "store, in order, bulk",
    "read": "load, random, bulk",
    "get": "load, random, one by one",
    "visit": "iterate, one by one",
    "items": "iterate, bulk",
}

Rounds = Samples[tuple[str, str]]  # by structure and task, the best form of each round


def installed() -> tuple[list[str], list[str]]:
    """Names of the structures that can be measured, and a reason for each other one."""
    names, reasons = [], []
    for name, structure in STRUCTURES.items():
        try:
            structure.need(name)
            names.append(name)
        except NotImplementedError as reason:
            reasons.append(str(reason))
    return names, reasons


def measure(names: list[str], entries: int, rounds: int, done: Callable[[], None]) -> Rounds:
    """All tasks of all structures; a round asks one structure after the other, in drawn order."""
    workers = {name: Worker(name, entries) for name in names}
    found: Samples[tuple[str, str]] = defaultdict(list)
    try:
        for step, name in enumerate(drawn(names, rounds)):
            seed = step // len(names)
            worker = workers[name]
            forms: Samples[str] = defaultdict(list)
            for task in worker.tasks():
                forms[task[0]].append(worker.ask(task, seed))
            for task, spent in forms.items():
                found[name, task] += least(*([one] for one in spent))
            done()
    finally:
        for worker in workers.values():
            worker.stop()
    return dict(found)


def bytes_per_entry(name: str, entries: int) -> float:
    return resident_bytes(name, entries) / entries


def text(found: Rounds, names: list[str], sizes: dict[str, float]) -> str:
    """The table: ns an entry, and how many times the XArray's."""
    rows = [[name, *cells(found, name), number(sizes[name])] for name in names]
    return table(["ns an entry (times ours)", *COLUMNS.values(), "bytes an entry"], rows)


def cells(found: Rounds, name: str) -> list[str]:
    row = []
    for task in COLUMNS:
        samples = found[name, task]
        times = f" ({number(ratio(samples, found[BASE, task]))}x)" if name != BASE else ""
        row.append(f"{number(median(samples))}{times}")
    return row
