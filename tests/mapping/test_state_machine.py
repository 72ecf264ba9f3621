"""A mapping beside a list that says what each page holds: a lost or stale page is found at once."""

from dataclasses import dataclass

import hypothesis.strategies as st
import pytest
from hypothesis import assume
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

import pagecache as pc
from pagecache import supply
from pagecache.memory.buddy import Buddy

PAGE = 4096
PAGES = 1200  # the file at first: two 2 MiB folios and a bit
EDGES = (0, 1, 5, 15, 16, 17, 63, 64, 65, 255, 511, 512, 513, 1023, 1024, 1199)
WORD = 2**64 - 1


@dataclass(frozen=True)
class Kind:
    """What a mapping of one run is put together from."""

    design: str
    holes: str | None
    like: str = "ext4"
    block: str | None = None
    prefer_order: int | None = None
    supply: str = "fallback"
    frames: int = 8192
    limit: int | None = None
    uniform: bool = False

    def make(self, buddy: Buddy) -> pc.Mapping:
        pages = PAGES if self.like != "hugetlbfs" else 1536
        holes = [(256 * PAGE, 300 * PAGE), (700 * PAGE, 33 * PAGE)]
        file = pc.File(
            pages * PAGE,
            holes if self.like == "ext4" else None,
            like=self.like,
            block=self.block,
            prefer_order=self.prefer_order,
        )
        options = {"pool": 4} if self.supply == "huge-pool" else {}
        if self.supply == "min-order":
            options = {"min_order": file.block_order}
        return pc.Mapping(
            self.design,
            supply.make(self.supply, buddy, **options),
            self.holes,
            file,
            zero_order=12,
            non_uniform_split=not self.uniform,
            limit=self.limit,
            content=True,
        )


KINDS = (
    Kind("thp-multi", "zero-pages"),
    Kind("thp-multi", "zero-entries"),
    Kind("thp-multi", "no-entry", uniform=True),
    Kind("thp-multi", "zero-entries", prefer_order=9),
    Kind("thp-multi", "zero-entries", block="64K"),
    Kind("thp-multi", "zero-pages", block="64K", supply="min-order"),
    Kind("thp-multi", "zero-entries", block="64K", supply="pages"),
    Kind("thp-multi", "zero-pages", supply="compound", frames=1024),
    Kind("thp-multi", "zero-entries", frames=1024, limit=300 * PAGE),
    Kind("base-4k", "zero-entries", frames=1024),
    Kind("thp-slots-head", "zero-entries", prefer_order=9),
    Kind("thp-slots-subpage", "zero-pages", prefer_order=9, limit=900 * PAGE),
    Kind("thp-multi", None, like="tmpfs", prefer_order=9),
    Kind("hugetlb-4k-multi", None, like="hugetlbfs", supply="huge-pool"),
    Kind("hugetlb-huge", "zero-entries", like="hugetlbfs", supply="huge-pool"),
)


def part_zeroed(identity: int, start: int, end: int) -> int:
    """What a page holds of which some bytes were zeroed: the same number as the mapping's."""
    if identity == 0 or (start, end) == (0, PAGE):
        return 0
    return (identity * 1000003 + (start << 13 | end)) & WORD | 1


pages = st.one_of(st.sampled_from(EDGES), st.integers(0, PAGES + 40))
counts = st.one_of(st.sampled_from((1, 2, 16, 64, 512)), st.integers(1, 700))
odd_bytes = st.sampled_from((0, 0, 0, 1, 100, 4095))


