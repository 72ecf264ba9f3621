"""What a comparison found: plain data, read and written as JSON.

``{"format": 3, "meta": {...}, "results": [...]}``: a result for each design, input and event.
Formats 1, without the medians of the processes, and 2, without threads, are still read.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from pagecache.errors import InputError
from pagecache.writing import write_text

FORMAT = 3
READ = (1, 2, FORMAT)
NODE_BYTES = 576  # of Linux's nodes, of 64 slots
MAPLE_NODE_BYTES = 256


def slab_bytes(node_bytes: int) -> float:
    """What a node takes with its share of the slab that it lies in.

    By SLUB's rule on a machine of 1 to 3 processors: behind each object 8 bytes for the free list;
    the smallest slab of up to 8 pages that holds 12 objects and wastes at most a sixteenth, else
    the one that wastes least.  A maple tree's nodes have no constructor and are aligned to their
    size: the free list lies inside them, and 16 fill a page.

    Examples
    --------
    >>> round(slab_bytes(576), 1), slab_bytes(256)
    (585.1, 256.0)
    """
    if node_bytes == MAPLE_NODE_BYTES:
        return float(node_bytes)
    each = []
    for order in range(4):
        size, objects = 4096 << order, (4096 << order) // (node_bytes + 8)
        if objects >= 12 and size - objects * (node_bytes + 8) <= size / 16:
            return size / objects
        each.append(size / objects if objects else float("inf"))
    return min(each)


GIB = 1 << 30


@dataclass(frozen=True)
class Interval:
    """The median of the processes, and the bounds that the true median lies within.

    `processes` holds the median of each process, in the order they ran; the rest is computed from
    these, and how sure the bounds are is `Result.level`.
    """

    median: float
    low: float
    high: float
    processes: tuple[float, ...] = field(default=(), repr=False, compare=False)

    def scaled(self, factor: float) -> "Interval":
        """All of it times `factor`."""
        processes = tuple(each * factor for each in self.processes)
        return Interval(self.median * factor, self.low * factor, self.high * factor, processes)

    @classmethod
    def from_dict(cls, fields: dict[str, Any] | None) -> "Interval | None":
        """The interval that JSON holds; None where nothing was timed."""
        if fields is None:
            return None
        return cls(**{**fields, "processes": tuple(fields.get("processes", ()))})


@dataclass(frozen=True)
class Result:
    """One design, input and event.

    Attributes
    ----------
    design : str
        A design's name; ``(harness)`` the empty loop, ``(A/A)`` the baseline once more,
        ``(clearing)`` zeroing the pages before they are inserted.
    panel : {"hugetlb", "files", "mappings"}
    input, event : str
    pages, folios, nodes : int
        What the indexes held; pages of 4 KiB.
    index_bytes : int
        ``nodes`` x ``node_bytes``, where nodes are all of one size.
    struct_page_bytes, struct_page_bytes_optimised : int
        64 a page; and what the vmemmap optimisation of hugetlb leaves of that.
    events : int
        Timed in all, over all processes.
    bytes_per_event : float
        Bytes of the file that one event covers.
    ns_per_event, ns_per_gib, ratio : Interval or None
        None if the event was left out, for the reason in `left_out`.  `ratio` is to `baseline`,
        made round by round.
    level : float
        The chance that such an interval covers the true median; 0 for one process, and in results
        of format 1, whose intervals had no exact level.
    verdict : {"same", "faster", "slower", "undecided"}, optional
        What `ratio` says; None for rows that are no design and not the A/A row.
    more_processes : int or None
        About how many more would decide, where it is undecided and a reasonable number would.
    counts : dict or None
        Of `compare --counts`, means an event: ``slot_reads``, ``slot_writes``, ``node_lines``,
        ``page_lines``, references ``taken`` and ``put``, and ``instructions`` where counted.
    slots, height : int or None
        Slots that hold an entry or a sibling, each written once to populate; and the nodes that
        the longest walk visits.
    node_bytes : int or None
        576 in Linux's XArray; wider or narrower nodes of other designs; None if they differ.
    order : int, "largest" or None
        What the folios were forced to; None is as recorded.
    same_as : str or None
        The row that runs the same code on the same folios and was measured in its stead.
    choices : dict or None
        Of a mapping: its ``design``, ``holes``, ``policy``, ``entries`` and ``block``.
    counted : dict or None
        Of a mapping that was read once: ``folios_by_order``, ``zero_entries``, ``shadows``,
        ``frames`` in use, ``attempts`` and ``failures`` of the policy, ``fallbacks`` (folios
        smaller than asked for), ``reads`` and the ``oom_share`` of them that had no memory; and
        after the first writes ``writes``, ``writes_refused``, ``pages_written`` and
        ``nodes_written``.
    threads : int or None
        Threads that ran the event at the same time, pinned; ``ns_per_event`` is then each one's.
    references : str or None
        The protocol that threads keep folios by: see `pagecache.page.protocols`.
    pattern : str or None
        What they accessed: hot-4K, hot-2M, uniform or zipf.
    writer : str or None
        What one more thread did beside them: ``erase@50000``, changes a second.
    scaling : Interval or None
        Throughput of all threads to that of one alone, made round by round.
    lock : dict or None
        Of the writer: its ``rate`` and ``refused`` changes a second, and ``p50_ns``, ``p90_ns``,
        ``p99_ns``, ``p999_ns`` and ``max_ns`` that it held the lock.
    readers : dict or None
        Of threads: ``p50_ns``, ``p99_ns`` and ``p999_ns`` of an event timed alone, with the
        ``clock_ns`` that to time nothing takes; ``retries``, ``fallbacks`` of copies without a
        reference, and ``absent`` answers an event; and ``cpu_share``, the least that any
        thread had of its processor.
    """

    design: str
    panel: str
    input: str
    event: str
    pages: int
    folios: int
    nodes: int
    index_bytes: int
    struct_page_bytes: int
    struct_page_bytes_optimised: int
    events: int
    bytes_per_event: float
    ns_per_event: Interval | None
    ns_per_gib: Interval | None
    ratio: Interval | None
    baseline: str
    caches: str = "hot"
    huge_order: int = 9
    rounds: int = 0
    processes: int = 0
    level: float = 0.0
    verdict: str | None = None
    more_processes: int | None = None
    counts: dict[str, float] | None = None
    left_out: str | None = None
    slots: int | None = None
    height: int | None = None
    node_bytes: int | None = NODE_BYTES
    order: int | str | None = None
    same_as: str | None = None
    choices: dict[str, str] | None = None
    counted: dict[str, Any] | None = None
    threads: int | None = None
    references: str | None = None
    pattern: str | None = None
    writer: str | None = None
    scaling: Interval | None = None
    lock: dict[str, float] | None = None
    readers: dict[str, float] | None = None

    @property
    def slab_bytes(self) -> float:
        """What the nodes take with their share of the slabs, where they come from slabs."""
        if self.node_bytes is None:
            return self.index_bytes
        return self.nodes * slab_bytes(self.node_bytes)

    @property
    def is_design(self) -> bool:
        """Whether this is a design's own row, not one in parentheses."""
        return not self.design.startswith("(")

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> "Result":
        """The result that JSON holds."""
        timed = ("ns_per_event", "ns_per_gib", "ratio", "scaling")
        found = {name: Interval.from_dict(fields.get(name)) for name in timed}
        return cls(**{**fields, **found})


