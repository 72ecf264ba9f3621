"""From what a user asks for to cases of threads; all that is wrong with it is said here."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pagecache.designs.matrix import USUAL
from pagecache.errors import InputError
from pagecache.inputs import format_size, parse_size
from pagecache.measure.bench import IndexCase
from pagecache.measure.case import Row
from pagecache.measure.events import find_events
from pagecache.measure.plan import Options, size_cases
from pagecache.measure.threads.bench import THREAD_EVENTS, ThreadCase, unfit
from pagecache.measure.threads.cpus import (
    checked_cpus,
    doubts_of_cpus,
    shared_by,
    usual_threads,
)
from pagecache.measure.threads.writers import Asked
from pagecache.page.protocols import find_protocols

DESIGNS = ("base-4k", "thp-multi")
SIZE = "2G"
MOST = 64  # threads
USUAL_PATTERNS = ("hot-2M", "uniform")
USUAL_ROUNDS = 2


@dataclass(frozen=True)
class Threads:
    """What was asked of threads; None where nothing was said."""

    threads: tuple[int, ...] | None = None
    cpus: str | None = None
    references: tuple[str, ...] | None = None
    writer: str | None = None
    usual: bool = False  # whether they belong to the usual comparison too

    @property
    def asked(self) -> bool:
        """Whether anything was."""
        given = self.threads, self.cpus, self.references, self.writer
        return any(each is not None for each in given)


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
    rows = rows_of(sized, asked, threads)
    fit = [row for row in rows if unfit(row, sized.huge_order) is None]
    most = max(threads) + (asked.writer is not None)
    found = ThreadCase(
        "threads",
        title,
        sized.spec,
        rows,
        events_of(asked, options),
        next((row for row in fit if row.alone == sized.baseline), fit[0]),
        rounds=sized.rounds,
        doubts=(*sized.doubts, *doubts_of_cpus(title, cpus, most)),
        huge_order=sized.huge_order,
        fill=sized.fill,
        pattern=options.pattern,
        cpus=cpus,
        processors=shared_by(cpus[:most]),
    )
    return [found]


def usual_cases(options: Options, cpus: Sequence[int]) -> list[ThreadCase]:
    """What the usual comparison has of threads: a hot 2 MiB and all of a file, by one and by two.

    Nothing where something else was asked for, or where two threads would share a processor.
    """
    asked = options.designs, options.events, options.orders, options.baseline
    if len(cpus) < 2 or any(each is not None for each in asked):
        return []
    few = replace(options, rounds=options.rounds or USUAL_ROUNDS)
    return [
        case
        for pattern in USUAL_PATTERNS
        for case in thread_cases(Threads((1, 2)), replace(few, pattern=pattern))
    ]


def rows_of(sized: IndexCase, asked: Threads, threads: Sequence[int]) -> tuple[Row, ...]:
    """A row for each design, order, protocol and number of threads, alone and beside the writer."""
    protocols = find_protocols(asked.references or (USUAL,))
    writer = None if asked.writer is None else str(Asked.parse(asked.writer))
    rows = tuple(
        replace(row, threads=number, references=protocol.name, writer=beside)
        for row in sized.rows
        for protocol in protocols
        for beside in dict.fromkeys((None, writer))
        for number in threads
    )
    reasons = [unfit(row, sized.huge_order) for row in rows if row.writer == writer]
    if all(reasons):
        option = "--references" if writer is None else "--writer"
        raise InputError(f"{option}: {rows[0].alone}: {reasons[0]}; give other --designs")
    return rows


def events_of(asked: Threads, options: Options) -> tuple[str, ...]:
    """What is timed; beside a writer gets, whose answers it leaves as they are."""
    left_out = "index-load" if asked.writer is not None else None
    events = {name: event for name, event in THREAD_EVENTS.items() if name != left_out}
    return ("get",) if options.events is None else find_events(options.events, events)


def checked_threads(threads: Sequence[int]) -> tuple[int, ...]:
    """The numbers of threads in ascending order, each once; one thread too, which all scale to."""
    for number in threads:
        if not 1 <= number <= MOST:
            raise InputError(f"--threads: {number} is out of range; give 1 to {MOST}")
    return tuple(sorted({1, *threads}))
