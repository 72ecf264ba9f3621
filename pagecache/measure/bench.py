"""A case of bare indexes, and its rows in one process: built once, then filled in every round."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar
from zlib import crc32

import numpy as np

from pagecache import designs
from pagecache.designs import Design
from pagecache.designs.registry import is_known
from pagecache.inputs import Folios, Input, from_spec
from pagecache.measure.case import AGAIN, ASIDE, HARNESS, Case, Job, Row
from pagecache.measure.conditions import huge_page_share
from pagecache.measure.events import EVENTS
from pagecache.measure.held import folios_of
from pagecache.measure.rounds import Record, Rounds
from pagecache.measure.subject import IndexSubject, Lists
from pagecache.measure.truth import Truth
from pagecache.page.descriptors import STRUCT_PAGE_BYTES, optimised_bytes
from pagecache.page.frames import Frames
from pagecache.replaying.fitting import assign_frames

LEAST_EVENTS, MOST_EVENTS = 1 << 16, 1 << 17  # lookups in a list
VISITS = 4  # times that a list touches each leaf, if that many events suffice
LEAF_PAGES = 64


@dataclass(frozen=True)
class IndexCase(Case):
    """An input, `pagecache.inputs.from_spec(spec)`, in bare indexes.

    `backed`: struct pages exist; without them the events that touch them are left out.
    """

    kind: ClassVar[str] = "indexes"
    known_events = EVENTS

    backed: bool = True

    def bench(self, job: Job) -> "Bench":
        return Bench(self, job)

    def struct_page_bytes_optimised(self, row: Row, pages: int) -> int:
        """A huge page of a hugetlb file keeps one page of struct pages."""
        known = row not in ASIDE and is_known(row.design)  # not a shared object that may be gone
        if known and designs.find(row.design).huge_files:
            return optimised_bytes(pages, self.huge_order)
        return pages * STRUCT_PAGE_BYTES


class Bench(Rounds):
    """A case's subjects, and its rounds.

    Designs that hold the same folios share their struct pages: only one is filled at a time.
    """

    case: IndexCase
    subjects: list[IndexSubject]

    def __init__(self, case: IndexCase, job: Job) -> None:
        super().__init__(case, job)
        self.input: Input = from_spec(case.spec)
        self._truths: dict[tuple[object, ...], tuple[Truth, Frames]] = {}
        self.same_as: dict[Row, Row] = {}
        self.subjects = list(self._distinct_subjects())
        self.subjects += [self._subject(row, case.baseline) for row in (HARNESS, AGAIN)]
        self.events = [event.name for event in self.subjects[-1].events]
        self.list_length = self._list_length()

    def _distinct_subjects(self) -> Iterator[IndexSubject]:
        """One subject a design, except those that are the same code on the same folios."""
        first: dict[object, Row] = {}
        for row in self.case.rows:
            subject = self._subject(row, row)
            assert subject.design is not None
            self.same_as[row] = first.setdefault(
                (subject.design.merged_with, id(subject.truth)), row
            )
            if self.same_as[row] == row:
                yield subject

    def _subject(self, row: Row, like: Row) -> IndexSubject:
        """The subject of a row, over the folios that the row `like` stands for."""
        design = designs.find(like.design)
        truth, frames = self._truth(design, like)
        return IndexSubject(
            row,
            None if row == HARNESS else design,
            truth,
            frames,
            events=[self.case.event(name) for name in self.case.events],
            huge_order=self.case.huge_order,
            caches=self.job.caches,
            options={"fill": self.case.fill} if design.slot_by_slot else None,
        )

    def _truth(self, design: Design, row: Row) -> tuple[Truth, Frames]:
        """The folios of a row and their struct pages: one set for all that hold the same."""
        folios = folios_of(self.input, design, row.order, self.case.huge_order)
        key = (
            len(folios),
            *(crc32(part.data) for part in (folios.file, folios.index, folios.order)),
        )
        if key not in self._truths:
            self._truths[key] = self._lay_out(folios)
        return self._truths[key]

    def _lay_out(self, folios: Folios) -> tuple[Truth, Frames]:
        pfn, count = assign_frames(folios.order)
        count += self.spare_frames(folios, count)
        frames = Frames(count, backed=self.case.backed, huge=not self.case.optimised)
        if self.case.backed:
            found = (designs.find(row.design) for row in self.case.rows)
            tails = any(design.names_subpages for design in found)
            frames.make_folios(pfn, folios.order, tails=tails)
        return Truth(folios, pfn), frames

    def spare_frames(self, folios: Folios, count: int) -> int:
        """Frames behind the `count` that the folios take."""
        return 0

    def _list_length(self) -> int:
        """Enough lookups to visit each leaf of the largest tree `VISITS` times, within bounds."""
        leaves = self.input.folios.pages // LEAF_PAGES
        return min(max(VISITS * leaves, LEAST_EVENTS), MOST_EVENTS)

    def counts(self) -> Iterator[Record]:
        """Fill every index once, which warms it up: what it holds, counted."""
        for subject in self.subjects:
            record = {
                **subject.warm_up(age=self.job.seed if self.job.aged else None),
                "kind": "counts",
                "pages": subject.folios.pages,
                "folios": len(subject.folios),
                "list": self.list_length,
                "huge_share": self._huge_share(subject),
                "reasons": self._reasons(subject),
            }
            for row, same in self.rows_of(subject):
                yield {**record, "row": self.numbers[row], "same_as": self.numbers[same]}

    def rows_of(self, subject: IndexSubject) -> list[tuple[Row, Row]]:
        """The rows that a subject stands for, each with the one that is measured in its stead."""
        rows = [row for row, same in self.same_as.items() if same == subject.row]
        return [(row, subject.row) for row in rows or [subject.row]]

    def _reasons(self, subject: IndexSubject) -> dict[str, str]:
        """Why an event has no time."""
        why = {name: subject.lacks(self.case.event(name)) for name in self.case.events}
        return {event: reason for event, reason in why.items() if reason}

    def _huge_share(self, subject: IndexSubject) -> float:
        ranges = subject.ranges()
        if self.case.backed and not self.case.optimised:
            ranges.append(subject.frames.range)
        return huge_page_share(ranges)

    def draw(self) -> Lists:
        file, index = self.input.draw(self.rng, self.list_length)
        huge = file, index >> np.uint64(self.case.huge_order)
        return Lists((file, index), huge, int(self.rng.integers(1 << 62)))

    def cleared_per_event(self) -> float:
        baseline = self.subjects[-1].folios
        return baseline.bytes / len(baseline)
