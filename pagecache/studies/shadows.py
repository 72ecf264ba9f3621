"""``pagecache study shadows``: what shadow entries cost, and what freeing them at once would lose.

A page that leaves the cache leaves a shadow behind: a value entry that says when.  A page that
comes back while its shadow is there is a *recognised refault*, and one that comes back before as
many pages have left as the cache holds came back *in time*: it should have been kept.  A node of
64 slots that holds shadows alone is a *shadow node*.  Two rules say when it goes:

kernel   the oldest goes when there are more of them than an eighth of the cached pages
eager    each goes as soon as its last page does

The index is built for real, an XArray a file, and its nodes are counted.  Pages are of order 0 and
leave in order of their last use.
"""

import argparse
import sys
from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pagecache.errors import InputError
from pagecache.inputs import bundled_path, format_size, read_trace
from pagecache.inputs.event import DEL
from pagecache.inputs.runs import pages_of
from pagecache.inputs.trace import Trace
from pagecache.pointer import Pointer
from pagecache.studies.columns import aligned
from pagecache.xarray.xarray import XArray

RULES = ("kernel", "eager")
PAGE = Pointer(4096)  # an entry that is no value: which page it is does not matter here
LEAF_SHIFT = 6
SHADOW_SHARE = 8  # the kernel keeps a shadow node for so many cached pages
READ_TWICE = 1 << 14  # pages of the file that is read in order, twice
TRACES = ("lmdb_stat_random", "python_import_numpy")
MEMORY = "25%"

Key = tuple[int, int]  # file, and index or leaf


@dataclass(frozen=True)
class Accesses:
    """Pages in the order in which they are wanted."""

    name: str
    file: NDArray[np.uint32]
    index: NDArray[np.uint64]

    @property
    def pages(self) -> int:
        """Different pages among them."""
        return len(set(self))

    def __iter__(self) -> Iterator[Key]:
        return zip(self.file.tolist(), self.index.tolist(), strict=True)


class Cache:
    """A page cache with a limit, and the shadows that one rule leaves.

    Parameters
    ----------
    memory : int
        Pages that it holds.
    rule : {"kernel", "eager"}

    Examples
    --------
    >>> cache = Cache(2, "kernel")
    >>> for index in (1, 2, 3, 1):
    ...     cache.want((0, index))
    >>> cache.counts["first"], cache.counts["recognised in time"]
    (3, 1)
    """

    def __init__(self, memory: int, rule: str) -> None:
        self.memory, self.rule = memory, rule
        self.cached: OrderedDict[Key, None] = OrderedDict()
        self.arrays: dict[int, XArray] = {}
        self.in_leaf: Counter[Key] = Counter()  # pages, not shadows
        self.shadow_nodes: OrderedDict[Key, None] = OrderedDict()
        self.left_at: dict[Key, int] = {}  # the truth, whatever became of the shadow
        self.clock = 0
        self.counts: Counter[str] = Counter()

    def want(self, key: Key) -> None:
        """Access a page: it comes in if it is not cached, and another may have to leave."""
        if key in self.cached:
            self.cached.move_to_end(key)
            return
        self.counts[self.kind_of_miss(key)] += 1
        self.put(key)
        if len(self.cached) > self.memory:
            self.evict()
        self.note_nodes()

    def kind_of_miss(self, key: Key) -> str:
        file, index = key
        known = self.array(file).load(index) is not None
        if key not in self.left_at:
            return "first"
        in_time = " in time" * (self.clock - self.left_at[key] <= self.memory)
        return ("recognised" if known else "lost") + in_time

    def array(self, file: int) -> XArray:
        if file not in self.arrays:
            self.arrays[file] = XArray()
        return self.arrays[file]

    def put(self, key: Key) -> None:
        file, index = key
        leaf = file, index >> LEAF_SHIFT
        self.array(file).store(index, PAGE)
        self.cached[key] = None
        self.in_leaf[leaf] += 1
        self.shadow_nodes.pop(leaf, None)

    def evict(self) -> None:
        """The page that was used last longest ago leaves a shadow."""
        key, _ = self.cached.popitem(last=False)
        file, index = key
        leaf = file, index >> LEAF_SHIFT
        self.array(file).store(index, self.clock)
        self.left_at[key] = self.clock
        self.clock += 1
        self.in_leaf[leaf] -= 1
        if not self.in_leaf[leaf] and self.array(file).nodes:
            self.shadow_nodes[leaf] = None
            self.shrink()

    def shrink(self) -> None:
        limit = 0 if self.rule == "eager" else len(self.cached) // SHADOW_SHARE
        while len(self.shadow_nodes) > limit:
            (file, leaf), _ = self.shadow_nodes.popitem(last=False)
            first = leaf << LEAF_SHIFT
            self.array(file).erase_many(np.arange(first, first + 64, dtype=np.uint64))

    def note_nodes(self) -> None:
        self.counts["most shadow nodes"] = max(
            self.counts["most shadow nodes"], len(self.shadow_nodes)
        )

    @property
    def nodes(self) -> int:
        """Nodes of all files now."""
        return sum(array.nodes for array in self.arrays.values())


