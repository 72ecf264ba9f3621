"""Reads, writes, faults, blocks, eviction and splits, one behaviour a test."""

import numpy as np
import pytest

import pagecache as pc
from pagecache import allocation
from pagecache.buddy.buddy import Buddy
from pagecache.mapping.loop import OPERATIONS, Loop

MIB = 1 << 20


def test_read_ends_where_the_file_does() -> None:
    mapping = pc.Mapping(file=10_000)
    assert mapping.read(0, MIB) == 10_000
    assert mapping.read(9_000, 5_000) == 1_000
    assert mapping.read(10_000, 1) == 0
    assert mapping.pages == 3


def test_cached_folio_holds_one_reference_a_page() -> None:
    mapping = pc.Mapping(file=pc.File("2M", prefer_order=9))
    mapping.read(0, 1)
    frame = mapping.pin(0)
    assert mapping.frames.refcount(frame) == 513
    mapping.unpin(frame)
    assert mapping.frames.refcount(frame) == 512


def test_frames_of_a_pinned_folio_go_back_with_the_last_pin() -> None:
    mapping = pc.Mapping(file=pc.File("2M", prefer_order=9))
    mapping.read(0, 1)
    buddy, frame = mapping.policy.buddy, mapping.pin(5)
    mapping.truncate(0)
    assert (mapping.pages, buddy.frames - buddy.free_frames) == (0, 512)
    mapping.unpin(frame)
    assert buddy.frames == buddy.free_frames


def test_write_extends_the_file() -> None:
    mapping = pc.Mapping(file=0)
    assert mapping.write(5000, 100) == 100
    assert (mapping.size, mapping.file.extents.runs()) == (5100, [(1, 1, "data")])


class TestFaults:
    def test_first_touch_is_major_and_the_next_minor(self) -> None:
        mapping = pc.Mapping(file="1M")
        assert mapping.fault(3) == pc.VmFault.MAJOR
        assert not mapping.fault(3)

    def test_beyond_the_end_is_sigbus(self) -> None:
        assert pc.Mapping(file=4097).fault(2) == pc.VmFault.SIGBUS
        assert pc.Mapping(file=4097).fault(1) == pc.VmFault.MAJOR

    def test_empty_pool_is_sigbus_and_empty_memory_oom(self) -> None:
        pool = allocation.make("huge-pool", 4096, pool=1)
        huge = pc.Mapping("hugetlb-4k-multi", pool, file=pc.File("4M", like="hugetlbfs"))
        assert not huge.fault(0, write=True) & pc.VmFault.ERROR
        assert huge.fault(512, write=True) == pc.VmFault.SIGBUS
        assert huge.fault(511, write=True) == pc.VmFault(0)
        small = pc.Mapping(memory=allocation.make("fallback", Buddy(64, min_pages=0)), file="1M")
        codes = [small.fault(k) for k in range(256)]
        assert codes[-1] == pc.VmFault.OOM
        small.check()

    def test_zero_entry_is_mapped_by_the_handler_and_replaced_by_a_write(self) -> None:
        mapping = pc.Mapping(file=pc.File("2M", holes=[(0, "2M")]), holes="zero-entries")
        assert mapping.fault(7) == pc.VmFault.NOPAGE
        assert mapping.pages == 0
        assert not mapping.fault(7, write=True)
        assert (mapping.folios(), mapping.scan().tolist()) == ([(7, 0)], [7])

    def test_around_maps_what_is_cached_of_sixteen_aligned_pages(self) -> None:
        mapping = pc.Mapping(file="1M")
        mapping.advise("random")
        for page in (15, 16, 17, 30, 33):
            mapping.read(page << 12, 1)
        assert not mapping.fault(17)
        assert mapping.stats["around"] == 3

    def test_code_is_no_errno(self) -> None:
        assert pc.VmFault.OOM != 1
        with pytest.raises(TypeError):
            pc.VmFault.OOM | 12


class TestBlocks:
    """A block above the page size is cached whole, from one folio or from many."""

    @pytest.mark.parametrize("block", ["8K", "16K", "64K", "2M"])
    def test_fault_populates_the_block_from_one_folio(self, block: str) -> None:
        mapping = pc.Mapping(file=pc.File("8M", block=block), readahead_kb=0)
        mapping.fault(700)
        assert mapping.pages << 12 == pc.inputs.parse_size(block)
        assert len(mapping.folios()) == 1

    @pytest.mark.parametrize(("name", "orders"), [("pages", {0}), ("fallback", {0, 1, 2, 3})])
    def test_fault_populates_the_block_from_many(self, name: str, orders: set[int]) -> None:
        memory = allocation.make(name, scattered())
        mapping = pc.Mapping(memory=memory, file=pc.File("8M", block="64K"), readahead_kb=0)
        mapping.fault(700)
        assert mapping.pages == 16
        assert set(mapping.folios_by_order) <= orders
        assert mapping.folios()[0][0] == 700 // 16 * 16

    @pytest.mark.parametrize("name", ["compound", "min-order"])
    def test_no_block_is_no_memory_where_the_policy_does_not_fall_below(self, name: str) -> None:
        memory = allocation.make(name, scattered())
        mapping = pc.Mapping(memory=memory, file=pc.File("8M", block="64K"))
        assert mapping.fault(700) == pc.VmFault.OOM
        with pytest.raises(MemoryError, match="no frames or nodes"):
            mapping.read(0, 1)
        assert (mapping.pages, mapping.nodes, mapping.entries()) == (0, 0, [])


