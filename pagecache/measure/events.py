"""The events: what one consumer does once, the unit that is timed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pagecache.errors import InputError, unknown
from pagecache.inputs import PAGE_SIZE


@dataclass(frozen=True)
class Event:
    """One event.

    Attributes
    ----------
    name, summary : str
    covers : {"page", "read", "around", "huge", "folio"}
        What of the file one event covers; `bytes_per_event` follows from it.
    struct_pages : bool
        It touches struct pages, so it is left out where they do not fit in memory.
    chained : bool
        Each lookup waits for the one before.
    """

    name: str
    summary: str
    covers: str
    struct_pages: bool = True
    chained: bool = True

    def bytes_per_event(self, pages: int, folios: int, huge_order: int) -> float:
        """Bytes of the file that one event covers; of a folio, those of the mean one."""
        per = {"page": 1, "read": 32, "around": 16, "huge": 1 << huge_order}
        return PAGE_SIZE * (per[self.covers] if self.covers in per else pages / max(folios, 1))


EVENTS = {
    event.name: event
    for event in (
        Event("get", "look a page up and take a reference: the primary lookup", "page"),
        Event("index-load", "the walk alone", "page", struct_pages=False),
        Event("index-load-unchained", "walks that may overlap", "page", False, False),
        Event("read-128k", "find the folios of 32 pages, a step a folio", "read"),
        Event("fault-around", "find the cached ones of the 16 pages around a fault", "around"),
        Event("huge-fault", "look a huge page up by its number, one reference", "huge"),
        Event("populate", "insert one folio: conflicts, nodes, store, count", "folio"),
        Event("mark", "set a folio dirty", "folio", chained=False),
        Event("scan", "visit a folio that is marked dirty", "folio", chained=False),
        Event("truncate", "remove a folio, all of them in turn", "folio"),
    )
}
MAPPING_EVENTS = {
    event.name: event
    for event in (
        Event("cached-read", "read a page that was read before, through the mapping", "page"),
        Event("fill", "read the file once: misses, readahead, frames, insertion", "page"),
        Event(
            "first-write", "write a page of a hole that was read, the first in its block", "page"
        ),
        Event("truncate", "remove all that was read", "page"),
    )
}
HUGETLB_EVENTS = ("get", "huge-fault", "populate", "truncate")
FILE_EVENTS = ("get", "read-128k", "fault-around", "populate", "truncate")


def find_events(names: Iterable[str], known: Mapping[str, Event] = EVENTS) -> tuple[str, ...]:
    """The names as they are, in the order of `known`; InputError for an unknown one."""
    wanted = list(names)
    for name in wanted:
        if name not in known:
            raise InputError(f"--events: {unknown('event', name, known)}")
    if not wanted:
        raise InputError(f"--events: none given; known: {', '.join(known)}")
    return tuple(name for name in known if name in wanted)
