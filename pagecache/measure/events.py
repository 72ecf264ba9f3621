"""The events: what one consumer does once, the unit that is timed.

A new event is one entry here and one loop in loops.pyx.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from pagecache.errors import InputError, unknown
from pagecache.inputs import PAGE_SIZE
from pagecache.measure.loops import COVERED
from pagecache.measure.truth import Files, Indices, Truth

PER_EVENT, PER_GIB = "ns", "us/GiB"

# What an event may need of a row, and what is said of a row that lacks it.
NEEDS = {
    "struct-pages": "the struct pages of this size do not fit in memory",
    "huge-folios": "its folios are smaller than a huge page",
    "mark": "it has no marks to set",
    "scan": "it has no marks to scan",
    "copies": "gets that copy are built for designs on the XArray",
}


class Asked(NamedTuple):
    """The lookups of one loop, and what their answers are computed from."""

    truth: Truth
    file: Files
    indices: Indices
    huge_order: int
    names_heads: bool  # entries name heads, not subpages


Answer = Callable[[Asked], Indices]


@dataclass(frozen=True)
class Event:
    """One event.

    Attributes
    ----------
    name, summary : str
    loop : str
        The method of `pagecache.measure.loops.Batch` that is timed; a mapping's operation.
    over : {"pages", "huge", "folios", "files"}
        What the loop is given: page accesses, huge pages by number, folios, or whole files.
    answer : callable, optional
        Of a lookup: what each must answer.
    pages : int, optional
        Pages of the file that one event covers; None where it is a folio, or a huge page.
    unit : {"ns", "us/GiB"}
        Shown for an event, or for a GiB of file where folios differ in size.
    needs : tuple of str
        Keys of `NEEDS`; a row that lacks one has no time.
    cleared_for : bool
        Pages are cleared before it: the row ``(clearing)`` says what that takes.
    short : str, optional
        What columns call it.
    copied : int
        Bytes of the page that each copies to its user.
    """

    name: str
    summary: str
    loop: str
    over: str = "pages"
    answer: Answer | None = None
    pages: int | None = 1
    unit: str = PER_EVENT
    needs: tuple[str, ...] = ("struct-pages",)
    cleared_for: bool = False
    short: str | None = None
    copied: int = 0

    @property
    def is_lookup(self) -> bool:
        """Whether it runs over a list of accesses."""
        return self.over in ("pages", "huge")

    @property
    def column(self) -> str:
        """What tables call it."""
        return self.short or self.name

    def bytes_per_event(self, pages: int, folios: int, huge_order: int) -> float:
        """Bytes of the file that one event covers; of a folio, those of the mean one."""
        if self.over == "huge":
            return PAGE_SIZE << huge_order
        return PAGE_SIZE * (pages / max(folios, 1) if self.pages is None else self.pages)


def frames(asked: Asked) -> Indices:
    return asked.truth.frames(asked.file, asked.indices)


def named_frames(asked: Asked) -> Indices:
    """What the entries name: the heads of folios, or the pages themselves."""
    return asked.truth.heads(asked.file, asked.indices) if asked.names_heads else frames(asked)


def sums_of_a_read(asked: Asked) -> Indices:
    return asked.truth.sums(asked.file, asked.indices, COVERED["read"])


def sums_around(asked: Asked) -> Indices:
    pages = COVERED["fault_around"]
    first = asked.indices & ~np.uint64(pages - 1)
    return asked.truth.sums(asked.file, first, pages)


def huge_heads(asked: Asked) -> Indices:
    return asked.truth.heads(asked.file, asked.indices << np.uint64(asked.huge_order))


GET = Event("get", "look a page up and take a reference: the primary lookup", "get", answer=frames)
INDEX_LOAD = Event("index-load", "the walk alone", "load", answer=named_frames, needs=())
UNCHAINED = Event(
    "index-load-unchained",
    "walks that may overlap",
    "load_unchained",
    answer=named_frames,
    needs=(),
    short="unchained",
)
READ = Event(
    "read-128k",
    "find the folios of 32 pages, a step a folio",
    "read",
    answer=sums_of_a_read,
    pages=COVERED["read"],
)
FAULT_AROUND = Event(
    "fault-around",
    "find the cached ones of the 16 pages around a fault",
    "fault_around",
    answer=sums_around,
    pages=COVERED["fault_around"],
)
HUGE_FAULT = Event(
    "huge-fault",
    "look a huge page up by its number, one reference",
    "huge_fault",
    "huge",
    huge_heads,
    pages=None,
    needs=("struct-pages", "huge-folios"),
)
POPULATE = Event(
    "populate",
    "insert one folio: conflicts, nodes, store, count",
    "populate",
    "folios",
    pages=None,
    unit=PER_GIB,
    cleared_for=True,
)
MARK = Event(
    "mark", "set a folio dirty", "mark", "folios", pages=None, needs=("struct-pages", "mark")
)
SCAN = Event(
    "scan",
    "visit a folio that is marked dirty",
    "scan",
    "files",
    pages=None,
    needs=("struct-pages", "scan"),
)
TRUNCATE = Event(
    "truncate", "remove a folio, all of them in turn", "truncate", "files", pages=None, unit=PER_GIB
)

# Of threads: what a small read() does; without a reference the bytes are copied twice.
COPIES = tuple(
    Event(
        f"copy-{length}",
        f"a get that copies {length} bytes of the page to its user",
        "copy",
        answer=frames,
        needs=("struct-pages", "copies"),
        copied=length,
    )
    for length in (64, 128, 256, 512, 1024)
)

CACHED_READ = Event("cached-read", "read a page that was read before, through the mapping", "read")
FILL = Event(
    "fill",
    "read the file once: misses, readahead, frames, insertion",
    "read",
    "files",
    unit=PER_GIB,
    cleared_for=True,
)
FIRST_WRITE = Event(
    "first-write", "write a page of a hole that was read, the first in its block", "write"
)
TRUNCATE_MAPPING = Event("truncate", "remove all that was read", "truncate", "files", unit=PER_GIB)


def by_name(*events: Event) -> dict[str, Event]:
    return {event.name: event for event in events}


EVENTS = by_name(
    GET,
    INDEX_LOAD,
    UNCHAINED,
    READ,
    FAULT_AROUND,
    HUGE_FAULT,
    POPULATE,
    MARK,
    SCAN,
    TRUNCATE,
)
MAPPING_EVENTS = by_name(CACHED_READ, FILL, FIRST_WRITE, TRUNCATE_MAPPING)
HUGETLB_EVENTS = tuple(by_name(GET, HUGE_FAULT, POPULATE, TRUNCATE))
FILE_EVENTS = tuple(by_name(GET, READ, FAULT_AROUND, POPULATE, TRUNCATE))


def event_of(name: str) -> Event:
    """The event that a result names; one that only older results have is shown in ns."""
    return {**MAPPING_EVENTS, **EVENTS}.get(name) or Event(name, "", "")


def find_events(names: Iterable[str], known: Mapping[str, Event] = EVENTS) -> tuple[str, ...]:
    """The names as they are, in the order of `known`; InputError for an unknown one."""
    wanted = list(names)
    for name in wanted:
        if name not in known:
            raise InputError(f"--events: {unknown('event', name, known)}")
    if not wanted:
        raise InputError(f"--events: none given; known: {', '.join(known)}")
    return tuple(name for name in known if name in wanted)
