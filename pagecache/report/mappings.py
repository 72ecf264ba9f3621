"""What is said of mappings: what each combination of choices caches, and what that costs."""

from collections.abc import Iterator
from typing import Any

from rich import box
from rich.table import Table

from pagecache.measure.case import CLEARING
from pagecache.measure.events import CACHED_READ, FILL, FIRST_WRITE
from pagecache.report.numbers import NO_VALUE, digits, duration, share, size
from pagecache.report.sentences import baseline_of, told_ratio
from pagecache.report.table import ASCII, Panel, Row
from pagecache.results import Result

COUNTED = (
    "mapping",
    "pages",
    "folios by order",
    "zero entries",
    "frames",
    "asked",
    "refused",
    "OOM",
)
MOST_ORDERS = 4  # shown of each row, the largest first
MOST_TOLD = 4  # rows in a sentence; of more the least and the most


def counts(row: Row) -> dict[str, Any]:
    """What was counted of a row; nothing for one in parentheses."""
    return row.any.counted or {}


def counted_table(panel: Panel, *, plain: bool) -> Table:
    """What each mapping holds once the file was read, and what its policy was asked for."""
    style = "" if plain else "bold"
    table = Table(
        box=ASCII if plain else box.SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 1, 0, 0),
        show_edge=False,
        header_style=style,
    )
    for head in COUNTED:
        left = head in {"mapping", "folios by order"}
        table.add_column(head, justify="left" if left else "right", no_wrap=True)
    for row in panel.designs:
        table.add_row(*counted_cells(row))
    return table


def counted_cells(row: Row) -> list[str]:
    """The cells of one mapping."""
    found = counts(row)
    numbers = ("zero_entries", "frames", "attempts", "failures")
    oom = found.get("oom_share", 0)
    return [
        row.title,
        f"{row.any.pages:,}",
        by_order(found.get("folios_by_order", {})),
        *(f"{found.get(name, 0):,}" for name in numbers),
        share(oom, 1) if oom else NO_VALUE,
    ]


def by_order(orders: dict[str, int]) -> str:
    """Folios by order, the largest first.

    Examples
    --------
    >>> by_order({"9": 13, "2": 2432}), by_order({})
    ('9: 13, 2: 2,432', '-')
    """
    shown = [f"{order}: {count:,}" for order, count in orders.items()][:MOST_ORDERS]
    more = len(orders) - len(shown)
    return ", ".join(shown + ([f"{more} more"] if more else [])) or NO_VALUE


def mapping_sentences(panel: Panel) -> list[str]:
    """What to take from one file's tables."""
    return [
        *oom_sentence(panel),
        *memory_sentence(panel),
        *ratio_sentence(panel, CACHED_READ.name, "Reading a page that is cached"),
        *fill_sentence(panel),
        *first_write_sentence(panel),
        *written_sentence(panel),
    ]


def whole(panel: Panel) -> list[Row]:
    """The rows that could read all of the file."""
    return [row for row in panel.designs if not counts(row).get("oom_share")]


def refused_share(row: Row) -> float:
    """The share of a row's first writes that had no memory."""
    found = counts(row)
    return float(found.get("writes_refused", 0) / max(found.get("writes", 0), 1))


def oom_sentence(panel: Panel) -> Iterator[str]:
    """Reads and writes that had no memory: those rows did less than the others."""
    parts = [
        f"{share(counts(row)['oom_share'], 1)} of the reads in {row.title}"
        for row in panel.designs
        if counts(row).get("oom_share")
    ]
    parts += [
        f"{share(refused_share(row), 1)} of the first writes in {row.title}"
        for row in panel.designs
        if refused_share(row)
    ]
    if parts:
        yield f"No memory for {', '.join(parts)}: what was timed there is less work."
    for row in whole(panel):
        fell = counts(row).get("fallbacks", 0)
        if fell:
            yield (
                f"{row.title} read all of it, {share(fell, row.any.folios)} of its "
                f"{row.any.folios:,} folios smaller than asked for."
            )