def scattered() -> Buddy:
    """Memory in which no free block has more than 8 frames, by what somebody keeps."""
    buddy = Buddy(4096, min_pages=0, cache=False)
    kept = [buddy.alloc(3, gfp=0) for _ in range(512)]
    for pfn in kept[::2]:
        buddy.free(pfn)
    return buddy


class TestEviction:
    def test_shadow_has_the_order_of_its_folio_and_gives_way_to_smaller_ones(self) -> None:
        mapping = pc.Mapping(file=pc.File("2M", prefer_order=9))
        mapping.read(0, 1)
        assert mapping.evict() == 512
        assert [order for _, _, order in mapping.entries()] == [9]
        mapping.write(0, 1)
        assert mapping.stats["refaults"] == 1
        assert mapping.stats["activated"] == 1  # nothing else was evicted since
        assert mapping.shadows == 0

    def test_nodes_of_shadows_are_kept_up_to_the_limit(self) -> None:
        frames = 4096
        memory = allocation.make("fallback", Buddy(frames, min_pages=0))
        mapping = pc.Mapping(memory=memory, file="1G", limit="1M", readahead_kb=0)
        for page in range(0, 262_144, 64):  # a page in each leaf
            mapping.read(page << 12, 1)
        nodes = mapping.nodes
        assert mapping.stats["shadow_nodes_reclaimed"] > 3000
        cached, above, batch = 256, 64 + 1, 128
        assert frames // 8 <= nodes <= frames // 8 + cached + above + batch + 1
        assert mapping.shadows < 4096 - 3000
        mapping.check()

    def test_reclaim_takes_the_least_recently_used_first(self) -> None:
        mapping = pc.Mapping(file="1M", readahead_kb=0)
        for page in range(64):
            mapping.read(page << 12, 1)
        mapping.reclaim(1)  # a turn: all were read since they came
        mapping.read(1 << 12, 1)
        mapping.reclaim(3)
        kept = {index for index, _ in mapping.folios()}
        assert {0, 2} & kept == set()
        assert 1 in kept

    def test_dirty_folios_are_written_back_before_they_go(self) -> None:
        mapping = pc.Mapping(file="1M", content=True)
        mapping.write(0, "64K", 1 << 40)
        mapping.evict()
        assert mapping.pages == 0
        assert mapping.contents(3, 1).tolist() == [(1 << 40) + 3]

    def test_invalidate_leaves_dirty_and_used_folios(self) -> None:
        mapping = pc.Mapping(file="1M", readahead_kb=0)
        for page in range(3):
            mapping.read(page << 12, 1)
        mapping.write(0, 1)
        frame = mapping.pin(1)
        assert mapping.invalidate() == 1
        assert mapping.folios() == [(0, 0), (1, 0)]
        mapping.unpin(frame)


class TestSplits:
    def huge(self, **options: bool) -> pc.Mapping:
        mapping = pc.Mapping(file=pc.File("4M", prefer_order=9), content=True, **options)
        mapping.read(0, "4M")
        return mapping

    def test_uniform_split_makes_single_pages(self) -> None:
        mapping = self.huge(non_uniform_split=False)
        nodes = mapping.nodes
        mapping.punch(4096, 4096)
        assert mapping.folios_by_order == {0: 511, 9: 1}
        assert mapping.nodes == nodes + 8

    def test_non_uniform_split_divides_the_path(self) -> None:
        mapping = self.huge()
        nodes = mapping.nodes
        mapping.punch(0, 4096)
        assert mapping.folios_by_order == dict.fromkeys(range(10), 1)
        assert mapping.nodes == nodes + 1

    def test_clean_folio_that_is_pinned_is_dropped_whole(self) -> None:
        mapping = self.huge()
        frame = mapping.pin(0)
        mapping.punch(4096, 4096)
        assert mapping.folios() == [(512, 9)]
        assert mapping.stats["split_failures"] == mapping.stats["dropped_whole"] == 1
        assert mapping.contents(0, 3).tolist() == [1, 0, 3]
        mapping.unpin(frame)

    def test_dirty_folio_that_is_pinned_stays_whole_and_is_zeroed(self) -> None:
        mapping = self.huge()
        mapping.write(0, "2M", 1 << 40)
        frame = mapping.pin(0)
        mapping.punch(4096, 4096)
        assert mapping.folios() == [(0, 9), (512, 9)]
        assert mapping.contents(0, 3).tolist() == [1 << 40, 0, (1 << 40) + 2]
        mapping.unpin(frame)

    def test_split_without_nodes_changes_nothing_that_is_read(self) -> None:
        mapping = self.huge()
        mapping.write(0, "2M", 1 << 40)
        mapping.index.pool.limit = mapping.index.pool.nodes
        mapping.punch(4096, 4096)
        assert mapping.contents(0, 3).tolist() == [1 << 40, 0, (1 << 40) + 2]
        assert mapping.stats["split_failures"] == 1
        mapping.check()

    def test_pieces_of_a_dirty_folio_are_dirty(self) -> None:
        mapping = self.huge()
        mapping.write(0, 1)
        mapping.punch("1M", "1M")
        assert mapping.scan().tolist() == [index for index, _ in mapping.folios() if index < 512]
        assert mapping.writeback() == 256
        assert mapping.scan().tolist() == []