class MappingMachine(RuleBasedStateMachine):
    """Every rule is followed by the comparison of all pages."""

    kind: Kind

    @initialize()
    def make(self) -> None:
        self.buddy = Buddy(self.kind.frames, min_pages=0, cache=False)
        self.free = self.buddy.free_frames
        self.mapping = self.kind.make(self.buddy)
        self.model = self.mapping.contents(0, self.mapping.file.pages).tolist()
        self.size = self.mapping.size
        self.writes = 0
        self.pins: list[int] = []
        expected = [
            k + 1 if kind != "hole" else 0
            for k, kind in enumerate(self.kinds_of_pages(self.mapping.file))
        ]
        assert self.model == expected

    @staticmethod
    def kinds_of_pages(file: pc.File) -> list[str]:
        kinds = ["hole"] * file.pages
        for first, count, kind in file.extents.runs():
            kinds[first : first + count] = [kind] * min(count, file.pages - first)
        return kinds

    def teardown(self) -> None:
        if not hasattr(self, "mapping"):
            return
        for frame in self.pins:
            self.mapping.unpin(frame)
        del self.mapping
        if self.kind.supply != "huge-pool":
            assert self.buddy.free_frames == self.free
        self.buddy.check()

    def compare(self) -> None:
        mapping = self.mapping
        mapping.check()
        assert mapping.size == self.size
        assert mapping.contents(0, len(self.model)).tolist() == self.model
        if mapping.limit:
            assert mapping.pages <= max(mapping.limit, 512) + 512 * len(self.pins)

    @rule(page=pages, count=counts)
    def read(self, page: int, count: int) -> None:
        length = max(min(self.size - page * PAGE, count * PAGE), 0)
        try:
            assert self.mapping.read(page * PAGE, count * PAGE) == length
        except MemoryError:
            assert self.short_of_memory()
        self.compare()

    @rule(page=pages, count=counts, odd=odd_bytes)
    def write(self, page: int, count: int, odd: int) -> None:
        if self.kind.like == "hugetlbfs":
            assume(page + count <= 1536)
        self.writes += 1
        start, identity = page * PAGE + odd, self.writes << 32
        end = start + count * PAGE
        last = (end - 1) // PAGE
        new = self.model + [0] * (last + 1 - len(self.model))
        new[page : last + 1] = [identity + k for k in range(page, last + 1)]
        try:
            self.mapping.write(start, count * PAGE, identity)
            self.model, self.size = new, max(self.size, end)
        except MemoryError:
            assert self.short_of_memory()
            self.written_in_part(new)
        self.compare()

    def written_in_part(self, new: list[int]) -> None:
        """A write that failed has written some pages from its beginning on, and nothing else."""
        kept = len(self.model)
        found = self.mapping.contents(0, kept).tolist()
        changed = [k for k in range(kept) if new[k] != self.model[k]]
        done = [found[k] == new[k] for k in changed]
        assert done == sorted(done, reverse=True)
        for k, is_done in zip(changed, done, strict=True):
            self.model[k] = new[k] if is_done else self.model[k]

    def short_of_memory(self) -> bool:
        return self.kind.frames < 2048 or self.kind.supply in ("huge-pool", "compound")

    @rule(page=pages, write=st.booleans())
    def fault(self, page: int, write: bool) -> None:
        answer = self.mapping.fault(page, write)
        if page * PAGE >= self.size:
            assert answer == pc.VmFault.SIGBUS
        elif answer & pc.VmFault.ERROR:
            assert self.short_of_memory()
        self.compare()

    @rule(page=pages, count=counts, odd=odd_bytes, end_odd=odd_bytes)
    def punch(self, page: int, count: int, odd: int, end_odd: int) -> None:
        start, end = page * PAGE + odd, (page + count) * PAGE + end_odd
        self.mapping.punch(start, end - start)
        for k in range(page, min(-(-end // PAGE), len(self.model))):
            first, last = max(start - k * PAGE, 0), min(min(end, self.size) - k * PAGE, PAGE)
            if first < last:
                self.model[k] = part_zeroed(self.model[k], first, last)
        self.compare()

    @rule(page=pages, odd=odd_bytes)
    def truncate(self, page: int, odd: int) -> None:
        size = page * PAGE + odd
        if self.kind.like == "hugetlbfs":
            size = size // (2 << 20) * (2 << 20)
        self.mapping.truncate(size)
        kept = -(-size // PAGE)
        if size < self.size and size % PAGE:
            self.model[kept - 1] = part_zeroed(self.model[kept - 1], size % PAGE, PAGE)
        if size < self.size:
            self.model[kept:] = [0] * len(self.model[kept:])
        self.model += [0] * (kept - len(self.model))
        self.size = size
        self.compare()

    @rule(page=pages, count=counts)
    def evict(self, page: int, count: int) -> None:
        self.mapping.evict(page * PAGE, count * PAGE)
        self.compare()

    @rule(page=pages, count=counts)
    def invalidate(self, page: int, count: int) -> None:
        self.mapping.invalidate(page * PAGE, count * PAGE)
        self.compare()

    @rule(page=pages, count=counts)
    def writeback(self, page: int, count: int) -> None:
        self.mapping.writeback(page * PAGE, count * PAGE)
        self.compare()

    @rule()
    def writeback_all(self) -> None:
        self.mapping.writeback()
        assert self.mapping.scan("dirty").tolist() == []
        assert self.mapping.scan("towrite").tolist() == []
        self.compare()

    @rule(pages=st.integers(1, 600))
    def reclaim(self, pages: int) -> None:
        before = self.mapping.pages
        assert before - self.mapping.reclaim(pages) == self.mapping.pages
        self.compare()

    @rule(page=pages)
    @precondition(lambda self: len(self.pins) < 3)
    def pin(self, page: int) -> None:
        try:
            self.pins.append(self.mapping.pin(page))
        except IndexError:
            assert all(not a <= page < a + (1 << o) for a, o in self.mapping.folios())

    @rule()
    @precondition(lambda self: self.pins)
    def unpin(self) -> None:
        self.mapping.unpin(self.pins.pop())
        self.compare()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: f"{kind.design}-{kind.holes}-{kind.supply}")
def test_every_page_holds_what_was_written_last(kind: Kind) -> None:
    machine = type("Machine", (MappingMachine,), {"kind": kind})
    from hypothesis.stateful import run_state_machine_as_test

    run_state_machine_as_test(machine)