def taken(row: Row) -> float:
    """Bytes of the pages that are cached and of the nodes over them."""
    return (row.any.pages << 12) + row.any.slab_bytes


def held(row: Row) -> str:
    return f"{several(row.any.pages, 'page')}, {several(row.any.nodes, 'node')}"


def several(count: int, what: str) -> str:
    """A count with its noun.

    Examples
    --------
    >>> several(1, "node"), several(4161, "node")
    ('1 node', '4,161 nodes')
    """
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def memory_sentence(panel: Panel) -> Iterator[str]:
    """The mapping that takes the least memory beside the one that takes the most."""
    rows = whole(panel)
    if len(rows) < 2:
        return
    least, most = min(rows, key=taken), max(rows, key=taken)
    if taken(least) == taken(most):
        yield f"{'Both' if len(rows) == 2 else 'All'} take {size(taken(least))}: {held(least)}."
        return
    factor = f", {digits(taken(most) / taken(least))} times as much" if taken(least) else ""
    yield (
        f"{least.title} takes {size(taken(least))} ({held(least)}); "
        f"{most.title} {size(taken(most))} ({held(most)}){factor}."
    )


def ratio_sentence(
    panel: Panel, event: str, what: str, rows: list[Row] | None = None
) -> Iterator[str]:
    """An event of some rows beside the baseline's; what does not differ significantly says so."""
    found = [
        (result, row.title)
        for row in (panel.designs if rows is None else rows)
        for result in [row.results.get(event)]
        if result and result.ratio and row.title != result.baseline
    ]
    if len(found) > MOST_TOLD:
        found = [pick(found, key=median_of) for pick in (min, max)]
    told = [f"{title} {told_ratio(result)}" for result, title in found]
    base = baseline_of(panel, event)
    if told and base and base.ns_per_event:
        median = duration(base.ns_per_event.median)
        yield f"{what} takes {median} in {base.baseline}; {', '.join(told)}."


def median_of(told: tuple[Result, str]) -> float:
    """The ratio that a row of `ratio_sentence` is sorted by."""
    assert told[0].ratio is not None
    return told[0].ratio.median


def first_write_sentence(panel: Panel) -> Iterator[str]:
    """First writes, of the rows that had memory for all of them."""
    what = "The first write to a page of a hole that was read"
    rows = [row for row in panel.designs if not refused_share(row)]
    if any(row.title == row.any.baseline for row in rows):
        yield from ratio_sentence(panel, FIRST_WRITE.name, what, rows)
        return
    told = [
        f"{duration(result.ns_per_event.median)} in {row.title}"
        for row in rows
        for result in [row.results.get(FIRST_WRITE.name)]
        if result and result.ns_per_event
    ]
    if told:
        yield f"{what} takes {', '.join(told)}."


def fill_sentence(panel: Panel) -> Iterator[str]:
    """Reading a GiB for the first time beside clearing as much memory."""
    filled = [(fill_ns(row), row) for row in whole(panel) if fill_ns(row)]
    clearing = panel.row(CLEARING.design)
    cleared = fill_ns(clearing) if clearing else 0.0
    if not filled or not cleared:
        return
    (least, quick), (most, slow) = (pick(filled, key=lambda each: each[0]) for pick in (min, max))
    apart = duration(least) != duration(most)
    yield (
        f"To read a GiB for the first time takes {duration(least)}"
        + (f" in {quick.title} and {duration(most)} in {slow.title}" if apart else "")
        + f", without the disk; to clear a GiB of pages takes {duration(cleared)}."
    )


def fill_ns(row: Row) -> float:
    result = row.results.get(FILL.name)
    return result.ns_per_gib.median if result and result.ns_per_gib else 0.0


def written_sentence(panel: Panel) -> Iterator[str]:
    """What the first writes left of a saving on holes."""
    for row in whole(panel):
        found = counts(row)
        if found.get("zero_entries") and "pages_written" in found and not refused_share(row):
            yield (
                f"{several(found['writes'], 'first write')} left {row.title} with "
                f"{several(found['pages_written'], 'page')} and "
                f"{several(found['nodes_written'], 'node')}."
            )
