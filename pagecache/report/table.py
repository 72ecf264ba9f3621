"""Results as tables: one for each input, a row for each design, a column for each event."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from rich import box
from rich.table import Table

from pagecache.measure.case import CLEARING, HARNESS
from pagecache.measure.case import Row as Named
from pagecache.measure.events import PER_GIB, event_of
from pagecache.measure.verdict import verdict
from pagecache.printable import counted
from pagecache.report.numbers import NO_VALUE, digits, share, size, spread, times
from pagecache.results import NODE_BYTES, Interval, Result, slab_bytes

MOST_SPREAD = 10  # percent
MANY_NS = 99_950  # from here on the whole column is in the next unit
WITH_FOLIOS = 4  # rows whose folios are named under the table
MARKS = {"same": "=", "undecided": "~"}  # faster and slower show in the number
ASCII = box.Box("    \n    \n -- \n    \n    \n    \n    \n    \n", ascii=True)


@dataclass
class Row:
    """A design's results on one input, by event; joined designs share one."""

    names: list[str]
    order: int | str | None
    results: dict[str, Result] = field(default_factory=dict)

    @property
    def any(self) -> Result:
        return next(iter(self.results.values()))

    @property
    def title(self) -> str:
        forced = "" if self.order is None else f" @{self.order}"
        return ", ".join(self.names) + forced + self.readers

    @property
    def readers(self) -> str:
        """Of threads: the protocol they keep folios by, how many they are, who writes beside."""
        found = self.any
        if found.threads is None or not found.is_design:
            return ""
        writer = "" if found.writer is None else f" +{found.writer}"
        return f" {found.references} x{found.threads}{writer}"


@dataclass
class Panel:
    """One input: its rows and events, both in the order measured."""

    title: str
    events: list[str]
    rows: list[Row]

    @property
    def designs(self) -> list[Row]:
        """The rows that are designs, not those in parentheses."""
        return [row for row in self.rows if row.any.is_design]

    @property
    def kind(self) -> str:
        """The panel that results name: ``hugetlb``, ``files`` or ``mappings``."""
        return self.rows[0].any.panel

    def unit(self, event: str) -> tuple[str, float]:
        """The one unit that an event's column is shown in, and what makes it of nanoseconds."""
        found = (shown(row.results.get(event)) for row in self.rows)
        most = max((interval.median for interval in found if interval), default=0.0)
        per_gib = event_of(event).unit == PER_GIB
        if most < (MANY_NS * 1e3 if per_gib else MANY_NS):
            return ("us/GiB", 1e-3) if per_gib else ("ns", 1.0)
        return ("ms/GiB", 1e-6) if per_gib else ("us", 1e-3)

    def ratio_width(self, event: str) -> int:
        """Columns that the ratios of an event take, apart from the times' marks."""
        found = [row.results[event] for row in self.rows if event in row.results]
        return max([5, *(ratio_columns(result) for result in found)])

    def row(self, name: str) -> Row | None:
        """The row of a design as recorded, or of a name in parentheses."""
        found = (row for row in self.rows if name in row.names and row.order is None)
        return next(found, None)


def panels_of(results: Iterable[Result]) -> list[Panel]:
    """Group results by input; forced orders stand in the table of the input they were made of."""
    panels: dict[str, Panel] = {}
    rows: dict[tuple[str, str, object], Row] = {}
    for result in results:
        title = base_title(result)
        panel = panels.setdefault(title, Panel(title, [], []))
        if result.event not in panel.events:
            panel.events.append(result.event)
        key = (title, result.same_as or label(result), result.huge_order)
        if key not in rows:
            rows[key] = Row([result.design], result.order)
            panel.rows.append(rows[key])
        elif result.design not in rows[key].names and result.order == rows[key].order:
            rows[key].names.append(result.design)
        rows[key].results.setdefault(result.event, result)
    for panel in panels.values():
        panel.rows.sort(key=lambda row: not row.any.is_design)
    return list(panels.values())


def base_title(result: Result) -> str:
    """The input without the forced order."""
    return result.input.removesuffix(f" at order {result.order}")


def label(result: Result) -> str:
    """What the row of a result is called in one word."""
    if not result.is_design:
        return str(Named(result.design, result.order))
    how = result.threads, result.references, result.writer
    return str(Named(result.design, result.order, *how))


