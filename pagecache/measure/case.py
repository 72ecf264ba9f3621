"""A case: one input in some rows, as JSON that a worker process can be given.

There are two kinds, of bare indexes (bench.py) and of mappings (mapping_bench.py); what they have
in common is `Case`, and nobody else asks which of them one is.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Protocol, Self

from pagecache.measure.events import Event
from pagecache.page.descriptors import STRUCT_PAGE_BYTES

LARGEST = "largest"


@dataclass(frozen=True)
class Row:
    """A row of a table: what is measured.

    Attributes
    ----------
    design : str
        A design's name; of a mapping what its combination of choices is called; ``(A/A)``,
        ``(harness)`` and ``(clearing)`` for the rows that every case has.
    order : int, "largest" or None
        What its folios are forced to; None is as recorded.
    threads : int, optional
        That read it at the same time; None: it is measured by one, in the loops of loops.pyx.
    references : str, optional
        The protocol that they keep folios by.
    writer : str, optional
        What is done beside them, and how often a second: ``erase@50000``.
    """

    design: str
    order: int | str | None = None
    threads: int | None = None
    references: str | None = None
    writer: str | None = None

    def __str__(self) -> str:
        forced = "" if self.order is None else f"@{self.order}"
        readers = "" if self.threads is None else f" {self.references} x{self.threads}"
        writer = "" if self.writer is None else f" +{self.writer}"
        return f"{self.design}{forced}{readers}{writer}"

    @property
    def alone(self) -> "Row":
        """What is measured, however many threads read it."""
        return Row(self.design, self.order)


class Ready(Protocol):
    """A case made ready in one process; its records are dicts that JSON can hold."""

    def counts(self) -> Iterator[dict[str, Any]]:
        """What every row holds, counted."""

    def rounds(self, seconds: float) -> Iterator[dict[str, Any]]:
        """Rounds until enough were run or the time is over, but one at least."""


AGAIN, HARNESS, CLEARING = ASIDE = Row("(A/A)"), Row("(harness)"), Row("(clearing)")


@dataclass(frozen=True)
class Case(ABC):
    """One input, the rows it is held in and the events to time.

    Attributes
    ----------
    panel : str
        The table it belongs to: ``hugetlb``, ``files`` or ``mappings``.
    title : str
        What tables call the input.
    spec : dict
        How to make the input.
    rows : tuple of Row
    events : tuple of str
    baseline : Row
        The row that ratios are made to, run twice for the A/A row.
    rounds : int
        Rounds wanted of each process.
    doubts : tuple of str
        What is known of the case before it runs, a sentence each.
    huge_order : int
        9 or 18.
    fill : str
        How slot layouts fill: ``per-leaf`` or ``per-slot``.
    optimised : bool
        Struct pages lie in small pages, one for each huge page, as hugetlb's vmemmap optimisation
        leaves them; else in huge pages.
    """

    kind: ClassVar[str]
    known_events: ClassVar[Mapping[str, Event]]

    panel: str
    title: str
    spec: dict[str, Any]
    rows: tuple[Row, ...]
    events: tuple[str, ...]
    baseline: Row
    rounds: int = 5
    doubts: tuple[str, ...] = ()
    huge_order: int = 9
    fill: str = "per-leaf"
    optimised: bool = False

    @abstractmethod
    def bench(self, job: "Job") -> "Ready":
        """The case made ready in this process."""

    def where(self) -> str | None:
        """Which processors threads are pinned to, in words; None where there is one."""
        return None

    def told(self, row: Row, event: str, records: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Further fields of a row's result, from what the rounds' records hold beside times."""
        return {}

    def doubtful(self, records: Sequence[Mapping[str, Any]]) -> Iterator[str]:
        """What the rounds say against their numbers beyond what holds for every case."""
        yield from ()

    def choices(self, row: Row) -> dict[str, str] | None:
        """What a mapping is put together from; None for a bare index."""
        return None

    def struct_page_bytes_optimised(self, row: Row, pages: int) -> int:
        """Struct page bytes with the vmemmap optimisation."""
        return pages * STRUCT_PAGE_BYTES

    def event(self, name: str) -> Event:
        return self.known_events[name]

    @property
    def all_rows(self) -> tuple[Row, ...]:
        """The rows in the order of the table; records name them by their number."""
        return (*self.rows, AGAIN, HARNESS, CLEARING)

    def to_dict(self) -> dict[str, Any]:
        return {"kind": self.kind, **asdict(self)}

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> Self:
        given = {name: value for name, value in fields.items() if name != "kind"}
        lists = {name: tuple(fields[name]) for name in ("events", "doubts")}
        rows = tuple(Row(**row) for row in fields["rows"])
        return cls(**{**given, **lists, "rows": rows, "baseline": Row(**fields["baseline"])})


@dataclass(frozen=True)
class Job:
    """What one worker process does: all cases, pinned to one processor.

    `seconds` is its time: once it is over no case begins a second round.
    """

    cases: tuple[Case, ...]
    seed: int
    process: int
    cpu: int
    caches: str = "hot"
    aged: bool = False
    seconds: float = 1e9

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "cases": [case.to_dict() for case in self.cases]}

    @classmethod
    def from_dict(cls, fields: dict[str, Any], kinds: Mapping[str, type[Case]]) -> "Job":
        cases = tuple(kinds[case["kind"]].from_dict(case) for case in fields["cases"])
        return cls(**{**fields, "cases": cases})
