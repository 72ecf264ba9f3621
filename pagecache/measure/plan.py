"""From what a user asks for to cases; all that is wrong with it is said here, before any work."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pagecache import designs
from pagecache.errors import InputError
from pagecache.inputs import (
    PAGE_SIZE,
    Input,
    Trace,
    bundled_path,
    files_input,
    format_size,
    generate,
    parse_size,
    read_trace,
    scan,
)
from pagecache.measure.bench import IndexCase
from pagecache.measure.case import LARGEST, Row
from pagecache.measure.events import FILE_EVENTS, HUGETLB_EVENTS, find_events
from pagecache.measure.need import (
    BASE_BYTES,
    FOLIO_BYTES,
    check_fits,
    check_input_fits,
    check_need,
    check_struct_pages,
    fits_optimised,
)

HUGETLB = ("hugetlb-huge", "hugetlb-4k-slots", "hugetlb-4k-multi")
FILES = ("base-4k", "thp-slots-subpage", "thp-slots-head", "thp-multi")
FORCED_ORDERS = (0, 2, 4, 5, 9)
DEFAULT_SIZES = ("2G", "100G")
DEFAULT_TRACE = "sha256sum_400mb"
HUGE_PAGES = {"2M": 9, "1G": 18}


@dataclass(frozen=True)
class Options:
    """What was asked for; None where nothing was said."""

    designs: tuple[str, ...] | None = None
    events: tuple[str, ...] | None = None
    huge_page: str = "2M"
    pattern: str = "uniform"
    baseline: str | None = None
    fill: str = "per-leaf"
    orders: tuple[int, ...] | None = None
    rounds: int | None = None
    seed: int = 0

    @property
    def huge_order(self) -> int:
        if self.huge_page not in HUGE_PAGES:
            raise InputError(f"--huge-page: {self.huge_page!r} is unknown; give 2M or 1G")
        return HUGE_PAGES[self.huge_page]


def default_cases(options: Options) -> list[IndexCase]:
    """Both panels: hugetlb files of two sizes, and a recorded trace as it is or at given orders."""
    check_baseline(options, HUGETLB + FILES)
    sized = replace(options, orders=None, baseline=among(options, HUGETLB))
    hugetlb = [case for size in DEFAULT_SIZES for case in size_cases(size, sized)]
    options = replace(
        options,
        baseline=among(options, FILES),
        orders=() if options.orders is None else options.orders,
    )
    return hugetlb + trace_cases(read_trace(bundled_path(DEFAULT_TRACE)), options)


def size_cases(size: str | int, options: Options) -> list[IndexCase]:
    """A generated file of one size: of huge pages, or of folios of each order asked for."""
    pages = -(-parse_size(size) // PAGE_SIZE)
    if options.orders is not None:
        return [sized_at_orders(pages, options.orders, options)]
    names = chosen(options, HUGETLB)
    order = options.huge_order
    check_huge_page(pages, order, options)
    backed = check_fits(names, pages, order)
    if not backed:
        check_struct_pages(list(map(Row, names)), "--size", "a smaller --size")
    source = generate(options.pattern, pages, order, options.seed)
    case = make_case(source, list(map(Row, names)), options, backed=backed)
    if not backed and fits_optimised(names, pages, order):
        case = replace(case, backed=True, optimised=True)
    return [case]


def check_huge_page(pages: int, order: int, options: Options) -> None:
    if 1 << order > pages:
        raise InputError(
            f"--huge-page: {options.huge_page} is larger than the file of "
            f"{format_size(pages * PAGE_SIZE)}; give a larger --size"
        )


def sized_at_orders(pages: int, orders: Sequence[int], options: Options) -> IndexCase:
    """A generated file at forced orders; designs that cannot be forced hold what they can."""
    names, largest = chosen(options, FILES), max(orders)
    if 1 << largest > pages:
        raise InputError(
            f"--orders: a folio of order {largest} is larger than the file of "
            f"{format_size(pages * PAGE_SIZE)}; give a larger --size"
        )
    check_need(BASE_BYTES + (pages >> largest) * FOLIO_BYTES, names, "--size", "a smaller --size")
    rows = [row for order in orders for row in rows_at(order, names, options)]
    forced = {row.design for row in rows if row.order is not None}
    rows = [row for row in rows if row.order is not None or row.design not in forced]
    source = generate(options.pattern, pages, largest, options.seed)
    return fitting_case(source, list(dict.fromkeys(rows)), options, "--size", "a smaller --size")


def rows_at(order: int, names: Sequence[str], options: Options) -> list[Row]:
    """A row a design, at the order if it can be forced; InputError if none takes the order."""
    if all(order not in designs.find(name).orders_for(options.huge_order) for name in names):
        raise InputError(f"--orders: none of {', '.join(names)} takes folios of order {order}")
    return [Row(name, order if takes(name, order, options) else None) for name in names]


def trace_cases(trace: Trace, options: Options) -> list[IndexCase]:
    """What a trace leaves cached: as recorded, and at forced orders."""
    return input_cases(trace.input(), options)


def files_cases(paths: Sequence[str | Path], options: Options) -> list[IndexCase]:
    """The holes and resident pages of files that the user names."""
    return input_cases(files_input(scan(paths)), options, largest=True)


def input_cases(source: Input, options: Options, *, largest: bool = False) -> list[IndexCase]:
    """One input as it is and at forced orders, for those designs that take them."""
    names = chosen(options, FILES)
    orders: list[int | str] = [LARGEST] if largest else []
    orders += FORCED_ORDERS if options.orders is None else options.orders
    rows = list(map(Row, names))
    for order in orders:
        taking = [name for name in names if takes(name, order, options)]
        if options.orders is not None and not taking:
            raise InputError(f"--orders: none of {', '.join(names)} takes folios of order {order}")
        rows += [Row(name, order) for name in taking]
    option, remedy = ("FILE", "fewer files") if largest else ("--trace", "a smaller --trace")
    return [fitting_case(source, rows, options, option, remedy)]


def fitting_case(
    source: Input, rows: Sequence[Row], options: Options, option: str, remedy: str
) -> IndexCase:
    """The case of an input in these rows, with struct pages if they fit in memory."""
    backed = check_input_fits(rows, source, options.huge_order, option, remedy)
    if not backed:
        check_struct_pages(rows, option, remedy)
    return make_case(source, rows, options, backed=backed)


def takes(name: str, order: int | str, options: Options) -> bool:
    """Whether a design has a row of its own at this forced order."""
    design = designs.find(name)
    if order == LARGEST:
        return design.sizes_follow
    return design.can_force(order, options.huge_order)


def make_case(source: Input, rows: Sequence[Row], options: Options, *, backed: bool) -> IndexCase:
    """The case, with the options that hold for all."""
    hugetlb = any(designs.find(row.design).huge_files for row in rows)
    panel = "hugetlb" if hugetlb else "files"
    usual = HUGETLB_EVENTS if panel == "hugetlb" else FILE_EVENTS
    case = IndexCase(
        panel,
        source.name,
        source.spec,
        tuple(rows),
        usual if options.events is None else find_events(options.events),
        next((row for row in rows if row.design == options.baseline), rows[0]),
        huge_order=options.huge_order,
        backed=backed,
        fill=options.fill,
        doubts=source.doubts,
    )
    return case if options.rounds is None else replace(case, rounds=options.rounds)


def chosen(options: Options, usual: tuple[str, ...]) -> tuple[str, ...]:
    """The designs asked for, or the usual ones; InputError for an unknown name or none."""
    names = usual if options.designs is None else options.designs
    if not names:
        raise InputError(f"--designs: none given; known: {', '.join(designs.names())}")
    for name in names:
        designs.find(name)
    check_baseline(options, names)
    return tuple(dict.fromkeys(names))


def check_baseline(options: Options, usual: Sequence[str]) -> None:
    baseline, names = options.baseline, options.designs or usual
    if baseline is not None and designs.find(baseline).name not in names:
        raise InputError(
            f"--baseline: {baseline} is not among the designs compared; add it to --designs"
        )


def among(options: Options, usual: Sequence[str]) -> str | None:
    """The baseline, for a panel that has it."""
    names = options.designs or usual
    return options.baseline if options.baseline in names else None
