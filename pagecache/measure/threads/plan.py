"""From what a user asks for to cases of threads; all that is wrong with it is said here."""

from collections.abc import Sequence
from dataclasses import dataclass

from pagecache import designs
from pagecache.errors import InputError
from pagecache.inputs import PAGE_SIZE, format_size, generate, parse_size
from pagecache.measure.case import Row
from pagecache.measure.events import find_events
from pagecache.measure.need import check_fits
from pagecache.measure.plan import Options, check_huge_page, chosen
from pagecache.measure.threads.bench import THREAD_EVENTS, ThreadCase
from pagecache.measure.threads.cpus import (
    checked_cpus,
    doubts_of_cpus,
    shared_by,
    usual_threads,
)

DESIGNS = ("base-4k", "thp-multi")
SIZE = "2G"
MOST = 64  # threads


@dataclass(frozen=True)
class Threads:
    """What was asked of threads; None where nothing was said."""

    threads: tuple[int, ...] | None = None
    cpus: str | None = None

    @property
    def asked(self) -> bool:
        """Whether anything was."""
        return self.threads is not None or self.cpus is not None


def thread_cases(
    asked: Threads, options: Options, *, size: str | int | None = None
) -> list[ThreadCase]:
    """One generated file, read by each number of threads."""
    if options.orders is not None:
        raise InputError("--orders: it forces the folios of a trace or files; threads read neither")
    pages = -(-parse_size(SIZE if size is None else size) // PAGE_SIZE)
    names = chosen(options, DESIGNS)
    check_huge_page(pages, options.huge_order, options)
    if not check_fits(names, pages, options.huge_order):
        raise InputError("--threads: the struct pages do not fit in memory; give a smaller --size")
    cpus = checked_cpus(asked.cpus)
    threads = checked_threads(asked.threads or usual_threads(len(cpus)))
    source = generate("uniform", pages, options.huge_order, options.seed)
    title = f"{options.pattern} {format_size(pages * PAGE_SIZE)} by threads"
    baseline = designs.find(options.baseline or names[0]).name
    found = ThreadCase(
        "threads",
        title,
        source.spec,
        tuple(Row(name, threads=number) for name in names for number in threads),
        ("get",) if options.events is None else find_events(options.events, THREAD_EVENTS),
        Row(baseline, threads=min(threads)),
        rounds=5 if options.rounds is None else options.rounds,
        doubts=(*source.doubts, *doubts_of_cpus(title, cpus, max(threads))),
        huge_order=options.huge_order,
        fill=options.fill,
        pattern=options.pattern,
        cpus=cpus,
        processors=shared_by(cpus[: max(threads)]),
    )
    return [found]


def checked_threads(threads: Sequence[int]) -> tuple[int, ...]:
    """The numbers of threads in ascending order, each once; one thread too, which all scale to."""
    for number in threads:
        if not 1 <= number <= MOST:
            raise InputError(f"--threads: {number} is out of range; give 1 to {MOST}")
    return tuple(sorted({1, *threads}))
