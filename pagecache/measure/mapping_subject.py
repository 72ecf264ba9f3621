"""A row of mappings: one combination of choices over a memory of its own, filled for real.

    turn        fill, truncate                            until both have run long enough
    last turn   fill, cached-read, first-write            of a round

Each turn has a mapping and a file of its own, since writes turn holes into data; memory, struct
pages and nodes are used again.  What is counted comes from the first fill, in memory as it was
made.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pagecache import designs
from pagecache.allocation.memory import Memory
from pagecache.errors import WrongAnswer
from pagecache.gfp.flags import Gfp
from pagecache.inputs import PAGE_SIZE
from pagecache.mapping.file import File
from pagecache.mapping.loop import OPERATIONS, Loop
from pagecache.mapping.mapping import Mapping
from pagecache.mapping.parts import Physical
from pagecache.measure.case import Row
from pagecache.measure.choices import Choice, Setting
from pagecache.measure.events import CACHED_READ, FILL, FIRST_WRITE, TRUNCATE_MAPPING
from pagecache.measure.loops import COVERED
from pagecache.measure.subject import Timing, timed
from pagecache.measure.truth import Indices, total
from pagecache.page.frames import Frames

READ_PAGES = COVERED["read"]  # of one read of a file with blocks of a page: 128 KiB
LEAST_NS = 4_000_000  # fill and truncate are repeated until they have run this long
Refused = NDArray[np.uint8]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class MappingLists:
    """The lists of one round: `chosen` draws each row's cached pages, 0 to 1; pages to write."""

    chosen: NDArray[np.float64]
    write: Indices


@dataclass(frozen=True)
class Ran:
    """What a batch of operations answered, each, and which had no memory."""

    ns: int
    out: Indices
    refused: Bools


def run(mapping: Mapping, operation: str, index: Indices, count: Indices) -> Ran:
    """Run one operation over arrays, timed."""
    loop = Loop([mapping])
    file, op = (
        np.full(len(index), 0, np.uint32),
        np.full(len(index), OPERATIONS[operation], np.uint8),
    )
    # Arrays are written to here, so that no first touch of theirs is timed.
    out, refused = np.full(len(index), 0, np.uint64), np.full(len(index), 0, np.uint8)
    ns = timed(lambda: loop.run(file, op, index, count, out, refused), None, operation)
    return Ran(ns, out, refused.astype(np.bool_))


def make_memory(choice: Choice, setting: Setting, seed: int) -> Memory:
    """The memory, scattered if that is wanted; then compaction does not undo it between rounds."""
    least = File(choice.block, block=choice.block).block_order
    options: dict[str, Any] = {"min_order": least} if choice.alloc == "min-order" else {}
    memory = Memory(setting.memory, policy=choice.alloc, seed=seed, min_free=0, **options)
    if setting.fragment:
        pattern, k, share = setting.fragment
        memory.policy.gfp &= ~Gfp.DIRECT_RECLAIM
        memory.fragment(pattern, k=k, share=share)
    return memory


