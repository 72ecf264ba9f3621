"""A case of mappings, and in one process a subject for each of its combinations of choices."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from pagecache.inputs import PAGE_SIZE
from pagecache.measure.case import AGAIN, HARNESS, Case, Job, Row
from pagecache.measure.choices import Choice, Setting
from pagecache.measure.conditions import huge_page_share
from pagecache.measure.events import (
    CACHED_READ,
    FILL,
    FIRST_WRITE,
    MAPPING_EVENTS,
    TRUNCATE_MAPPING,
)
from pagecache.measure.mapping_subject import MappingLists, MappingSubject, hole_pages, run
from pagecache.measure.rounds import Record, Rounds
from pagecache.measure.subject import Timing
from pagecache.measure.truth import Indices

READS = 1 << 16  # in a list
MOST_WRITES = 1 << 12


@dataclass(frozen=True)
class MappingCase(Case):
    """A file in mappings: `spec` is a `pagecache.measure.choices.Setting`.

    `chosen` has for each row what its combination is: a `pagecache.measure.choices.Choice`.
    """

    kind: ClassVar[str] = "mappings"
    known_events = MAPPING_EVENTS

    chosen: dict[str, dict[str, str]] = field(default_factory=dict)

    def bench(self, job: Job) -> "MappingBench":
        return MappingBench(self, job)

    def choices(self, row: Row) -> dict[str, str] | None:
        return self.chosen.get(row.design)


class HarnessSubject:
    """The loop that mappings are driven by, over operations that do nothing."""

    row = HARNESS

    def __init__(self, like: MappingSubject) -> None:
        self.like = like
        self.mapping = like.fresh()

    def measure(self, lists: MappingLists) -> list[Timing]:
        """As many operations as the events have; no turns are needed for them."""
        sizes = {
            CACHED_READ.name: (len(lists.chosen), len(lists.chosen)),
            FILL.name: (len(self.like.starts), self.like.setting.pages),
            FIRST_WRITE.name: (len(lists.write), len(lists.write)),
            TRUNCATE_MAPPING.name: (1, self.like.setting.pages),
        }
        return [
            Timing(event, self.nothing(operations), covered)
            for event, (operations, covered) in sizes.items()
            if event in self.like.events and operations
        ]

    def nothing(self, operations: int) -> int:
        none = np.full(operations, 0, np.uint64)
        return run(self.mapping, "look", none, none).ns


class MappingBench(Rounds):
    """A case's rows, the baseline once more, and the empty loop."""

    def __init__(self, case: MappingCase, job: Job) -> None:
        super().__init__(case, job)
        self.setting = Setting.from_dict(case.spec)
        choices = {row: Choice(**case.chosen[row.design]) for row in case.rows}
        again = {AGAIN: choices[case.baseline]}
        self.rows = [
            MappingSubject(row, choice, self.setting, job.seed, case.events)
            for row, choice in (choices | again).items()
        ]
        like = next(subject for subject in self.rows if subject.row == case.baseline)
        self.subjects = [*self.rows, HarnessSubject(like)]
        self.unit = max(row.block for row in self.rows)
        self.writable = writable(self.setting, self.unit)

    def counts(self) -> Iterator[Record]:
        """One life of each mapping, checked page by page: what it holds, counted."""
        write = self._pages_to_write(np.random.default_rng(self.job.seed))
        for row in self.rows:
            record = {**row.warm_up(write), "kind": "counts", "list": READS}
            ranges = [*row.pool.ranges(), row.physical.struct_pages.range]
            record |= {"huge_share": huge_page_share(ranges), "reasons": self._reasons(record)}
            if self.job.aged:
                row.pool.shuffle(self.job.seed)
            number = self.numbers[row.row]
            yield {**record, "row": number, "same_as": number}
        harness = {"nodes": 0, "pages": self.setting.pages, "folios": 0, "huge_share": 1.0}
        number = self.numbers[HARNESS]
        yield {**harness, "kind": "counts", "list": READS, "row": number, "same_as": number}

    def _reasons(self, record: Record) -> dict[str, str]:
        """Why an event has no time."""
        reasons = {}
        if not len(self.writable):
            reasons[FIRST_WRITE.name] = "the file has no hole of a block"
        if record["counted"]["oom_share"] == 1:
            reasons[CACHED_READ.name] = "no page could be read"
        return reasons

    def draw(self) -> MappingLists:
        return MappingLists(self.rng.random(READS), self._pages_to_write(self.rng))

    def _pages_to_write(self, rng: np.random.Generator) -> Indices:
        """A page in each of some blocks that are hole, in random order."""
        first = rng.permutation(self.writable)[:MOST_WRITES]
        return first + rng.integers(0, self.unit, len(first), dtype=np.uint64)

    def cleared_per_event(self) -> float:
        return PAGE_SIZE


def writable(setting: Setting, unit: int) -> Indices:
    """First pages of the units that are hole as a whole, the unit being the largest block."""
    hole = hole_pages(setting, 1)
    units = hole[: len(hole) // unit * unit].reshape(-1, unit)
    return np.flatnonzero(units.all(axis=1)).astype(np.uint64) * np.uint64(unit)
