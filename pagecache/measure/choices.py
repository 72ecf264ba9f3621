"""The choices that a mapping is put together from, crossed: each combination that fits is a row.

    designs     thp-multi                      a row's label names what differs:
    holes       zero-pages, zero-entries           thp-multi zero-pages compound
    alloc       compound, fallback                 thp-multi zero-pages fallback
    entries     pointers                           thp-multi zero-entries compound
    block       64K                                thp-multi zero-entries fallback

What fits is for `pagecache.designs.check` to say.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from itertools import product
from typing import Any

from pagecache import designs
from pagecache.errors import InputError, unknown
from pagecache.inputs import PAGE_SIZE
from pagecache.mapping.file import File

KNOWN = {"holes": designs.HOLES, "entries": designs.ENTRIES}
LEAVE = "leave out --holes, --alloc, --entries and --block, or use thp-multi"


@dataclass(frozen=True)
class Choice:
    """One combination: the names that `pagecache.Mapping` and `pagecache.Memory` take."""

    design: str = "thp-multi"
    holes: str = "zero-pages"
    alloc: str = "fallback"
    entries: str = "pointers"
    block: str = "4K"

    def to_dict(self) -> dict[str, str]:
        return asdict(self)


CHOICES = tuple(field.name for field in fields(Choice))


@dataclass(frozen=True)
class Setting:
    """What all rows of a case share: the file, and the memory that its frames come from.

    Attributes
    ----------
    size : int
        Bytes of the file.
    holes : list of [position, length]
        In bytes, ascending.
    memory : int
        Bytes.
    fragment : list, optional
        Pattern, `k` and `share` of `pagecache.Memory.fragment`.
    """

    size: int
    holes: list[list[int]]
    memory: int
    fragment: list[Any] | None = None

    @property
    def pages(self) -> int:
        """Pages of the file, the last perhaps in part."""
        return -(-self.size // PAGE_SIZE)

    def to_dict(self) -> dict[str, Any]:
        return {"kind": "mapping", **asdict(self)}

    @classmethod
    def from_dict(cls, spec: dict[str, Any]) -> "Setting":
        return cls(**{name: value for name, value in spec.items() if name != "kind"})


def unfit(choice: Choice) -> str | None:
    """Why a combination does not fit, in one line; None if it does.

    Examples
    --------
    >>> unfit(Choice("thp-multi", "zero-entries", "fallback", "pfns", "64K"))
    >>> unfit(Choice("base-4k", entries="pfns"))
    "entries='pfns' do not go with base-4k; use thp-multi"
    """
    try:
        design = designs.find(choice.design)
        if design.huge_files:
            return f"{choice.design} indexes hugetlbfs files, which leave no choice; {LEAVE}"
        file = File(choice.block, block=choice.block)
        designs.check(
            design,
            mapped=True,
            hugetlbfs=file.filesystem.huge,
            policy=choice.alloc,
            entries=choice.entries,
            holes=choice.holes,
            block_order=file.block_order,
        )
    except InputError as error:
        return str(error)
    return None


def cross(asked: dict[str, Sequence[str]]) -> tuple[list[Choice], list[tuple[Choice, str]]]:
    """Every combination of the names asked for: those that fit, and the others with the reason.

    Raises
    ------
    InputError
        A name that fits in no combination, with the reason.
    """
    fit: list[Choice] = []
    left_out: list[tuple[Choice, str]] = []
    for names in product(*(dict.fromkeys(asked[name]) for name in CHOICES)):
        choice = Choice(*names)
        why = unfit(choice)
        if why is None:
            fit.append(choice)
        else:
            left_out.append((choice, why))
    for what in CHOICES:
        for name in asked[what]:
            if all(getattr(choice, what) != name for choice in fit):
                raise InputError(next(y for c, y in left_out if getattr(c, what) == name))
    return fit, left_out


def check_names(option: str, what: str, given: Sequence[str], known: Sequence[str]) -> None:
    """InputError for an unknown name, with the nearest, or for none."""
    for name in given:
        if name not in known:
            raise InputError(f"{option}: {unknown(what, name, known)}")
    if not given:
        raise InputError(f"{option}: none given; known: {', '.join(known)}")


def labels(choices: Sequence[Choice]) -> dict[str, Choice]:
    """What rows are called: the design, and of the other choices those that differ.

    Examples
    --------
    >>> list(labels([Choice(alloc="compound"), Choice(alloc="fallback")]))
    ['thp-multi compound', 'thp-multi fallback']
    """
    differ = [
        what for what in CHOICES[1:] if len({getattr(choice, what) for choice in choices}) > 1
    ]
    return {
        " ".join([choice.design, *(getattr(choice, what) for what in differ)]): choice
        for choice in choices
    }