class MappingSubject:
    """One combination of choices: a row of a table.

    Parameters
    ----------
    row : Row
    choice : Choice
    setting : Setting
        The file and the memory.
    seed : int
        Of what is scattered.
    events : collection of str
        What `measure` times.
    """

    def __init__(
        self,
        row: Row,
        choice: Choice,
        setting: Setting,
        seed: int,
        events: Collection[str] = (),
    ) -> None:
        self.row, self.choice, self.setting, self.events = row, choice, setting, events
        memory = make_memory(choice, setting, seed)
        self.buddy = memory.buddy
        self.policy = memory.policy
        self.physical = Physical(memory.policy, Frames(memory.buddy.frames, huge=True))
        self.pool = designs.find(choice.design).make_pool(huge=True)
        self.free_frames = self.buddy.free_frames
        self.block = File(choice.block, block=choice.block).pages
        self.step = self.block if self.block > 1 else READ_PAGES
        self.starts = np.arange(0, setting.pages, self.step, dtype=np.uint64)
        self.lengths = np.minimum(np.uint64(self.step), np.uint64(setting.pages) - self.starts)
        self.hole = hole_pages(setting, self.block)

    def fresh(self, *, content: bool = False) -> Mapping:
        """An empty mapping of the file as it was."""
        holes = [(start, length) for start, length in self.setting.holes]
        return Mapping(
            self.choice.design,
            self.physical,
            self.choice.holes,
            File(self.setting.size, holes, block=self.choice.block),
            entries=self.choice.entries,
            pool=self.pool,
            content=content,
        )

    def fill(self, mapping: Mapping) -> Ran:
        """Read the file once, block by block, in order."""
        return run(mapping, "read", self.starts, self.lengths)

    def frames(self, mapping: Mapping) -> Indices:
        """The frame of each page, 0 for those that are not cached."""
        index = np.arange(self.setting.pages, dtype=np.uint64)
        return run(mapping, "look", index, np.ones_like(index)).out

    def readable(self, refused: Bools) -> Bools:
        """The pages that were read, whatever is behind them."""
        return np.repeat(~refused, self.lengths.astype(np.intp))

    def truncate(self, mapping: Mapping) -> int:
        """Drop all that is cached: nanoseconds."""
        cached, none = mapping.pages, np.zeros(1, np.uint64)
        ran = run(mapping, "truncate", none, none)
        self.check("truncate", (int(ran.out[0]), mapping.pages, mapping.nodes), (cached, 0, 0))
        return ran.ns

    def check(self, event: str, answer: object, expected: object) -> None:
        """WrongAnswer unless they are equal."""
        if answer != expected:
            raise WrongAnswer(f"{self.row}: {event}: answered {answer}, expected {expected}")

    def check_fill(self, filled: Ran, frames: Indices) -> None:
        """Each read must have answered the frames that lie there now."""
        sums = np.add.reduceat(frames, self.starts.astype(np.intp))
        ok = ~filled.refused
        self.check(FILL.name, total(filled.out[ok]), total(sums[ok]))

    def check_all_free(self) -> None:
        """Every frame must be free again once a mapping is gone."""
        self.check("frames that came back", self.buddy.free_frames, self.free_frames)

    # Rounds --------------------------------------------------------------------------------

    def measure(self, lists: MappingLists) -> list[Timing]:
        """All events of one round."""
        timings = self.turns(LEAST_NS)
        mapping = self.fresh()
        filled = self.fill(mapping)
        frames = self.frames(mapping)
        self.check_fill(filled, frames)
        timings += self.cached_read(mapping, frames, self.readable(filled.refused), lists)
        timings += self.first_write(mapping, lists.write)
        del mapping
        self.check_all_free()
        return [timing for timing in timings if timing.event in self.events]

    def turns(self, least_ns: int) -> list[Timing]:
        """Fill and truncate by turns until both have run for `least_ns`, or 20 times."""
        spent = {FILL.name: 0, TRUNCATE_MAPPING.name: 0}
        turns = 0
        while turns == 0 or (turns < 20 and min(spent.values()) < least_ns):
            mapping = self.fresh()
            spent[FILL.name] += self.fill(mapping).ns
            spent[TRUNCATE_MAPPING.name] += self.truncate(mapping)
            turns += 1
        return [Timing(event, ns, turns * self.setting.pages) for event, ns in spent.items()]

    def cached_read(
        self, mapping: Mapping, frames: Indices, readable: Bools, lists: MappingLists
    ) -> list[Timing]:
        """Read single pages that were read before, at random."""
        pages = np.flatnonzero(readable).astype(np.uint64)
        if not len(pages):
            return []
        index = pages[(lists.chosen * len(pages)).astype(np.intp)]
        ran = run(mapping, "read", index, np.ones_like(index))
        self.check(CACHED_READ.name, total(ran.out), total(frames[index]))
        return [Timing(CACHED_READ.name, ran.ns, len(index))]

    def first_write(self, mapping: Mapping, pages: Indices) -> list[Timing]:
        """Write pages of holes, each the first in its block; all written must then be cached."""
        if not len(pages):
            return []
        ran = run(mapping, "write", pages, np.ones_like(pages))
        written = pages[~ran.refused]
        before = mapping.stats["hits"]
        run(mapping, "look", written, np.ones_like(written))
        answer = total(ran.out[~ran.refused]), mapping.stats["hits"] - before
        self.check(FIRST_WRITE.name, answer, (len(written), len(written)))
        return [Timing(FIRST_WRITE.name, ran.ns, len(pages))]

    # Counts --------------------------------------------------------------------------------

    def warm_up(self, write: Indices) -> dict[str, Any]:
        """The first life of a mapping, every page of it held against the extents: the counts."""
        self.policy.reset_counts()
        mapping = self.fresh(content=True)
        filled = self.fill(mapping)
        record = self.counts(mapping, filled)
        self.check_cached(mapping, self.readable(filled.refused))
        self.check_fill(filled, self.frames(mapping))
        truth = np.where(self.hole, 0, np.arange(1, self.setting.pages + 1)).astype(np.uint64)
        self.check_content(mapping, FILL.name, truth)
        if len(write):
            ran = run(mapping, "write", write, np.ones_like(write))
            truth[write[~ran.refused]] = write[~ran.refused]
            self.check_content(mapping, FIRST_WRITE.name, truth)
            record["counted"] |= self.written(mapping, ran)
        mapping.check()
        self.truncate(mapping)
        del mapping
        self.check_all_free()
        return record

    def counts(self, mapping: Mapping, filled: Ran) -> dict[str, Any]:
        """What is there after the file was read once."""
        orders = mapping.folios_by_order
        policy = self.policy
        counted = {
            "folios_by_order": named(orders),
            "zero_entries": mapping.zero_entries,
            "shadows": mapping.shadows,
            "frames": self.free_frames - self.buddy.free_frames,
            "attempts": sum(policy.attempts.values()),
            "failures": sum(policy.failures.values()),
            "fallbacks": mapping.stats["fallbacks"],
            "reads": len(filled.refused),
            "oom_share": float(filled.refused.mean()),
        }
        return {
            "nodes": mapping.nodes,
            "index_bytes": mapping.node_bytes,
            "node_bytes": self.pool.node_size,
            "pages": mapping.pages,
            "folios": sum(orders.values()),
            "counted": counted,
        }

    def written(self, mapping: Mapping, ran: Ran) -> dict[str, Any]:
        """What the first writes left."""
        return {
            "writes": len(ran.refused),
            "writes_refused": int(ran.refused.sum()),
            "pages_written": mapping.pages,
            "nodes_written": mapping.nodes,
        }

    def check_cached(self, mapping: Mapping, readable: Bools) -> None:
        """Data that were read are cached, and holes where the policy says so; each page once."""
        end = -(-self.setting.pages // self.block) * self.block  # the last block may end after it
        cached = np.zeros(end, np.int64)
        for first, order in mapping.folios():
            cached[first : first + (1 << order)] += 1
        answer = bool((cached <= 1).all()), int(cached.sum())
        self.check("pages cached", answer, (True, mapping.pages))
        cached = cached[: self.setting.pages]
        wanted = readable if self.choice.holes == "zero-pages" else readable & ~self.hole
        self.check("pages missing", int((wanted & (cached == 0)).sum()), 0)
        if self.choice.holes != "zero-pages":
            self.check("pages of holes cached", int((self.hole & (cached > 0)).sum()), 0)

    def check_content(self, mapping: Mapping, event: str, truth: Indices) -> None:
        """Each page must hold what the file has there."""
        held = mapping.contents(0, self.setting.pages)
        wrong = np.flatnonzero(held != truth)
        if len(wrong):
            page = int(wrong[0])
            self.check(f"{event}, page {page}", int(held[page]), int(truth[page]))


def named(orders: dict[int, int]) -> dict[str, int]:
    """The counts with names that JSON keeps, the largest order first."""
    return {str(order): orders[order] for order in sorted(orders, reverse=True)}


def hole_pages(setting: Setting, block: int) -> Bools:
    """For each page whether it is a hole: in whole blocks, since one with any data is data."""
    hole = np.zeros(setting.pages, np.bool_)
    unit = block * PAGE_SIZE
    for start, length in setting.holes:
        end = start + length
        after = -(-end // unit) if end == setting.size else end // unit
        hole[-(-start // unit) * block : after * block] = True
    return hole
