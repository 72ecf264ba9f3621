"""Two or three sentences on what a table shows, from its own numbers."""

from collections.abc import Iterator

from pagecache.measure.case import CLEARING
from pagecache.measure.events import GET, POPULATE
from pagecache.measure.verdict import UNDECIDED
from pagecache.report.numbers import digits, duration, share, size, times
from pagecache.report.table import Panel, Row, word_of
from pagecache.results import Result


def sentences(panel: Panel) -> list[str]:
    """What to take from one input's table."""
    return [*memory_sentence(panel), *lookup_sentence(panel), *insertion_sentence(panel)]


def row_bytes(row: Row) -> float:
    return row.any.slab_bytes


def memory_sentence(panel: Panel) -> Iterator[str]:
    """The largest index beside the smallest, and both beside what they index.

    In nodes, or in bytes if not all nodes are of one width.
    """
    rows = [row for row in panel.designs if row.order is None]
    if len(rows) < 2:
        return
    least, most = min(rows, key=row_bytes), max(rows, key=row_bytes)
    cached = most.any.pages << 12
    if row_bytes(least) == row_bytes(most):
        yield (
            f"All {len(rows)} designs take {taken(most, rows)}, "
            f"{share(row_bytes(most), cached)} of the memory they index."
        )
        return
    middle = [row for row in rows if row_bytes(least) < row_bytes(row) < row_bytes(most)]
    parts = [against(row, least, rows) for row in (*middle, most)]
    yield (
        f"{least.title} takes {taken(least, rows)}, {share(row_bytes(least), cached)} of the "
        f"memory it indexes; {'; '.join(parts)}."
    )


def one_width(rows: list[Row]) -> bool:
    return len({row.any.node_bytes for row in rows}) == 1


def taken(row: Row, rows: list[Row]) -> str:
    """What one design's index takes."""
    if not one_width(rows):
        return size(row_bytes(row))
    return "1 node" if row.any.nodes == 1 else f"{row.any.nodes:,} nodes"


def against(row: Row, least: Row, rows: list[Row]) -> str:
    """One design's index as a multiple, and as a share."""
    of = share(row_bytes(row), row.any.pages << 12)
    if not least.any.nodes:
        return f"{row.title} {taken(row, rows).split()[0]}, {of}"
    factor = digits(row_bytes(row) / row_bytes(least))
    return f"{row.title} {factor} times as {'many' if one_width(rows) else 'much'}, still {of}"


def lookup_sentence(panel: Panel) -> Iterator[str]:
    """The primary lookup beside the baseline's; what does not differ significantly says so."""
    told = [
        f"{row.title} {told_ratio(result)}"
        for row in panel.designs
        if row.order is None
        for result in [row.results.get(GET.name)]
        if result and result.ratio and result.design != result.baseline
    ]
    base = baseline_of(panel, GET.name)
    if told and base and base.ns_per_event:
        yield (
            f"A get takes {duration(base.ns_per_event.median)} in {base.baseline}; "
            f"{', '.join(told)}."
        )


def told_ratio(result: Result) -> str:
    """What the ratio of a result says, by its verdict."""
    assert result.ratio is not None
    ratio, word = result.ratio, word_of(result)
    between = f"{times(ratio.low)} to {times(ratio.high)}"
    if word == "same":
        return f"takes the same within 2 % ({between})"
    if word == UNDECIDED:
        return f"is not significantly different ({times(ratio.median)} times, {between})"
    return f"takes {times(ratio.median)} times as long ({between})"


def insertion_sentence(panel: Panel) -> Iterator[str]:
    """Populating beside clearing the pages, which comes before it."""
    clearing = panel.row(CLEARING.design)
    timed = [row for row in panel.designs if row.order is None and per_gib(row) is not None]
    cleared = per_gib(clearing) if clearing else None
    if not timed or cleared is None:
        return
    least, most = (pick(timed, key=lambda row: per_gib(row) or 0.0) for pick in (min, max))
    yield (
        f"To populate a GiB takes {duration(per_gib(least) or 0)} in {least.title}"
        + (f" and {duration(per_gib(most) or 0)} in {most.title}" if most is not least else "")
        + f"; to clear its pages first takes {duration(cleared)}, so the index is "
        f"{share(per_gib(least) or 0, cleared)}"
        + (f" to {share(per_gib(most) or 0, cleared)}" if most is not least else "")
        + " on top of that."
    )


def per_gib(row: Row) -> float | None:
    result = row.results.get(POPULATE.name)
    return result.ns_per_gib.median if result and result.ns_per_gib else None


def baseline_of(panel: Panel, event: str) -> Result | None:
    for row in panel.designs:
        result = row.results.get(event)
        if result and row.title == result.baseline:
            return result
    return None
