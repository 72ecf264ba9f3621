"""One case in one process: subjects built once, then rounds over them in an order drawn anew."""

from collections.abc import Iterator
from zlib import crc32

import numpy as np

from pagecache import designs
from pagecache.designs import Design
from pagecache.inputs import Folios, Input, from_spec
from pagecache.measure.case import Case, Job, parse_label
from pagecache.measure.conditions import huge_page_share
from pagecache.measure.events import EVENTS
from pagecache.measure.held import folios_of
from pagecache.measure.probe import flush, zero
from pagecache.measure.rounds import AGAIN, HARNESS, Record, Rounds
from pagecache.measure.subject import LOOPS, Lists, Subject, Timing, timed
from pagecache.measure.truth import Truth
from pagecache.page.frames import Frames
from pagecache.replaying.fitting import assign_frames

LEAST_EVENTS, MOST_EVENTS = 1 << 16, 1 << 17  # lookups in a list
VISITS = 4  # times that a list touches each leaf, if that many events suffice
LEAST_NS = 4_000_000  # populate and truncate are repeated until they have run this long
LEAF_PAGES = 64
CLEARED = 64 << 20  # bytes, beyond the caches of a core


class Bench(Rounds):
    """A case's subjects, and its rounds.

    Designs that hold the same folios share their struct pages: only one is filled at a time.
    """

    def __init__(self, case: Case, job: Job) -> None:
        super().__init__(case, job)
        self.input: Input = from_spec(case.spec)
        self._truths: dict[tuple[object, ...], tuple[Truth, Frames]] = {}
        self.same_as: dict[str, str] = {}
        self.subjects = list(self._distinct_subjects())
        self.subjects += [self._subject(label, case.baseline) for label in (HARNESS, AGAIN)]
        self._buffer = bytearray(CLEARED)
        self.events = [name for name in case.events if case.backed or not EVENTS[name].struct_pages]
        self.list_length = self._list_length()

    def _distinct_subjects(self) -> Iterator[Subject]:
        """One subject a design, except those that are the same code on the same folios."""
        first: dict[object, str] = {}
        for label in self.case.designs:
            subject = self._subject(label, label)
            assert subject.design is not None
            self.same_as[label] = first.setdefault(
                (subject.design.merged_with, id(subject.truth)), label
            )
            if self.same_as[label] == label:
                yield subject

    def _subject(self, label: str, like: str) -> Subject:
        """The subject of a row, over the folios that the label `like` stands for."""
        name, order = parse_label(like)
        design = designs.find(name)
        truth, frames = self._truth(design, order)
        return Subject(
            label,
            None if label == HARNESS else design,
            truth,
            frames,
            huge_order=self.case.huge_order,
            copy=self.job.caches == "after-copy",
            options={"fill": self.case.fill} if design.slot_by_slot else None,
        )

    def _truth(self, design: Design, order: int | str | None) -> tuple[Truth, Frames]:
        """The folios of a design and their struct pages: one set for all that hold the same."""
        folios = folios_of(self.input, design, order, self.case.huge_order)
        key = (
            len(folios),
            *(crc32(part.data) for part in (folios.file, folios.index, folios.order)),
        )
        if key not in self._truths:
            self._truths[key] = self._lay_out(folios)
        return self._truths[key]

    def _lay_out(self, folios: Folios) -> tuple[Truth, Frames]:
        pfn, count = assign_frames(folios.order)
        frames = Frames(count, backed=self.case.backed, huge=not self.case.optimised)
        if self.case.backed:
            found = (designs.find(parse_label(label)[0]) for label in self.case.designs)
            tails = any(design.names == "subpage" for design in found)
            frames.make_folios(pfn, folios.order, tails=tails)
        return Truth(folios, pfn), frames

    def _list_length(self) -> int:
        """Enough lookups to come by each leaf of the largest tree `VISITS` times, within bounds."""
        leaves = self.input.folios.pages // LEAF_PAGES
        return min(max(VISITS * leaves, LEAST_EVENTS), MOST_EVENTS)

    # What it reports ------------------------------------------------------------------------

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
            labels = [label for label, same in self.same_as.items() if same == subject.label]
            for label in labels or [subject.label]:
                yield {**record, "design": label, "same_as": subject.label}

    def _reasons(self, subject: Subject) -> dict[str, str]:
        """Why an event has no time."""
        why = {event: subject.lacks(event) for event in self.case.events}
        return {event: reason for event, reason in why.items() if reason}

    def _huge_share(self, subject: Subject) -> float:
        ranges = subject.ranges()
        if self.case.backed and not self.case.optimised:
            ranges.append(subject.frames.range)
        return huge_page_share(ranges)

    def _draw(self) -> Lists:
        file, index = self.input.draw(self.rng, self.list_length)
        huge = file, index >> np.uint64(self.case.huge_order)
        return Lists((file, index), huge, int(self.rng.integers(1 << 62)))

    def _measure(self, subject: Subject, lists: Lists) -> list[Timing]:
        timings = subject.fill(set(self.events), LEAST_NS)
        for event in self.events:
            if event in LOOPS and not subject.lacks(event):
                self._empty_caches(subject)
                timings.append(subject.look_up(event, lists))
        if any(event in self.events and not subject.lacks(event) for event in ("mark", "scan")):
            marks = subject.mark_and_scan(lists, MOST_EVENTS)
            timings += [timing for timing in marks if timing.event in self.events]
        subject.batch.truncate()
        return timings

    def _clear(self) -> list[Timing]:
        """Zero pages for as many folios of the baseline as fit: what comes before they go in."""
        if "populate" not in self.events:
            return []
        baseline = self.subjects[-1].folios
        ns = timed(lambda: zero(self._buffer), None, "clearing")
        return [Timing("populate", ns, CLEARED * len(baseline) // baseline.bytes)]

    def _empty_caches(self, subject: Subject) -> None:
        """Drop the lines of nodes and struct pages, where the caches are to be cold."""
        if self.job.caches == "cold":
            struct_pages = [subject.frames.range] if self.case.backed else []
            for address, size in [*subject.ranges(), *struct_pages]:
                flush(address, size)
