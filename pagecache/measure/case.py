"""A case: one input under some designs, as JSON that a worker process can be given.

A *label* names a design, or one with its folios forced to an order: ``thp-multi``,
``thp-multi@4``, and ``thp-multi@largest`` for folios as large as the cached pages allow.
"""

from dataclasses import asdict, dataclass
from typing import Any

LARGEST = "largest"


def make_label(design: str, order: int | str | None) -> str:
    """The label of a design at a forced order; None is as recorded."""
    return design if order is None else f"{design}@{order}"


def parse_label(label: str) -> tuple[str, int | str | None]:
    """The design and the forced order of a label.

    Examples
    --------
    >>> parse_label("thp-multi@4"), parse_label("base-4k")
    (('thp-multi', 4), ('base-4k', None))
    """
    design, _, order = label.partition("@")
    return design, (int(order) if order.isdigit() else order or None)


@dataclass(frozen=True)
class Case:
    """One input, the designs it is held in and the events to time.

    Attributes
    ----------
    panel : str
        The table it belongs to: ``hugetlb`` or ``files``.
    title : str
        What tables call the input.
    spec : dict
        How to make the input: `pagecache.inputs.from_spec`.
    designs : tuple of str
        Labels.
    events : tuple of str
    huge_order : int
        9 or 18.
    backed : bool
        Struct pages exist; without them the events that touch them are left out.
    optimised : bool
        Struct pages lie in small pages, one for each huge page, as hugetlb's vmemmap optimisation
        leaves them; else in huge pages.
    baseline : str
        The label that ratios are made to, run twice for the A/A row.
    fill : str
        How slot layouts fill: ``per-leaf`` or ``per-slot``.
    rounds : int
        Rounds wanted of each process.
    choices : dict of dict, optional
        Of a case of mappings: what each label stands for, as `pagecache.measure.choices.Choice`
        has it; `spec` is then a `pagecache.measure.choices.Setting`.
    doubts : tuple of str
        What is known of the case before it runs, a sentence each.
    """

    panel: str
    title: str
    spec: dict[str, Any]
    designs: tuple[str, ...]
    events: tuple[str, ...]
    baseline: str
    huge_order: int = 9
    backed: bool = True
    optimised: bool = False
    fill: str = "per-leaf"
    rounds: int = 5
    choices: dict[str, dict[str, str]] | None = None
    doubts: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> "Case":
        lists = {name: tuple(fields[name]) for name in ("designs", "events", "doubts")}
        return cls(**{**fields, **lists})


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
    def from_dict(cls, fields: dict[str, Any]) -> "Job":
        cases = tuple(Case.from_dict(case) for case in fields["cases"])
        return cls(**{**fields, "cases": cases})