class TestNoMemory:
    @pytest.mark.parametrize("holes", ["zero-pages", "zero-entries"])
    def test_each_failing_node_leaves_the_mapping_as_it_was(self, holes: str) -> None:
        for limit in range(6):
            mapping = pc.Mapping(file=pc.File("1G", holes=[(0, "512M")]), holes=holes, content=True)
            mapping.index.pool.limit = limit
            for act in (lambda m: m.write("300M", 9000, 7 << 32), lambda m: m.read("700M", 1)):
                before = mapping.contents(76_800, 3).tolist()
                try:
                    act(mapping)
                except MemoryError:
                    assert mapping.contents(76_800, 3).tolist() == before
                mapping.check()

    def test_failing_frames_say_so_and_free_frames_balance(self) -> None:
        buddy = Buddy(256, min_pages=0)
        mapping = pc.Mapping(memory=allocation.make("fallback", buddy), file="4M")
        with pytest.raises(MemoryError, match="read at 0: no frames or nodes"):
            mapping.read(0, "4M")
        mapping.check()
        assert mapping.pages == 256
        mapping.truncate(0)
        assert buddy.free_frames == 256

    def test_operation_is_named(self) -> None:
        mapping = pc.Mapping(memory=allocation.make("fallback", Buddy(64, min_pages=0)), file="4M")
        with pytest.raises(MemoryError, match="operation 1 at page 0"):
            mapping.run(["read", "read"], [0, 0], [4, 1024])


class TestBatches:
    def test_answers_are_those_of_single_calls(self) -> None:
        one, many = pc.Mapping(file="8M"), pc.Mapping(file="8M")
        one.read(0, MIB)
        one.write("2M", "64K")
        dirty = one.writeback()
        evicted = one.evict(0, MIB)
        out = np.zeros(4, np.uint64)
        many.run(["read", "write", "writeback", "evict"], [0, 512, 0, 0], [256, 16, 2048, 256], out)
        assert out[1:].tolist() == [16, dirty, evicted]
        assert one.entries() == many.entries()

    def test_scan_truncate_punch_dirty_fault(self) -> None:
        mapping = pc.Mapping(file="1M", readahead_kb=0)
        out = np.zeros(8, np.uint64)
        mapping.run(
            ["read", "dirty", "dirty", "scan", "fault-write", "scan", "punch", "truncate"],
            [0, 0, 99, 0, 7, 0, 0, 1],
            [4, 0, 0, 0, 0, 0, 1, 0],
            out,
        )
        assert out[1:].tolist() == [1, 0, 1, 4, 2, 1, 4]  # 4: MAJOR
        assert (mapping.size, mapping.pages) == (4096, 0)

    def test_bad_operations_are_refused_before_anything_runs(self) -> None:
        mapping = pc.Mapping(file="1M")
        with pytest.raises(pc.InputError, match="operation 'raed' is none of read, write"):
            mapping.run(["raed"], [0], [1])
        loop, zero = Loop([mapping]), np.zeros(2, np.uint32)
        op, index, count = np.zeros(2, np.uint8), np.zeros(2, np.uint64), np.ones(2, np.uint64)
        with pytest.raises(ValueError, match="operation 1: page 2251799813685248"):
            loop.run(zero, op, index + np.uint64([0, 1 << 51]), count)
        with pytest.raises(ValueError, match="operation 0: no folio of order 3 at page 4"):
            loop.run(zero, op + OPERATIONS["add"], index + 4, count + 2)
        with pytest.raises(IndexError, match="operation 0 names file 1; the mappings are 0 to 0"):
            loop.run(zero + 1, op, index, count)
        with pytest.raises(ValueError, match="one length"):
            loop.run(zero, op[:1], index, count)
        assert mapping.pages == 0
