"""What is said of threads that look up at once: each one's time, what all manage, the slow ones."""

from collections.abc import Iterator, Mapping, Sequence
from html import escape

from rich import box
from rich.table import Table

from pagecache.designs.matrix import USUAL
from pagecache.page.protocols import PROTOCOLS
from pagecache.printable import printable
from pagecache.report.numbers import NO_VALUE, digits, duration, times
from pagecache.report.table import ASCII, Panel, Row, is_spread, label, ratio_text
from pagecache.results import Interval, Result

HEADS = ("row", "ns", "x", "M/s", "scaling", "p50", "p99", "p99.9", "retries", "fell back")
LOCK_HEADS = ("row", "done/s", "refused/s", "p50", "p90", "p99", "p99.9", "max us", "absent")
HELD = ("p50_ns", "p90_ns", "p99_ns", "p999_ns", "max_ns")
PERCENTILES = ("p50_ns", "p99_ns", "p999_ns")
COPY = "copy-"  # the events that copy, before how many bytes
UNCOUNTED = tuple(name for name, known in PROTOCOLS.items() if not known.counts)


def thread_table(panel: Panel, *, plain: bool) -> Table:
    """A line for each row and event."""
    table = new_table(HEADS, plain=plain)
    for row, result in lines_of(panel):
        style = None if plain or result.is_design else "dim"
        table.add_row(*thread_cells(panel, row, result), style=style)
    return table


def new_table(heads: Sequence[str], *, plain: bool) -> Table:
    """An empty table: names to the left, numbers to the right."""
    table = Table(
        box=ASCII if plain else box.SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 1, 0, 0),
        show_edge=False,
        header_style="" if plain else "bold",
    )
    for head in heads:
        table.add_column(head, justify="left" if head == "row" else "right", no_wrap=True)
    return table


def lines_of(panel: Panel) -> Iterator[tuple[Row, Result]]:
    for event in panel.events:
        for row in panel.rows:
            if event in row.results:
                yield row, row.results[event]


def thread_cells(panel: Panel, row: Row, result: Result) -> list[str]:
    """The cells of one row and event."""
    title = row.title if len(panel.events) == 1 else f"{result.event} {row.title}"
    own = result.ns_per_event
    if own is None:
        return [title, *[NO_VALUE] * (len(HEADS) - 1)]
    return [
        title,
        digits(own.median) + ("?" if is_spread(result) else ""),
        ratio_text(result),
        digits(throughput(result).median),
        scaling_text(result),
        *percentiles(result),
        share_of(result, "retries"),
        share_of(result, "fallbacks"),
    ]


def thread_values(result: Result) -> list[float | None]:
    """The numbers of `thread_cells`, behind the row's name."""
    if result.ns_per_event is None:
        return [None] * (len(HEADS) - 1)
    scaled = None if result.threads == 1 or result.scaling is None else result.scaling.median
    read = result.readers or {}
    named = (*PERCENTILES, "retries", "fallbacks")
    return [
        result.ns_per_event.median,
        result.ratio.median if result.ratio else None,
        throughput(result).median,
        scaled,
        *(read.get(name) for name in named),
    ]


def throughput(result: Result) -> Interval:
    """Millions of events a second by all threads together."""
    assert result.ns_per_event is not None
    own, threads = result.ns_per_event, result.threads or 1
    median, low, high = (1e3 * threads / each for each in (own.median, own.high, own.low))
    return Interval(median, low, high)


def scaling_text(result: Result) -> str:
    """How many times one thread's throughput that is; nothing for one thread."""
    if result.scaling is None or result.threads == 1:
        return ""
    return times(result.scaling.median)


def percentiles(result: Result) -> list[str]:
    if result.readers is None:
        return [NO_VALUE] * len(PERCENTILES)
    return [digits(result.readers[name]) for name in PERCENTILES]


def share_of(result: Result, what: str) -> str:
    """How often something happened in a million events."""
    return NO_VALUE if result.readers is None else per_million(result.readers[what])


def per_million(share: float) -> str:
    """A share as so many in a million.

    Examples
    --------
    >>> per_million(0.0), per_million(0.0000123), per_million(2.5)
    ('0', '12.3 ppm', '2.50 each')
    """
    if share >= 1:
        return f"{digits(share)} each"
    return f"{digits(1e6 * share)} ppm" if share else "0"


def thread_line(panel: Panel) -> str:
    """What the columns are."""
    clock = [row.any.readers["clock_ns"] for row in panel.rows if row.any.readers]
    cost = f", of which to time nothing takes {digits(min(clock))}" if clock else ""
    return (
        f"ns: each thread's; M/s: millions of events a second by all; scaling: that to one "
        f"thread's; p50 to p99.9: ns of an event timed alone{cost}; retries, and copies without a "
        f"reference that fell back on one, an event."
    )


def thread_sentences(panel: Panel) -> list[str]:
    """What to take from the table, from its own numbers."""
    found = *scaling_sentence(panel), *reversal_sentence(panel), *even_sentence(panel)
    return [*found, *lock_sentence(panel)]


def lock_table(panel: Panel, *, plain: bool) -> Table:
    """How long writers held the lock, and how often they did what they were asked for."""
    table = new_table(LOCK_HEADS, plain=plain)
    for row, result in lines_of(panel):
        if result.lock is not None:
            table.add_row(*lock_cells(row, result))
    return table


def lock_cells(row: Row, result: Result) -> list[str]:
    """The cells of one row with a writer."""
    assert result.lock is not None
    lock = result.lock
    held = [digits(lock[name] / 1e3) for name in HELD]
    absent = per_million(result.readers["absent"]) if result.readers else NO_VALUE
    return [row.title, digits(lock["rate"]), digits(lock["refused"]), *held, absent]


