"""`pagecache.compare`: cases are made of what is asked for, measured, and the results shown."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple, Never

from pagecache.errors import InputError, check_renamed
from pagecache.inputs import PATTERNS, read_trace
from pagecache.measure.case import Case
from pagecache.measure.counting.count import DEFAULT_SIZE, count
from pagecache.measure.crossed_plan import Crossing, crossed_cases
from pagecache.measure.plan import Options, default_cases, files_cases, size_cases, trace_cases
from pagecache.measure.probe import CAN_FLUSH
from pagecache.measure.runner import DEFAULT_SECONDS, PRECISE_SECONDS, Progress, measure
from pagecache.measure.threads.cpus import checked_cpus
from pagecache.measure.threads.patterns import PATTERNS as THREAD_PATTERNS
from pagecache.measure.threads.plan import Threads, thread_cases, usual_cases
from pagecache.report.comparison import Comparison
from pagecache.results import Results

CACHES = ("hot", "after-copy", "cold")
POOLS = ("fresh", "aged")


class Reading(NamedTuple):
    """How a trace is read: in a format that was asked for, and who is told how far it is."""

    format: str | None = None
    progress: Callable[[int, int], None] | None = None


def plan(
    options: Options,
    *,
    size: str | int | None = None,
    trace: str | Path | None = None,
    files: Sequence[str | Path] = (),
    crossing: Crossing | None = None,
    reading: Reading | None = None,
    threads: Threads | None = None,
) -> Sequence[Case]:
    """The cases for one kind of input, or for the usual ones if none is given."""
    given = [
        what for what, value in (("--size", size), ("--trace", trace), ("FILE", files)) if value
    ]
    if size is not None and not given:
        given = ["--size"]
    if reading is not None and reading.format is not None and trace is None:
        raise InputError("--format: it says how to read a --trace; give one")
    if len(given) > 1:
        raise InputError(f"{' and '.join(given)} do not go together; give one of them")
    if threads is not None and threads.asked:
        if trace is not None or files or (crossing is not None and crossing.asked):
            raise InputError("--threads: they read a generated file; give --size and --designs")
        return thread_cases(threads, options, size=size)
    if crossing is not None and crossing.asked:
        if trace is not None:
            raise InputError("--trace: it says nothing of holes; give mappings --size or FILE")
        return crossed_cases(crossing, options, size=size, files=files)
    if size is not None:
        return size_cases(size, options)
    if trace is not None:
        reading = Reading() if reading is None else reading
        found = read_trace(trace, format=reading.format, progress=reading.progress)
        return trace_cases(found, options)
    if files:
        return files_cases(files, options)
    beside = (
        [] if threads is None or not threads.usual else usual_cases(options, checked_cpus(None))
    )
    return [*default_cases(options), *beside]


def compare(
    designs: Iterable[str] | None = None,
    *,
    size: str | int | None = None,
    trace: str | Path | None = None,
    format: str | None = None,
    files: Sequence[str | Path] = (),
    events: Iterable[str] | None = None,
    huge_page: str = "2M",
    pattern: str = "uniform",
    orders: Iterable[int] | None = None,
    baseline: str | None = None,
    holes: Iterable[str] | None = None,
    alloc: Iterable[str] | None = None,
    entries: Iterable[str] | None = None,
    block: Iterable[str] | None = None,
    hole_share: str | float | None = None,
    memory: str | int | None = None,
    fragment: str | None = None,
    threads: Iterable[int] | None = None,
    cpus: str | None = None,
    references: Iterable[str] | None = None,
    writer: str | None = None,
    fill: str = "per-leaf",
    caches: str = "hot",
    pool: str = "fresh",
    counts: bool = False,
    rounds: int | None = None,
    processes: int | None = None,
    seconds: float | None = None,
    precision: float | None = None,
    seed: int = 0,
    on_record: Progress = lambda record: None,
    **gone: Never,
) -> Comparison:
    """Measure designs of a page-cache index side by side, or whole mappings.

    With any of `holes`, `alloc`, `entries` and `block`, every combination of these and of the
    designs that fits is a row: one file's page cache, filled, read, written and truncated.

    Parameters
    ----------
    designs : iterable of str, optional
        Names of `pagecache.designs.names()`; the usual ones of the input if none are given.
    size : str or int, optional
        A generated file, ``"2G"`` or bytes.
    trace : path, optional
        A recorded trace, in any format of `pagecache.inputs.formats`.
    format : str, optional
        Of a trace of bare numbers, which is not recognised: see `pagecache.inputs.read_trace`.
    files : sequence of paths, optional
        Files whose holes and resident pages to take.  With none of the three, hugetlb files of
        2 and 100 GiB and a recorded trace.
    events : iterable of str, optional
        What to time; see `pagecache.measure.events.EVENTS`, and `COPIES` for threads.
    huge_page : {"2M", "1G"}
    pattern : str
        How a generated file is accessed: sequential, uniform, zipf, strided, sparse or hot-2M;
        by threads hot-4K, hot-2M (one page, or one 2 MiB, that all of them share), uniform or zipf.
    orders : iterable of int, optional
        Folio orders that the input is forced to; if not given, a generated file has huge pages,
        and a trace or files are held as they are and at 0, 2, 4, 5 and 9.
    baseline : str, optional
        The design that ratios are made to, of mappings the row; the first if not given.
    holes : iterable of str, optional
        Hole policies: zero-pages, zero-entries, no-entry.
    alloc : iterable of str, optional
        Names of `pagecache.allocation.names()`.
    entries : iterable of str, optional
        pointers, pfns.
    block : iterable of str, optional
        Blocks of the filesystem, ``"4K"`` to ``"2M"``.
    hole_share : str or float, optional
        How much of a generated file is hole, ``"50%"`` if not given.
    memory : str or int, optional
        Memory that frames come from; room for all of the file if not given.
    fragment : str, optional
        How it is scattered, ``"keep-one-of:8:80%"``: a pattern of `pagecache.Memory.fragment`,
        its `k` and `share`.
    threads : iterable of int, optional
        How many threads look pages up at the same time, pinned and without the GIL; ``[1, 2]``. One
        thread is always measured, since scaling is to its throughput.
    cpus : str, optional
        Processors that the threads are pinned to, in this order: ``"0,1"`` or ``"0-3"``. If not
        given, those of one memory node, a core's siblings last.
    references : iterable of str, optional
        How threads keep the folios they look up: cas, assume-1, locked-bit, none, none-folio,
        striped. Where one does not go with a design's folios there is no time, and the reason.
    writer : str, optional
        What one more thread does beside them, so often a second: ``"erase@50000"``, or populate,
        truncate (2 MiB), split (order 9); ``"erase@max"`` without a pause. Each change is undone.
    fill : {"per-leaf", "per-slot"}
        How slot layouts fill their slots.
    caches : {"hot", "after-copy", "cold"}
        State of the processor's caches at each lookup (`cold`: at the start of each list).
    pool : {"fresh", "aged"}
        Whether nodes lie in order or shuffled, as after a long run.
    counts : bool
        Count what each event does instead of timing it: slots, cache lines, references and, where
        callgrind is installed, instructions. Without an input, in a file of 20 MiB.
    rounds, processes, seed : int
        How often to measure.  Intervals are of processes, whose medians they keep; if no number
        is given there are 6 to 12, as many as the time allows by the first.
    seconds : float, optional
        Time for all processes; 34 if not given, 600 with a precision.
    precision : float, optional
        Go on until the interval of every ratio reaches no further than that from its median (0.02:
        2 %), or the time is over; `processes` is then the most of them.

    Returns
    -------
    Comparison
        ``.results``, ``.meta``, ``.to_dict()``, ``.to_pandas()``.

    Raises
    ------
    InputError
        For anything that cannot be measured, before it begins.

    Examples
    --------
    >>> import pagecache as pc
    >>> found = pc.compare(["hugetlb-huge", "hugetlb-4k-multi"], size="64M", events=["get"],
    ...                    rounds=1, processes=1)
    >>> [(result.design, result.nodes) for result in found if result.is_design]
    [('hugetlb-huge', 1), ('hugetlb-4k-multi', 5)]
    >>> found = pc.compare(holes=["zero-pages", "zero-entries"], size="16M", hole_share=1,
    ...                    events=["fill"], rounds=1, processes=1)
    >>> [(result.design, result.pages, result.nodes) for result in found if result.is_design]
    [('thp-multi zero-pages', 4096, 65), ('thp-multi zero-entries', 0, 1)]
    >>> found = pc.compare(["base-4k"], size="4M", threads=[1, 2], rounds=1, processes=1)
    >>> [(result.design, result.threads) for result in found if result.is_design]
    [('base-4k', 1), ('base-4k', 2)]
    """
    check_renamed("compare", gone, {"supply": "alloc"})
    reading_threads = asked_threads(threads, cpus, references, writer)
    options = Options(
        designs=several("--designs", designs),
        events=several("--events", events),
        huge_page=huge_page,
        pattern=check_pattern(pattern, reading_threads),
        baseline=baseline,
        fill=check_choice("--fill", fill, ("per-leaf", "per-slot")),
        orders=None if orders is None else tuple(orders),
        rounds=count_or_none("--rounds", rounds),
        seed=check_seed(seed),
    )
    lists = several_of(holes=holes, alloc=alloc, entries=entries, block=block)
    crossing = Crossing(**lists, hole_share=hole_share, memory=memory, fragment=fragment)
    size = DEFAULT_SIZE if counts and (size, trace, list(files)) == (None, None, []) else size
    asked: Any = {"crossing": check_caches(caches, crossing), "reading": told(format, on_record)}
    asked["threads"] = check_threads(reading_threads, counts=counts, pool=pool, caches=caches)
    cases = plan(options, size=size, trace=trace, files=files, **asked)
    if counts:
        return shown(count(cases, seed=seed))
    how: Any = {"seed": seed, "caches": caches, "precision": precision, "on_record": on_record}
    how |= {"aged": is_aged(pool), "seconds": check_seconds(seconds, precision)}
    how |= {"processes": count_or_none("--processes", processes), "all_rounds": rounds is not None}
    return shown(measure(cases, **how))


def shown(results: Results) -> Comparison:
    """Results that show themselves."""
    return Comparison(results.meta, results.results)


def told(format: str | None, on_record: Progress) -> Reading:
    """How a trace is read, and who hears how far it is."""
    return Reading(format, reporter(on_record))


def reporter(on_record: Progress) -> Callable[[int, int], None]:
    """Tells of bytes read as a record."""
    return lambda done, size: on_record({"kind": "reading", "bytes": done, "size": size})


def several(option: str, names: Iterable[str] | None) -> tuple[str, ...] | None:
    """The names as a tuple; InputError for one name that is no list."""
    if isinstance(names, str):
        raise InputError(f"{option}: {names!r} is one name; give a list, [{names!r}]")
    return None if names is None else tuple(names)


def several_of(**lists: Iterable[str] | None) -> dict[str, Any]:
    """`several` of each option."""
    return {name: several(f"--{name}", names) for name, names in lists.items()}


def check_choice(option: str, value: str, known: Sequence[str]) -> str:
    if value not in known:
        raise InputError(f"{option}: {value!r} is unknown; give {', '.join(known)}")
    return value


def asked_threads(
    threads: Iterable[int] | None,
    cpus: str | None,
    references: Iterable[str] | None,
    writer: str | None,
) -> Threads:
    numbers = None if threads is None else tuple(threads)
    return Threads(numbers, cpus, several("--references", references), writer)


def is_aged(pool: str) -> bool:
    return check_choice("--pool", pool, POOLS) == "aged"


def check_pattern(pattern: str, threads: Threads) -> str:
    known = THREAD_PATTERNS if threads.asked else tuple(PATTERNS)
    return check_choice("--pattern", pattern, known)


def check_threads(threads: Threads, *, counts: bool, pool: str, caches: str) -> Threads:
    """The threads asked for; InputError if something else does not go with them."""
    if threads.asked and caches != "hot":
        raise InputError(f"--caches: threads are measured hot, not {caches}; leave it out")
    if threads.asked and counts:
        raise InputError("--counts: they do not depend on --threads; leave one of them out")
    if threads.asked and pool == "aged":
        raise InputError("--pool: threads read fresh nodes, not aged; leave it out")
    return replace(threads, usual=caches == "hot" and pool == "fresh")


def check_caches(caches: str, crossing: Crossing) -> Crossing:
    """The crossing; InputError for a state of the caches that is not measured."""
    check_choice("--caches", caches, CACHES)
    if crossing.asked and caches != "hot":
        raise InputError(f"--caches: mappings are measured hot, not {caches}; leave it out")
    if caches == "cold" and not CAN_FLUSH:
        raise InputError("--caches: this processor has no way to empty its caches; give hot")
    return crossing


def count_or_none(option: str, value: int | None) -> int | None:
    return None if value is None else check_count(option, value)


def check_count(option: str, value: int) -> int:
    if value < 1:
        raise InputError(f"{option}: {value} is too few; give 1 or more")
    return value


def check_seconds(seconds: float | None, precision: float | None) -> float:
    """The time for all processes; InputError for one that is no time, or no precision."""
    if precision is not None and not 0 < precision < 1:
        raise InputError(f"--precision: {precision:.3g} is out of range; give 0.1% to 99%")
    if seconds is None:
        return DEFAULT_SECONDS if precision is None else PRECISE_SECONDS
    if not 0 < seconds < float("inf"):
        raise InputError(f"--seconds: {seconds:g} is no time; give 1 or more")
    return seconds


def check_seed(seed: int) -> int:
    if not 0 <= seed < 1 << 64:
        raise InputError(f"--seed: {seed} is out of range; give 0 to 2**64 - 1")
    return seed
