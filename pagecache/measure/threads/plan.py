"""From what a user asks for to cases of threads; all that is wrong with it is said here."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pagecache import designs
from pagecache.designs.matrix import USUAL, references_unfit
from pagecache.errors import InputError
from pagecache.inputs import format_size, parse_size
from pagecache.measure.bench import IndexCase
from pagecache.measure.case import Row
from pagecache.measure.events import find_events
from pagecache.measure.plan import Options, size_cases
from pagecache.measure.threads.bench import THREAD_EVENTS, ThreadCase
from pagecache.measure.threads.cpus import (
    checked_cpus,
    doubts_of_cpus,
    shared_by,
    usual_threads,
)
from pagecache.page.protocols import find_protocols

DESIGNS = ("base-4k", "thp-multi")
SIZE = "2G"
MOST = 64  # threads


@dataclass(frozen=True)
class Threads:
    """What was asked of threads; None where nothing was said."""

    threads: tuple[int, ...] | None = None
    cpus: str | None = None
    references: tuple[str, ...] | None = None

    @property
    def asked(self) -> bool:
        """Whether anything was."""
        return any(each is not None for each in (self.threads, self.cpus, self.references))


def thread_cases(
    asked: Threads, options: Options, *, size: str | int | None = None
) -> list[ThreadCase]:
    """One generated file, read by each number of threads."""
    size = SIZE if size is None else size
    plain = replace(options, designs=options.designs or DESIGNS, events=None, pattern="uniform")
    (sized,) = size_cases(size, plain)
    if not sized.backed or sized.optimised:
        raise InputError("--threads: the struct pages do not fit in memory; give a smaller --size")
    cpus = checked_cpus(asked.cpus)
    threads = checked_threads(asked.threads or usual_threads(len(cpus)))
    title = f"{options.pattern} {format_size(parse_size(size))} by threads"
    rows, left_out = rows_of(sized, asked.references, threads)
    found = ThreadCase(
        "threads",
        title,
        sized.spec,
        rows,
        ("get",) if options.events is None else find_events(options.events, THREAD_EVENTS),
        next((row for row in rows if row.alone == sized.baseline), rows[0]),
        rounds=sized.rounds,
        doubts=(*sized.doubts, *left_out, *doubts_of_cpus(title, cpus, max(threads))),
        huge_order=sized.huge_order,
        fill=sized.fill,
        pattern=options.pattern,
        cpus=cpus,
        processors=shared_by(cpus[: max(threads)]),
    )
    return [found]


def rows_of(
    sized: IndexCase, asked: tuple[str, ...] | None, threads: Sequence[int]
) -> tuple[tuple[Row, ...], list[str]]:
    """A row for each design, order, protocol that fits and number of threads; what does not fit."""
    names = [each.name for each in find_protocols((USUAL,) if asked is None else asked)]
    rows, left_out = list[Row](), list[str]()
    for row, name in ((row, name) for row in sized.rows for name in names):
        why = unfit(row, name, sized.huge_order)
        if why is None:
            rows += [replace(row, threads=number, references=name) for number in threads]
        else:
            left_out.append(f"{row} with --references {name} was left out: {why}.")
    if not rows:
        raise InputError(f"--references: {left_out[0].removesuffix('.')}; give cas")
    return tuple(rows), left_out


def unfit(row: Row, name: str, huge_order: int) -> str | None:
    """Why a protocol does not go with a row, in words; None if it does."""
    design = designs.find(row.design)
    order = huge_order if row.order is None else int(row.order)
    return references_unfit(design, name, min(order, max(design.orders_for(huge_order))))


def checked_threads(threads: Sequence[int]) -> tuple[int, ...]:
    """The numbers of threads in ascending order, each once; one thread too, which all scale to."""
    for number in threads:
        if not 1 <= number <= MOST:
            raise InputError(f"--threads: {number} is out of range; give 1 to {MOST}")
    return tuple(sorted({1, *threads}))
