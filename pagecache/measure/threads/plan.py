"""From what a user asks for to cases of threads; all that is wrong with it is said here."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pagecache.errors import InputError
from pagecache.inputs import format_size, parse_size
from pagecache.measure.events import find_events
from pagecache.measure.plan import Options, size_cases
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
    size = SIZE if size is None else size
    plain = replace(options, designs=options.designs or DESIGNS, events=None, pattern="uniform")
    (sized,) = size_cases(size, plain)
    if not sized.backed or sized.optimised:
        raise InputError("--threads: the struct pages do not fit in memory; give a smaller --size")
    cpus = checked_cpus(asked.cpus)
    threads = checked_threads(asked.threads or usual_threads(len(cpus)))
    title = f"{options.pattern} {format_size(parse_size(size))} by threads"
    found = ThreadCase(
        "threads",
        title,
        sized.spec,
        tuple(replace(row, threads=number) for row in sized.rows for number in threads),
        ("get",) if options.events is None else find_events(options.events, THREAD_EVENTS),
        replace(sized.baseline, threads=1),
        rounds=sized.rounds,
        doubts=(*sized.doubts, *doubts_of_cpus(title, cpus, max(threads))),
        huge_order=sized.huge_order,
        fill=sized.fill,
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