@dataclass(frozen=True)
class Results:
    """All results of one run, and what it ran on.

    Attributes
    ----------
    meta : dict
        Machine, kernel, versions, seed, commit; ``doubts``: sentences on what limits the numbers.
    results : list of Result
    """

    meta: dict[str, Any]
    results: list[Result] = field(default_factory=list)

    def __iter__(self) -> Iterator[Result]:
        return iter(self.results)

    @property
    def doubts(self) -> list[str]:
        """What limits the numbers, a sentence each."""
        return list(self.meta.get("doubts", []))

    def to_dict(self) -> dict[str, Any]:
        """What JSON holds."""
        results = [asdict(result) for result in self.results]
        return {"format": FORMAT, "meta": self.meta, "results": results}

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> "Results":
        """The results that JSON holds."""
        return cls(fields["meta"], [Result.from_dict(result) for result in fields["results"]])


def read_results(path: str | Path) -> Results:
    """Read a file that ``--json`` wrote; InputError if it is another."""
    if Path(path).exists() and not Path(path).is_file():
        raise InputError(f"{path}: no regular file; give a file that --json wrote")
    try:
        fields = json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); check it") from None
    except (ValueError, RecursionError):
        raise InputError(f"{path}: this is no JSON; give a file that --json wrote") from None
    if not isinstance(fields, dict) or fields.get("format") not in READ:
        raise InputError(f"{path}: not of format {FORMAT}; give a file that --json wrote")
    try:
        return Results.from_dict(fields)
    except (KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{path}: incomplete ({error}); give a file that --json wrote") from None


def to_json(results: Results) -> str:
    """What a file of results holds."""
    return json.dumps(results.to_dict(), indent=1) + "\n"


def write_results(results: Results, path: str | Path) -> None:
    """Write JSON whole, or not at all."""
    write_text(to_json(results), path)
