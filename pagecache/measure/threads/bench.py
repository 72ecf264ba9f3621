"""A case of threads: rows that read one index together, filled once a round for all of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from pagecache import designs
from pagecache.designs.matrix import USUAL, references_unfit
from pagecache.inputs import Folios
from pagecache.measure.bench import Bench, IndexCase
from pagecache.measure.case import AGAIN, HARNESS, Job, Row
from pagecache.measure.events import COPIES, GET, INDEX_LOAD, by_name
from pagecache.measure.rounds import Record
from pagecache.measure.subject import IndexSubject, Timing, timed
from pagecache.measure.threads.patterns import draw
from pagecache.measure.threads.subject import Run, ThreadSubject, Told
from pagecache.measure.threads.told import busy_doubt, lock_of, told_of
from pagecache.measure.threads.writers import Asked
from pagecache.measure.truth import Indices, Truth
from pagecache.page.frames import Frames

THREAD_EVENTS = by_name(GET, INDEX_LOAD, *COPIES)


def unfit(row: Row, huge_order: int) -> str | None:
    """Why a row is not measured: its protocol or its writer does not go with its folios."""
    design = designs.find(row.design)
    order = huge_order if row.order is None else int(row.order)
    order = min(order, max(design.orders_for(huge_order)))
    why = references_unfit(design, row.references or USUAL, order)
    if why is None and row.writer is not None:
        return Asked.parse(row.writer).unfit(row, order)
    return why


@dataclass(frozen=True)
class ThreadCase(IndexCase):
    """A generated file that threads read together.

    Attributes
    ----------
    pattern : str
        A name in `patterns.PATTERNS`.
    cpus : tuple of int
        Processors that threads are pinned to, in this order, and from the first again.
    processors : str
        Those that are used, and what they share, in words.
    """

    kind: ClassVar[str] = "threads"
    known_events = THREAD_EVENTS

    pattern: str = "uniform"
    cpus: tuple[int, ...] = ()
    processors: str = ""

    def bench(self, job: Job) -> "ThreadBench":
        return ThreadBench(self, job)

    def where(self) -> str | None:
        return self.processors

    def told(self, row: Row, event: str, records: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        number = self.all_rows.index(row)
        found = [
            told
            for record in records
            for at, name, told in record["readers"]
            if (at, name) == (number, event)
        ]
        like = self.baseline if row == AGAIN else row
        held = [told["lock"] for told in found if "lock" in told]
        return {
            "threads": like.threads or 1,
            "references": None if row == HARNESS else like.references,
            "pattern": self.pattern,
            "writer": like.writer,
            "readers": told_of(found),
            "lock": lock_of(held),
        }

    def doubtful(self, records: Sequence[Mapping[str, Any]]) -> Iterator[str]:
        yield from busy_doubt(self.title, self.all_rows, len(self.cpus), records)

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> "ThreadCase":
        return super().from_dict({**fields, "cpus": tuple(fields["cpus"])})


class ThreadBench(Bench):
    """The indexes of a case, each filled once a round and read by the threads of all its rows."""

    case: ThreadCase

    def __init__(self, case: ThreadCase, job: Job) -> None:
        self.rows: dict[Row, list[Row]] = {}  # by the row that a subject is named by
        self.unfit: dict[Row, str] = {}  # rows that are not measured, and why
        super().__init__(case, job)

    def _subject(self, row: Row, like: Row) -> ThreadSubject:
        design = designs.find(like.design)
        truth, frames = self._truth(design, like.alone)
        self.rows[row] = [row]
        return ThreadSubject(
            row,
            None if row == HARNESS else design,
            truth,
            frames,
            events=[self.case.event(name) for name in self.case.events],
            huge_order=self.case.huge_order,
            options={"fill": self.case.fill} if design.slot_by_slot else None,
        )

    def _distinct_subjects(self) -> Iterator[ThreadSubject]:
        """One a design and order; rows of the same code on the same folios share their numbers."""
        named: dict[object, Row] = {}
        first: dict[object, Row] = {}
        for row in self.case.rows:
            design = designs.find(row.design)
            key = design.merged_with, id(self._truth(design, row.alone)[0])
            how = row.threads, row.references, row.writer
            self.same_as[row] = first.setdefault((key, how), row)
            why = unfit(row, self.case.huge_order)
            if why is not None:
                self.unfit[row] = why
            elif key not in named:
                named[key] = row
                yield self._subject(row, row)
            elif self.same_as[row] == row:
                self.rows[named[key]].append(row)

    def counts(self) -> Iterator[Record]:
        for record in super().counts():
            why = self.unfit.get(self.case.all_rows[record["row"]])
            reasons = dict.fromkeys(self.case.events, why) if why else record["reasons"]
            yield {**record, "reasons": reasons}

    def _lay_out(self, folios: Folios) -> tuple[Truth, Frames]:
        """Folios that the cache alone will hold, as in a kernel: who made them puts them."""
        truth, frames = super()._lay_out(folios)
        frames.put_folios(truth.pfn)
        order = folios.order[:1]
        spare = np.array([frames.count - (1 << int(order[0]))], np.uint64)
        frames.make_folios(spare, order, tails=True)
        frames.put_folios(spare)
        return truth, frames

    def spare_frames(self, folios: Folios, count: int) -> int:
        """Room for one more folio like the first, which a writer migrates others to."""
        pages = 1 << int(folios.order[0])
        return pages + -count % pages

    def draw(self) -> Any:
        """A list of page indices for each thread."""
        most = max(row.threads or 1 for row in self.case.rows)
        pages = int(self.case.spec["size_pages"])
        return draw(self.case.pattern, self.rng, pages, self.list_length, most)

    def rows_of(self, subject: IndexSubject) -> list[tuple[Row, Row]]:
        mine = list(self.rows[subject.row])
        mine += [row for row in self.unfit if row.alone == subject.row.alone]
        found = [(row, same) for row, same in self.same_as.items() if same in mine]
        return found or [(row, row) for row in mine]

    def measure_all(self, lists: Any) -> dict[Row, list[Timing]]:
        self.found: list[tuple[int, str, Told]] = []
        times: dict[Row, list[Timing]] = {}
        for k in self.rng.permutation(len(self.subjects)):
            subject = self.subjects[k]
            assert isinstance(subject, ThreadSubject)
            timed(subject.populate, subject.expect(len(subject.folios)), f"{subject.row}: populate")
            rows = self.rows[subject.row]
            for place in self.rng.permutation(len(rows)):
                times[rows[place]] = self.measure_row(subject, rows[place], lists)
            subject.batch.truncate()
        return times

    def measure_row(
        self, subject: ThreadSubject, row: Row, lists: Sequence[Indices]
    ) -> list[Timing]:
        """All events of one row."""
        like = self.case.baseline if row == AGAIN else row
        run = Run(like.threads or 1, self.case.cpus, like.references, like.writer)
        timings = []
        for event in subject.events:
            timing, told = subject.read(event, lists, run)
            timings.append(timing)
            self.found.append((self.numbers[row], event.name, told))
        return timings

    def round(self, number: int) -> Record:
        """A round's record.  Its switches are those of threads at their loops.

        Those of the process are not theirs: where threads wait for each other they give way, which
        the kernel counts as involuntary, too.
        """
        record = super().round(number)
        switches = sum(told["preempted"] for _, _, told in self.found)
        conditions = {**record["conditions"], "switches": switches}
        return {**record, "conditions": conditions, "readers": self.found}
