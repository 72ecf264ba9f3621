"""One case of mappings in one process: a subject for each combination, then rounds over them."""

from collections.abc import Iterator

import numpy as np

from pagecache.measure.case import Case, Job
from pagecache.measure.choices import Choice, Setting
from pagecache.measure.conditions import huge_page_share
from pagecache.measure.mapping_subject import MappingLists, MappingSubject, hole_pages, run
from pagecache.measure.probe import zero
from pagecache.measure.rounds import AGAIN, HARNESS, Record, Rounds
from pagecache.measure.subject import Timing, timed
from pagecache.measure.truth import Indices

READS = 1 << 16  # in a list
MOST_WRITES = 1 << 12
LEAST_NS = 4_000_000
CLEARED = 64 << 20  # bytes, beyond the caches of a core
PAGE_SIZE = 4096


class HarnessSubject:
    """The loop that mappings are driven by, round operations that do nothing."""

    label = HARNESS

    def __init__(self, like: MappingSubject) -> None:
        self.like = like
        self.mapping = like.fresh()

    def measure(self, events: set[str], lists: MappingLists, least_ns: int) -> list[Timing]:
        """As many operations as the events have; no turns are needed for them."""
        sizes = {
            "cached-read": (len(lists.chosen), len(lists.chosen)),
            "fill": (len(self.like.starts), self.like.setting.pages),
            "first-write": (len(lists.write), len(lists.write)),
            "truncate": (1, self.like.setting.pages),
        }
        return [
            Timing(event, self.nothing(operations), covered)
            for event, (operations, covered) in sizes.items()
            if event in events and operations
        ]

    def nothing(self, operations: int) -> int:
        none = np.full(operations, 0, np.uint64)
        return run(self.mapping, "look", none, none).ns


class MappingBench(Rounds):
    """A case's rows, the baseline once more, and the loop round nothing."""

    def __init__(self, case: Case, job: Job) -> None:
        super().__init__(case, job)
        assert case.choices is not None
        self.setting = Setting.from_dict(case.spec)
        choices = {label: Choice(**chosen) for label, chosen in case.choices.items()}
        again = {AGAIN: choices[case.baseline]}
        self.rows = [
            MappingSubject(label, choice, self.setting, job.seed)
            for label, choice in (choices | again).items()
        ]
        like = next(row for row in self.rows if row.label == case.baseline)
        self.subjects = [*self.rows, HarnessSubject(like)]
        self.unit = max(row.block for row in self.rows)
        self.writable = writable(self.setting, self.unit)
        self._buffer = bytearray(CLEARED)

    def counts(self) -> Iterator[Record]:
        """One life of each mapping, checked page by page: what it holds, counted."""
        write = self._pages_to_write(np.random.default_rng(self.job.seed))
        for row in self.rows:
            record = {**row.warm_up(write), "kind": "counts", "list": READS}
            ranges = [*row.pool.ranges(), row.physical.struct_pages.range]
            record |= {"huge_share": huge_page_share(ranges), "reasons": self._reasons(record)}
            if self.job.aged:
                row.pool.shuffle(self.job.seed)
            yield {**record, "design": row.label, "same_as": row.label}
        harness = {"nodes": 0, "pages": self.setting.pages, "folios": 0, "huge_share": 1.0}
        yield {**harness, "kind": "counts", "list": READS, "design": HARNESS, "same_as": HARNESS}

    def _reasons(self, record: Record) -> dict[str, str]:
        """Why an event has no time."""
        reasons = {} if len(self.writable) else {"first-write": "the file has no hole of a block"}
        if record["counted"]["oom_share"] == 1:
            reasons["cached-read"] = "no page could be read"
        return reasons

    def _draw(self) -> MappingLists:
        return MappingLists(self.rng.random(READS), self._pages_to_write(self.rng))

    def _pages_to_write(self, rng: np.random.Generator) -> Indices:
        """A page in each of some blocks that are hole, in an order drawn anew."""
        first = rng.permutation(self.writable)[:MOST_WRITES]
        return first + rng.integers(0, self.unit, len(first), dtype=np.uint64)

    def _measure(
        self, subject: MappingSubject | HarnessSubject, lists: MappingLists
    ) -> list[Timing]:
        return subject.measure(set(self.case.events), lists, LEAST_NS)

    def _clear(self) -> list[Timing]:
        """Zero pages, as a kernel does before they are read into, or in place of that."""
        if "fill" not in self.case.events:
            return []
        ns = timed(lambda: zero(self._buffer), None, "clearing")
        return [Timing("fill", ns, CLEARED // PAGE_SIZE)]


def writable(setting: Setting, unit: int) -> Indices:
    """First pages of the units that are hole as a whole, the unit being the largest block."""
    hole = hole_pages(setting, 1)
    units = hole[: len(hole) // unit * unit].reshape(-1, unit)
    return np.flatnonzero(units.all(axis=1)).astype(np.uint64) * np.uint64(unit)
