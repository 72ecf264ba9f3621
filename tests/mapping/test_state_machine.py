"""Mappings beside lists that say what each page holds and what is behind it.

A lost or stale page, and an extent that is not what it should be, is found at once. The long run:

    PAGECACHE_STEPS=100000 pytest tests/mapping/test_state_machine.py -m slow -s
"""

import os

import hypothesis.strategies as st
import pytest
from hypothesis import assume, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

import pagecache as pc
from pagecache.buddy.buddy import Buddy

from .plain_model import KINDS, PAGE, PAGES, Held, Kind, part_zeroed

STEPS = int(os.environ.get("PAGECACHE_STEPS", "20000"))  # of the long run
EDGES = (0, 1, 5, 15, 16, 17, 63, 64, 65, 255, 511, 512, 513, 1023, 1024, 1199)


pages = st.one_of(st.sampled_from(EDGES), st.integers(0, PAGES + 40))
counts = st.one_of(st.sampled_from((1, 2, 16, 64, 512)), st.integers(1, 700))
files = st.integers(0, 3)
odd_bytes = st.sampled_from((0, 0, 0, 1, 100, 4095))


class MappingMachine(RuleBasedStateMachine):
    """Every rule is followed by the comparison of all pages of all files.

    There is one file, and clones of it once some are made; `which` chooses among them.
    """

    kind: Kind
    steps = 0  # of all runs of the machine

    @initialize()
    def make(self) -> None:
        self.buddy = Buddy(self.kind.frames, min_pages=0, cache=False)
        self.free = self.buddy.free_frames
        mapping = self.kind.make(self.buddy)
        model = mapping.contents(0, mapping.file.pages).tolist()
        kinds = self.kinds_of_pages(mapping.file)
        self.files = [Held(mapping, model, mapping.size, kinds)]
        self.writes = 0
        self.pins: list[tuple[Held, int]] = []
        held = self.files[0]
        assert model == [k + 1 if held.kind_of(k) != "hole" else 0 for k in range(len(model))]

    @staticmethod
    def kinds_of_pages(file: pc.File) -> list[str]:
        kinds: list[str] = []
        for first, count, kind in file.extents.runs():
            kinds += ["hole"] * (first - len(kinds)) + [kind] * count
        return kinds

    def teardown(self) -> None:
        if not hasattr(self, "files"):
            return
        while self.pins:
            self.unpin_one(0)
        self.files.clear()
        if self.kind.policy != "huge-pool":
            assert self.buddy.free_frames == self.free
        self.buddy.check()

    def unpin_one(self, k: int) -> None:
        held, frame = self.pins.pop(k)
        held.mapping.unpin(frame)

    def file(self, which: int) -> Held:
        return self.files[which % len(self.files)]

    def compare(self) -> None:
        type(self).steps += 1
        for held in self.files:
            mapping = held.mapping
            mapping.check()
            assert mapping.size == mapping.file.size == held.size
            kinds = self.kinds_of_pages(mapping.file)
            assert kinds + ["hole"] * (len(held.kinds) - len(kinds)) == held.kinds
            assert mapping.contents(0, len(held.model)).tolist() == held.model
            if mapping.limit and len(self.files) == 1:  # room for the pinned, and one folio
                assert mapping.pages <= mapping.limit + 512 * 4

    @rule(which=files, pfns=st.booleans())
    def clone(self, which: int, pfns: bool) -> None:
        file = self.file(which)
        if self.kind.like not in ("xfs", "btrfs"):
            with pytest.raises(pc.InputError, match="EOPNOTSUPP"):
                file.mapping.clone()
        elif len(self.files) < 4:
            options = {"entries": "pfns" if pfns else "pointers"} if self.kind.mixed else {}
            mapping = file.mapping.clone(**options)
            file.kinds = ["shared" if kind == "data" else kind for kind in file.kinds]
            self.files.append(Held(mapping, list(file.model), file.size, list(file.kinds)))
        self.compare()

    @rule(which=files, page=pages, count=counts)
    def read(self, which: int, page: int, count: int) -> None:
        file = self.file(which)
        length = max(min(file.size - page * PAGE, count * PAGE), 0)
        try:
            assert file.mapping.read(page * PAGE, count * PAGE) == length
        except MemoryError:
            assert self.short_of_memory()
        self.compare()

    @rule(which=files, page=pages, count=counts, odd=odd_bytes)
    def write(self, which: int, page: int, count: int, odd: int) -> None:
        file = self.file(which)
        if self.kind.like == "hugetlbfs":
            with pytest.raises(pc.InputError, match="EINVAL"):
                file.mapping.write(page * PAGE, count * PAGE)
            return self.compare()
        self.writes += 1
        start, identity = page * PAGE + odd, self.writes << 32
        end = start + count * PAGE
        last = (end - 1) // PAGE
        new = file.model + [0] * (last + 1 - len(file.model))
        new[page : last + 1] = [identity + k for k in range(page, last + 1)]
        try:
            file.mapping.write(start, count * PAGE, identity)
            file.model, file.size = new, max(file.size, end)
            file.allocate(page, last)
        except MemoryError:
            assert self.short_of_memory()
            self.written_in_part(file, new)
        self.compare()

    def written_in_part(self, file: Held, new: list[int]) -> None:
        """A write that failed has written some pages from its beginning on, and nothing else."""
        file.size, file.kinds = file.mapping.size, self.kinds_of_pages(file.mapping.file)
        kept = -(-file.size // PAGE)
        file.model += [0] * (kept - len(file.model))
        found = file.mapping.contents(0, kept).tolist()
        changed = [k for k in range(kept) if new[k] != file.model[k]]
        done = [found[k] == new[k] for k in changed]
        assert done == sorted(done, reverse=True)
        for k, is_done in zip(changed, done, strict=True):
            file.model[k] = new[k] if is_done else file.model[k]

    def short_of_memory(self) -> bool:
        return self.kind.frames <= 2048 or self.kind.policy in ("huge-pool", "compound")

    @rule(which=files, page=pages, write=st.booleans())
    def fault(self, which: int, page: int, write: bool) -> None:
        file = self.file(which)
        self.writes += write
        identity = self.writes << 32 if write else 0
        answer = file.mapping.fault(page, write, identity)
        if page * PAGE >= file.size:
            assert answer == pc.VmFault.SIGBUS
        elif answer & pc.VmFault.ERROR:
            assert self.short_of_memory()
            file.kinds = self.kinds_of_pages(file.mapping.file)
        elif write:
            file.allocate(page, page)
            file.model[page] = identity + page
        self.compare()

    @rule(which=files, page=pages, count=counts, odd=odd_bytes)
    def fallocate(self, which: int, page: int, count: int, odd: int) -> None:
        self.allocate_blocks(which, page, count, odd, "fallocate")

    @rule(which=files, page=pages, count=counts, odd=odd_bytes)
    def unshare(self, which: int, page: int, count: int, odd: int) -> None:
        if self.kind.like == "xfs":
            return self.allocate_blocks(which, page, count, odd, "unshare")
        with pytest.raises(pc.InputError, match="EOPNOTSUPP"):
            self.file(which).mapping.unshare(page * PAGE, count * PAGE)
        return self.compare()

    def allocate_blocks(self, which: int, page: int, count: int, odd: int, act: str) -> None:
        file = self.file(which)
        if self.kind.like == "hugetlbfs":
            assume(page + count <= 1536)
            odd = 0
        start, end = page * PAGE + odd, (page + count) * PAGE + odd
        try:
            getattr(file.mapping, act)(start, end - start)
            file.allocate(page, (end - 1) // PAGE, shared_too=act == "unshare")
            file.size = max(file.size, end)
            file.model += [0] * (-(-file.size // PAGE) - len(file.model))
        except MemoryError:
            assert self.short_of_memory()
            if act == "unshare":
                file.kinds = self.kinds_of_pages(file.mapping.file)
        self.compare()

    @rule(which=files, page=pages, count=counts, odd=odd_bytes, end_odd=odd_bytes)
    def punch(self, which: int, page: int, count: int, odd: int, end_odd: int) -> None:
        file = self.file(which)
        start, end = page * PAGE + odd, (page + count) * PAGE + end_odd
        try:
            file.mapping.punch(start, end - start)
            self.punched(file, start, end)
        except MemoryError:
            assert self.short_of_memory()
            file.kinds = self.kinds_of_pages(file.mapping.file)
        self.compare()

    def punched(self, file: Held, start: int, end: int) -> None:
        """A hole of each whole block, zeroes in the parts of others, which are the file's own."""
        if start >= file.size:
            return
        zeroed = min(end, file.size)
        for k in range(start // PAGE, -(-zeroed // PAGE)):
            first = max(start - k * PAGE, 0)
            last = PAGE if zeroed == file.size else min(zeroed - k * PAGE, PAGE)
            file.model[k] = part_zeroed(file.model[k], first, last)
        unit = file.block * PAGE
        if self.kind.like == "ext4" and end > file.size:
            end = -(-file.size // unit) * unit
        first, after = -(-start // unit), end // unit
        if first * unit > start:
            file.own(start // PAGE)
        if after * unit < zeroed:
            file.own((zeroed - 1) // PAGE)
        for k in range(first * file.block, min(after * file.block, len(file.kinds))):
            file.kinds[k] = "hole"

    @rule(which=files, page=pages, odd=odd_bytes)
    def truncate(self, which: int, page: int, odd: int) -> None:
        file = self.file(which)
        size = page * PAGE + odd
        if self.kind.like == "hugetlbfs":
            size = size // (2 << 20) * (2 << 20)
        try:
            file.mapping.truncate(size)
        except MemoryError:
            assert self.short_of_memory()
            return self.compare()
        if size < file.size:
            if size % (file.block * PAGE):
                file.own(size // PAGE)
            after = -(-size // (file.block * PAGE)) * file.block
            file.kinds[after:] = ["hole"] * len(file.kinds[after:])
        kept = -(-size // PAGE)
        if size < file.size and size % PAGE:
            file.model[kept - 1] = part_zeroed(file.model[kept - 1], size % PAGE, PAGE)
        if size < file.size:
            file.model[kept:] = [0] * len(file.model[kept:])
        file.model += [0] * (kept - len(file.model))
        file.size = size
        self.compare()

    @rule(which=files, page=pages, count=counts)
    def evict(self, which: int, page: int, count: int) -> None:
        file = self.file(which)
        file.mapping.evict(page * PAGE, count * PAGE)
        self.compare()

    @rule(which=files, page=pages, count=counts)
    def invalidate(self, which: int, page: int, count: int) -> None:
        file = self.file(which)
        file.mapping.invalidate(page * PAGE, count * PAGE)
        self.compare()

    @rule(which=files, page=pages, count=counts)
    def writeback(self, which: int, page: int, count: int) -> None:
        file = self.file(which)
        file.mapping.writeback(page * PAGE, count * PAGE)
        self.compare()

    @rule(which=files)
    def writeback_all(self, which: int) -> None:
        file = self.file(which)
        file.mapping.writeback()
        assert file.mapping.scan("dirty").tolist() == []
        assert file.mapping.scan("towrite").tolist() == []
        self.compare()

    @rule(which=files, pages=st.integers(1, 600))
    def reclaim(self, which: int, pages: int) -> None:
        file = self.file(which)
        before = file.mapping.pages
        assert before - file.mapping.reclaim(pages) == file.mapping.pages
        self.compare()

    @rule(which=files, page=pages)
    @precondition(lambda self: len(self.pins) < 3)
    def pin(self, which: int, page: int) -> None:
        file = self.file(which)
        try:
            self.pins.append((file, file.mapping.pin(page)))
        except IndexError:
            assert all(not a <= page < a + (1 << o) for a, o in file.mapping.folios())

    @rule(which=files)
    @precondition(lambda self: self.pins)
    def unpin(self, which: int) -> None:
        self.unpin_one(which % len(self.pins))
        self.compare()


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_every_page_holds_what_was_written_last(kind: Kind) -> None:
    run_state_machine_as_test(machine_of(kind), settings=settings(max_examples=8))


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_every_page_holds_what_was_written_last_at_length(kind: Kind) -> None:
    machine, wanted = machine_of(kind), STEPS // len(KINDS)
    while machine.steps < wanted:
        run_state_machine_as_test(
            machine,
            settings=settings(max_examples=10, stateful_step_count=200, derandomize=False),
        )
    print(f"{kind}: {machine.steps} steps")


def machine_of(kind: Kind) -> type[MappingMachine]:
    return type("Machine", (MappingMachine,), {"kind": kind, "steps": 0})
