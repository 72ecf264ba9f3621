"""From what a user asks of mappings to cases; all that is wrong with it is said here."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pagecache import designs
from pagecache.allocation.arguments import pages, parse_fragment, parse_share
from pagecache.allocation.memory import Memory
from pagecache.allocation.registry import POLICIES
from pagecache.errors import InputError
from pagecache.inputs import PAGE_SIZE, format_size, generate_holes, parse_size
from pagecache.inputs.files import FileResidency, scan_named
from pagecache.mapping.file import File, block_of
from pagecache.mapping.parts import SPARE_PAGES
from pagecache.measure.case import Row
from pagecache.measure.choices import KNOWN, Choice, Setting, check_names, cross, labels
from pagecache.measure.events import MAPPING_EVENTS, find_events
from pagecache.measure.mapping_bench import MappingCase
from pagecache.measure.need import BASE_BYTES, check_need
from pagecache.measure.plan import Options
from pagecache.page.descriptors import STRUCT_PAGE_BYTES

DESIGNS = ("thp-multi",)
DEFAULT_SIZE = "256M"
DEFAULT_SHARE = "50%"
MOST_PAGES = 1 << 24  # 64 GiB: what each page holds is checked, one by one
BUDDY_BYTES = 2  # a frame, of bookkeeping
PAGE_BYTES = 64  # a page of the file, of lists and of what is checked against


@dataclass(frozen=True)
class Crossing:
    """What was asked for of mappings; None where nothing was said."""

    holes: tuple[str, ...] | None = None
    alloc: tuple[str, ...] | None = None
    entries: tuple[str, ...] | None = None
    block: tuple[str, ...] | None = None
    hole_share: str | float | None = None
    memory: str | int | None = None
    fragment: str | None = None

    @property
    def asked(self) -> bool:
        """Whether to measure mappings; InputError for options that only they have."""
        if any(given is not None for given in (self.holes, self.alloc, self.entries, self.block)):
            return True
        for name in ("hole_share", "memory", "fragment"):
            if getattr(self, name) is not None:
                raise InputError(
                    f"--{name.replace('_', '-')}: it is for mappings; "
                    "give --holes, --alloc, --entries or --block too"
                )
        return False


def crossed_cases(
    crossing: Crossing,
    options: Options,
    *,
    size: str | int | None = None,
    files: Sequence[str | Path] = (),
) -> list[MappingCase]:
    """A case for each file: every combination that fits is a row."""
    check_options(options)
    fit, left_out = cross(asked_names(crossing, options))
    notes = tuple(f"{' '.join(c.to_dict().values())} is left out: {why}." for c, why in left_out)
    if not files:
        settings = [generated(DEFAULT_SIZE if size is None else size, crossing, options, fit)]
    elif crossing.hole_share is not None:
        raise InputError("--hole-share: FILE has holes of its own; give --size instead")
    else:
        found, left_names = scan_named(files)
        notes += left_names
        settings = [scanned(one, crossing, options.seed) for one in found]
    rows, option = labels(fit), "FILE" if files else "--size"
    for _, made in settings:
        check_room(made, list(rows), option)
    return [replace(case_of(title, made, rows, options), doubts=notes) for title, made in settings]


def check_options(options: Options) -> None:
    """InputError for what only bare indexes have."""
    if options.orders is not None:
        raise InputError("--orders: it forces the folios of bare indexes; a mapping makes its own")
    usual = Options()
    for name in ("pattern", "huge_page", "fill"):
        if getattr(options, name) != getattr(usual, name):
            option = name.replace("_", "-")
            raise InputError(f"--{option}: it is for bare indexes; leave it out for mappings")


def asked_names(crossing: Crossing, options: Options) -> dict[str, Sequence[str]]:
    """The names of each choice; InputError for an unknown one."""
    usual = Choice()
    given = DESIGNS if options.designs is None else options.designs
    check_names("--designs", "design", given, designs.names())
    asked: dict[str, Sequence[str]] = {"design": given}
    known = {**KNOWN, "alloc": tuple(POLICIES)}
    words = {"holes": "hole policy", "alloc": "policy", "entries": "kind of entries"}
    for what, word in words.items():
        named = getattr(crossing, what)
        if named is not None:
            check_names(f"--{what}", word, named, known[what])
        asked[what] = (getattr(usual, what),) if named is None else named
    asked["block"] = blocks(crossing.block)
    return asked


def blocks(given: tuple[str, ...] | None) -> tuple[str, ...]:
    """Sizes of block as labels have them: 4K, 64K, 2M."""
    if given is None:
        return (Choice().block,)
    if not given:
        raise InputError("--block: none given; write 4K, 16K or 64K")
    try:
        orders = [block_of(block, huge=False) for block in given]
    except InputError as error:
        raise InputError(f"--{str(error).removeprefix('--')}") from None
    return tuple(format_size(PAGE_SIZE << order).replace(" ", "")[:-2] for order in orders)


def generated(
    size: str | int, crossing: Crossing, options: Options, fit: Sequence[Choice]
) -> tuple[str, Setting]:
    """A file with holes drawn from the seed, none of which a block of any row cuts off."""
    given = parse_size(size)
    check_pages(given, "--size")
    asked = DEFAULT_SHARE if crossing.hole_share is None else crossing.hole_share
    share = parse_share(asked, "--hole-share")
    largest = max(1 << block_of(choice.block, huge=False) for choice in fit)
    unit = max(16, largest)
    holes = generate_holes(given // PAGE_SIZE, share, unit=unit, seed=options.seed)
    runs = [(first * PAGE_SIZE, count * PAGE_SIZE) for first, count in holes.tolist()]
    title = f"{format_size(given)}, {100 * share:.3g} % hole"
    return setting(title, given, runs, crossing, options.seed)


def scanned(found: FileResidency, crossing: Crossing, seed: int) -> tuple[str, Setting]:
    """A real file with the holes that it has."""
    path, file = found.path, File.of(found)
    if not file.size:
        raise InputError(f"{path}: it is empty; name a file with a size")
    check_pages(file.size, path)
    runs, at = [], 0
    for first, count, _ in [*file.extents.runs(), (file.pages, 0, "")]:
        if first > at:
            runs.append((at * PAGE_SIZE, min(first * PAGE_SIZE, file.size) - at * PAGE_SIZE))
        at = first + count
    return setting(Path(path).name, file.size, runs, crossing, seed)


def setting(
    title: str, size: int, runs: list[tuple[int, int]], crossing: Crossing, seed: int
) -> tuple[str, Setting]:
    """The file with its memory: what is given, or room for all of it."""
    fragment: list[str | int | float] | None = None
    if crossing.fragment is not None:
        fragment = list(parse_fragment(crossing.fragment, "--fragment"))
    if crossing.memory is not None:
        frames = pages(crossing.memory, "--memory")
        title += f", memory {format_size(frames * PAGE_SIZE)}"
    else:
        wanted = (-(-size // PAGE_SIZE)) * (2 if fragment else 1) + SPARE_PAGES
        frames = -(-wanted >> 10 << 10)
    if fragment:
        check_fragment(fragment, seed)
        title += f", {crossing.fragment}"
    return title, Setting(size, [list(run) for run in runs], frames * PAGE_SIZE, fragment)


def case_of(title: str, made: Setting, rows: dict[str, Choice], options: Options) -> MappingCase:
    """The case, its rows by their labels."""
    if options.baseline is not None and options.baseline not in rows:
        raise InputError(f"--baseline: {options.baseline} is not among the rows: {', '.join(rows)}")
    events = options.events
    return MappingCase(
        "mappings",
        title,
        made.to_dict(),
        tuple(map(Row, rows)),
        tuple(MAPPING_EVENTS) if events is None else find_events(events, MAPPING_EVENTS),
        Row(options.baseline or next(iter(rows))),
        rounds=5 if options.rounds is None else options.rounds,
        chosen={label: choice.to_dict() for label, choice in rows.items()},
    )


def check_pages(size: int, option: str) -> None:
    if size > MOST_PAGES * PAGE_SIZE:
        raise InputError(f"{option}: mappings are measured up to 64 GiB; give a smaller file")


def check_room(made: Setting, rows: list[str], option: str) -> None:
    """InputError unless every row's memory fits into this machine's."""
    each = made.memory // PAGE_SIZE * (STRUCT_PAGE_BYTES + BUDDY_BYTES)
    need = BASE_BYTES + (len(rows) + 1) * each + made.pages * PAGE_BYTES * 4
    check_need(need, rows, "--memory" if made.memory > 2 * made.size else option, "a smaller one")


def check_fragment(fragment: list[str | int | float], seed: int) -> None:
    """InputError unless a memory takes it: tried on a small one."""
    pattern, k, share = fragment
    try:
        Memory("16M", min_free=0).fragment(str(pattern), k=int(k), share=float(share), seed=seed)
    except ValueError as error:
        raise InputError(f"--fragment: {error}") from None