def priced(accesses: Accesses, memory: int, rule: str) -> Cache:
    """The cache after all accesses.  O(accesses)."""
    cache = Cache(memory, rule)
    for key in accesses:
        cache.want(key)
    return cache


def read_twice(pages: int = READ_TWICE) -> Accesses:
    """A file read in order, twice, and before each time a small one that is in use."""
    small = np.arange(pages // 64, dtype=np.uint64)
    large = np.arange(pages, dtype=np.uint64)
    index = np.concatenate((small, large, small, large))
    each = np.array([0, 1, 0, 1], np.uint32)
    file = np.repeat(each, [len(small), pages, len(small), pages])
    return Accesses(f"{format_size(pages << 12)} read twice", file, index)


def of_trace(trace: Trace) -> Accesses:
    """What a trace adds and asks for, in order; what it drops is for the limit to say."""
    rows = np.flatnonzero(trace.event != DEL)
    runs = np.column_stack((trace.index[rows], trace.count[rows]))
    file = np.repeat(trace.file[rows], trace.count[rows].astype(np.int64))
    return Accesses(trace.name, file.astype(np.uint32), pages_of(runs))


def memory_of(text: str, pages: int) -> int:
    """Pages of memory: a share of the input's pages.

    Examples
    --------
    >>> memory_of("25%", 1000)
    250
    """
    share = text.removesuffix("%")
    if share == text or not share.isdigit() or not 0 < int(share) <= 100:
        raise InputError(f"--memory: {text!r} is no share of the input's pages; give 1% to 100%")
    return max(pages * int(share) // 100, 1)


HEAD = (
    *("input", "memory", "rule", "first", "recognised", "in time", "lost", "in time"),
    *("most shadow nodes", "nodes at the end"),
)


def rows(inputs: Iterable[Accesses], memory: str) -> Iterator[tuple[str, ...]]:
    """A row for each input and rule."""
    yield HEAD
    for accesses in inputs:
        pages = memory_of(memory, accesses.pages)
        for rule in RULES:
            cache = priced(accesses, pages, rule)
            yield (accesses.name, f"{pages:,} pages", rule, *map(comma, shown(cache)))


def shown(cache: Cache) -> Iterator[int]:
    """The numbers of a row: refaults as a whole, and those of them that came in time."""
    counts = cache.counts
    yield counts["first"]
    for kind in ("recognised", "lost"):
        yield counts[kind] + counts[f"{kind} in time"]
        yield counts[f"{kind} in time"]
    yield counts["most shadow nodes"]
    yield cache.nodes


def comma(number: int) -> str:
    return f"{number:,}"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    usual = f"default: a file read twice, {', '.join(TRACES)}"
    add("traces", nargs="*", metavar="TRACE", help=f"recorded traces ({usual})")
    add("--memory", default=MEMORY, metavar="SHARE", help="of the input's pages (default 25%%)")


def run(options: argparse.Namespace) -> int:
    sys.stdout.write(f"{aligned([*rows(chosen(options.traces), options.memory)])}\n")
    return 0


def chosen(traces: Sequence[str]) -> list[Accesses]:
    if traces:
        return [of_trace(read_trace(path)) for path in traces]
    return [read_twice(), *(of_trace(read_trace(bundled_path(name))) for name in TRACES)]
