"""What changed in readahead, release by release: a kernel is the sum of the changes up to it."""

from dataclasses import dataclass
from types import MappingProxyType

from pagecache.errors import InputError

Switch = bool | int | str

RELEASES = (
    *(f"5.{minor}" for minor in (18, 19)),
    *(f"6.{minor}" for minor in range(20)),
    *(f"7.{minor}" for minor in range(2)),
)
NEWEST = RELEASES[-1]

CHOICES: dict[str, tuple[str, ...]] = {
    "no_hole": ("last", "before", "after"),
    "min_order": ("unknown", "loose", "kept"),
}

FIRST: dict[str, Switch] = {
    "read_past_end": True,
    "folio_batch": 15,
    "position_moves": True,
    "mark_rounds_up": True,
    "order_1": False,
    "one_procedure": True,
    "no_hole": "last",
    "refill_whole": True,
    "failed_insertion_ends": False,
    "grow_every_fill": True,
    "order_kept": False,
    "end_aligned": False,
    "small_windows_single": True,
    "min_order": "unknown",
    "never_shrinks": False,
    "workingset_misses_stay": False,
    "exec_rule": False,
    "whole_folios_mapped": False,
    "request_rounded": False,
    "misses_counted_first": False,
    "scans_lag": True,
}

MEANING = MappingProxyType(
    {
        "read_past_end": "a read looks one page beyond its end, and may meet a mark there",
        "folio_batch": "folios that a read takes at a time",
        "position_moves": "the last position moves during a read, not once when it returns",
        "mark_rounds_up": "the mark and the page expected to carry it round up to a folio",
        "order_1": "folios of order 1 exist",
        "one_procedure": "a miss and a mark go through one procedure, which merges windows",
        "no_hole": "where a search without a hole ends: the `last` page looked at, the page "
        "`before` the first, or the one `after` the last",
        "refill_whole": "what is left of a broken window is as long as a whole one",
        "failed_insertion_ends": "a page that cannot be inserted ends the fill",
        "grow_every_fill": "the order grows by 2 in every fill, not on a mark only",
        "order_kept": "the order is kept in the file description, not read off the folio",
        "end_aligned": "on a mark the window's end is aligned to the order",
        "small_windows_single": "windows of less than 4 pages are filled with single pages",
        "min_order": "the mapping's minimum order is `unknown`, `kept`, or `loose`: kept, except "
        "for marks and refills at the edges",
        "never_shrinks": "the expected mark never shrinks the window",
        "workingset_misses_stay": "refaulted folios do not lower the miss counter",
        "exec_rule": "executable mappings have a rule and an order of their own",
        "whole_folios_mapped": "faults map whole folios",
        "request_rounded": "the end of a read rounds up to the minimum order",
        "misses_counted_first": "the miss counter is asked before MADV_HUGEPAGE",
        "scans_lag": "a search for a hole that starts inside a large folio runs out of step",
    }
)


@dataclass(frozen=True)
class Change:
    """What one release changed.

    Attributes
    ----------
    since : str
        The first release with it.
    title : str
        Of the commit or series, as far as it is known.
    switches : dict
        The switches that it moved, and where to.
    """

    since: str
    title: str
    switches: dict[str, Switch]


CHANGES = (
    Change("5.18", "mm/readahead: add large folio readahead", FIRST),
    Change("6.2", "mm/filemap: fix page end in filemap_get_read_batch", {"read_past_end": False}),
    Change("6.6", "the last position is stored when read() returns", {"position_moves": False}),
    Change("6.8", "readahead: avoid multiple marked readahead pages", {"mark_rounds_up": False}),
    Change(
        "6.9", "mm: support order-1 folios in the page cache", {"order_1": True, "folio_batch": 31}
    ),
    Change(
        "6.10",
        "don't decrease mmap_miss when the folio has the workingset flag",
        {"failed_insertion_ends": True, "workingset_misses_stay": True},
    ),
    Change(
        "6.11",
        "ten patches: readahead fixes (make sure sync readahead reads needed page)",
        {"one_procedure": False, "no_hole": "before", "refill_whole": False},
    ),
    Change("6.12", "block sizes above the page size: minimum folio order", {"min_order": "loose"}),
    Change(
        "6.13",
        "mm/readahead: fix large folio support in async readahead",
        {"never_shrinks": True, "min_order": "kept"},
    ),
    Change(
        "6.17",
        "five patches: terminate async readahead on natural boundary",
        {
            "no_hole": "after",
            "grow_every_fill": False,
            "order_kept": True,
            "end_aligned": True,
            "small_windows_single": False,
            "exec_rule": True,
        },
    ),
    Change(
        "6.18",
        "whole folios mapped by faults; requests rounded to the minimum order",
        {"whole_folios_mapped": True, "request_rounded": True},
    ),
    Change("6.19", "the miss counter before MADV_HUGEPAGE", {"misses_counted_first": True}),
)


def age(release: str) -> tuple[int, ...]:
    """A release as numbers that compare."""
    return tuple(map(int, release.split(".")))


def check_kernel(kernel: str) -> str:
    """The release as the table writes it; InputError for one that is not in it."""
    if kernel not in RELEASES:
        raise InputError(
            f"kernel: {kernel!r} is no release from {RELEASES[0]} to {NEWEST}; write it as 6.8"
        )
    return kernel


def switches_of(kernel: str) -> dict[str, Switch]:
    """A kernel's row: all switches, as its release had them.

    Examples
    --------
    >>> switches_of("6.7")["mark_rounds_up"], switches_of("6.8")["mark_rounds_up"]
    (True, False)
    """
    release = age(check_kernel(kernel))
    row: dict[str, Switch] = {}
    for change in CHANGES:
        if age(change.since) <= release:
            row |= change.switches
    return row


def check_switches(switches: dict[str, Switch]) -> None:
    """InputError unless these are switches, each with a value it can have."""
    for name, value in switches.items():
        if name not in FIRST:
            raise InputError(f"{name} is no switch of readahead; use {', '.join(FIRST)}")
        choices = CHOICES.get(name)
        if choices is not None and value not in choices:
            raise InputError(f"{name}: {value!r} is not one of {', '.join(choices)}")
        if choices is None and type(value) is not type(FIRST[name]):
            raise InputError(f"{name}: {value!r} is not a {type(FIRST[name]).__name__}")
        if name == "folio_batch" and not 1 <= int(value) <= 1 << 16:
            raise InputError(f"folio_batch: {value} is not from 1 to 65536 folios")


def alike(kernels: tuple[str, ...] = RELEASES) -> list[tuple[str, ...]]:
    """Neighbouring releases that have the same rules, together.

    Examples
    --------
    >>> alike(("6.6", "6.7", "6.8"))
    [('6.6', '6.7'), ('6.8',)]
    """
    groups: list[tuple[str, ...]] = []
    for kernel in kernels:
        if groups and switches_of(groups[-1][0]) == switches_of(kernel):
            groups[-1] += (kernel,)
        else:
            groups.append((kernel,))
    return groups