def table_of(panel: Panel, *, plain: bool) -> Table:
    """The table of one input, for `rich` to print at 100 columns."""
    table = Table(
        title=None,
        box=ASCII if plain else box.SIMPLE_HEAD,
        pad_edge=False,
        padding=0,
        show_edge=False,
        header_style="" if plain else "bold",
    )
    table.add_column("design\n", no_wrap=True)
    for head in ("nodes\n", "index\nKiB"):
        table.add_column(head, justify="right", no_wrap=True)
    for event in panel.events:
        unit, _ = panel.unit(event)
        heading = f"{event_of(event).column}\n{unit}     x"
        table.add_column(heading, justify="right", no_wrap=True)
    for row in panel.rows:
        style = None if plain or row.any.is_design else "dim"
        table.add_row(*cells(row, panel), style=style)
    return table


def cells(row: Row, panel: Panel) -> Iterator[str]:
    """The cells of one row."""
    yield row.title
    if row.any.is_design:
        yield f"{row.any.nodes:,}"
        yield digits(row.any.slab_bytes / 1024)
    else:
        yield from ("", "")
    for event in panel.events:
        yield cell(row.results.get(event), panel.unit(event)[1], panel.ratio_width(event))


def cell(result: Result | None, factor: float = 1.0, width: int = 5) -> str:
    """The median and its ratio to the baseline's: ``42.1   1.8``.

    ``?`` marks a median whose interval reaches further than 10 % to either side; ``=`` a ratio
    that is the same within 2 %, ``~`` one that is undecided.
    """
    if result is None:
        return NO_VALUE
    interval = shown(result)
    if interval is None:
        return NO_VALUE
    text = digits(interval.median * factor) + ("?" if is_spread(result) else " ")
    return f"{text}{ratio_text(result):>{width}}"


def is_spread(result: Result) -> bool:
    """Whether the interval reaches far to either side of what is shown."""
    interval = shown(result)
    return interval is not None and spread(interval) > MOST_SPREAD


def ratio_columns(result: Result) -> int:
    """Columns that a ratio takes beside its time: one more where nothing would part the two."""
    text = ratio_text(result)
    return len(text) + (is_spread(result) and not text.startswith(tuple(MARKS.values())))


def ratio_text(result: Result | None) -> str:
    """The ratio to the baseline's, marked by its verdict; nothing for the empty loop."""
    if result is None or result.ratio is None or result.design == HARNESS.design:
        return ""
    mark = "" if label(result) == result.baseline else MARKS.get(word_of(result) or "", "")
    return mark + times(result.ratio.median)


def word_of(result: Result) -> str | None:
    """The verdict; of results that have none yet, what their intervals say."""
    if result.design in (HARNESS.design, CLEARING.design) or result.ratio is None:
        return None
    return result.verdict or verdict(result.ratio)


def shown(result: Result | None) -> Interval | None:
    """The time that a cell shows: of an event, or of a GiB."""
    if result is None:
        return None
    return result.ns_per_gib if event_of(result.event).unit == PER_GIB else result.ns_per_event


def memory_line(panel: Panel) -> str:
    """What the struct pages take, which no index design changes."""
    result = panel.designs[0].any
    cached = result.pages << 12
    line = (
        f"{counted(result.pages, 'page')} of 4 KiB cached ({size(cached)}); struct pages "
        f"{size(result.struct_page_bytes)} ({share(result.struct_page_bytes, cached)})"
    )
    if result.struct_page_bytes_optimised != result.struct_page_bytes:
        line += f", {size(result.struct_page_bytes_optimised)} with the vmemmap optimisation"
    folios = ", ".join(f"{row.any.folios:,} in {row.title}" for row in panel.designs[:WITH_FOLIOS])
    if len({row.any.folios for row in panel.designs}) == 1:
        folios = f"{result.folios:,}"
    slots = ", ".join(filter(None, map(slots_a_folio, panel.designs[:WITH_FOLIOS])))
    return (
        f"{line}; folios: {folios}; slots a folio: {slots or NO_VALUE}; index bytes are nodes x "
        f"{node_bytes(panel)}"
    )


def node_bytes(panel: Panel) -> str:
    """What a node takes, with its share of the slab; by design where nodes differ in width."""
    widths = {
        slab_bytes(row.any.node_bytes): row
        for row in reversed(panel.designs)
        if row.any.node_bytes is not None
    }
    if len(widths) < 2:
        return f"{min(widths, default=slab_bytes(NODE_BYTES)):.1f}"
    return ", ".join(f"{each:,.1f} in {row.title}" for each, row in sorted(widths.items()))


def slots_a_folio(row: Row) -> str | None:
    """How many slots are written to insert one, on average; None if they were not counted."""
    if not row.any.slots:
        return None
    return f"{digits(row.any.slots / row.any.folios).removesuffix('.00')} in {row.title}"