def lock_values(result: Result) -> list[float | None]:
    """The numbers of `lock_cells`, behind the row's name."""
    lock = result.lock or {}
    found = [lock.get(name) for name in ("rate", "refused", *HELD)]
    return [*found, result.readers["absent"] if result.readers else None]


def has_writers(panel: Panel) -> bool:
    return any(result.lock is not None for _, result in lines_of(panel))


def held(result: Result) -> float:
    """ns that a row's writer holds the lock, at the median; 0 without one."""
    return result.lock["p50_ns"] if result.lock else 0.0


def lock_sentence(panel: Panel) -> Iterator[str]:
    """Where the lock is held longest, beside where it is held shortest; and what refused."""
    found = [result for _, result in lines_of(panel) if held(result)]
    if len(found) < 2:
        return
    least, most = min(found, key=held), max(found, key=held)
    short, long = held(least), held(most)
    yield (
        f"The writer holds the lock longest in {label(most)} ({duration(long)} at the median), "
        f"{times(long / short)} times as long as in {label(least)} ({duration(short)})."
    )


def scaling_sentence(panel: Panel) -> Iterator[str]:
    """What the most threads manage, design by design."""
    for event in panel.events:
        found = [row.results[event] for row in panel.designs if event in row.results]
        most = max((result.threads or 1 for result in found), default=1)
        told = [
            f"{bare(result)} {times(result.scaling.median)} times "
            f"({times(result.scaling.low)} to {times(result.scaling.high)})"
            for result in found
            if result.scaling and result.threads == most
        ]
        if most > 1 and told:
            yield f"{most} threads manage of one thread's {event}s: {', '.join(told)}."


def even_sentence(panel: Panel) -> Iterator[str]:
    """How long a copy without a reference costs what one with a reference does, on one thread."""
    lengths = {e: int(e.removeprefix(COPY)) for e in panel.events if e.startswith(COPY)}
    told = []
    for kept in dict.fromkeys(bare(row.results[e]) for e in lengths for row in panel.designs):
        design, _, protocol = kept.rpartition(" ")
        if protocol not in UNCOUNTED:
            continue
        costs = {
            length: tuple(of_one(panel, event, f"{design} {name}") for name in (USUAL, protocol))
            for event, length in lengths.items()
        }
        told += [f"{kept} at {even}" for even in [break_even(costs)] if even]
    if told:
        yield f"On one thread a copy costs as much as under {USUAL}: {', '.join(told)}."


def of_one(panel: Panel, event: str, kept: str) -> float | None:
    """ns of an event with one thread and no writer; None if there is no such row."""
    found = (row.results[event] for row in panel.designs if event in row.results)
    return next(
        (
            ns(each)
            for each in found
            if each.threads == 1 and not each.writer and each.ns_per_event and bare(each) == kept
        ),
        None,
    )


def break_even(costs: Mapping[int, tuple[float | None, ...]]) -> str | None:
    """The length at which the second of two costs overtakes the first, between those measured.

    Examples
    --------
    >>> break_even({64: (30.0, 20.0), 256: (36.0, 32.0), 1024: (60.0, 80.0)})
    '384 bytes'
    >>> break_even({64: (30.0, 20.0), 128: (31.0, 25.0)}), break_even({64: (30.0, 31.0)})
    ('over 128 bytes', 'under 64 bytes')
    """
    lost = [
        (length, second - first)
        for length, (first, second) in sorted(costs.items())
        if first is not None and second is not None
    ]
    if not lost:
        return None
    over = next((k for k, (_, more) in enumerate(lost) if more > 0), None)
    if over is None:
        return f"over {lost[-1][0]} bytes"
    if over == 0:
        return f"under {lost[0][0]} bytes"
    (short, less), (long, more) = lost[over - 1 : over + 1]
    return f"{short + (long - short) * -less / (more - less):.0f} bytes"


def bare(result: Result) -> str:
    """The row without its number of threads."""
    return label(result).replace(f" x{result.threads}", "")


def reversal_sentence(panel: Panel) -> Iterator[str]:
    """Where the fastest row with one thread is not the fastest with the most."""
    for event in panel.events:
        found = [row.results[event] for row in panel.designs if event in row.results]
        found = [result for result in found if result.ns_per_event]
        most = max((result.threads or 1 for result in found), default=1)
        one = [result for result in found if result.threads == 1]
        all_ = [result for result in found if result.threads == most]
        if most == 1 or len(one) < 2 or not all_:
            continue
        alone, together = (min(rows, key=ns) for rows in (one, all_))
        other = next((result for result in all_ if bare(result) == bare(alone)), None)
        if other is None or bare(alone) == bare(together):
            continue
        yield (
            f"With one thread a {event} is fastest in {bare(alone)} ({duration(ns(alone))}), with "
            f"{most} threads in {bare(together)} ({duration(ns(together))} against "
            f"{duration(ns(other))})."
        )


def ns(result: Result) -> float:
    assert result.ns_per_event is not None
    return result.ns_per_event.median


def thread_html(panel: Panel) -> str:
    """The tables for a notebook."""
    rows = [thread_cells(panel, row, result) for row, result in lines_of(panel)]
    text = table_html(HEADS, rows)
    if has_writers(panel):
        held = [lock_cells(row, result) for row, result in lines_of(panel) if result.lock]
        text += table_html(LOCK_HEADS, held)
    return text


def table_html(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f"<th>{quoted(text)}</th>" for text in heads)
    body = "".join(
        "<tr>" + "".join(f"<td>{quoted(text)}</td>" for text in row) + "</tr>" for row in rows
    )
    return f"<table><tr>{head}</tr>{body}</table>"


def quoted(text: str) -> str:
    return escape(printable(text, "utf-8"))
