"""Every bad input is one line that names the place and the remedy, before anything runs."""

from collections.abc import Callable
from pathlib import Path

import pytest

import pagecache as pc
from pagecache import allocation

CASES: list[tuple[str, Callable[[], object]]] = [
    ("size: -1 is negative", lambda: pc.File(-1)),
    ("size: 9223372036854775809 is beyond 2\\*\\*63", lambda: pc.File((1 << 63) + 1)),
    ("size: '2X' is not a size", lambda: pc.File("2X")),
    ("size: None is not a size", lambda: pc.File(None)),  # type: ignore[arg-type]
    ("block: '5K' is no power of two", lambda: pc.File("1M", block="5K")),
    ("block: 512 is no power of two from 4K on", lambda: pc.File("1M", block=512)),
    ("block: '4M' is above the largest folio, 2M", lambda: pc.File("1G", block="4M")),
    ("block: '64K' is no huge page", lambda: pc.File("1G", block="64K", like="hugetlbfs")),
    ("unknown filesystem 'zfs'", lambda: pc.File("1M", like="zfs")),
    ("ends beyond the file of 1048576 bytes", lambda: pc.File("1M", holes=[(0, "2M")])),
    ("position of a hole: -4096 is negative", lambda: pc.File("1M", holes=[(-4096, 1)])),
    ("prefer_order: 14 is not from 0 to 13", lambda: pc.File("1M", prefer_order=14)),
    ("clone: tmpfs clones no files .EOPNOTSUPP", lambda: pc.File("1M", like="tmpfs").clone()),
    ("unknown design 'thp-mutli'; did you mean thp-multi", lambda: pc.Mapping("thp-mutli")),
    ("unknown hole policy 'zero'", lambda: pc.Mapping(holes="zero")),
    ("zero_order: 60 is not from 0 to 51", lambda: pc.Mapping(zero_order=60)),
    ("readahead_kb: -1", lambda: pc.Mapping(readahead_kb=-1)),
    ("max_io_kb: -4", lambda: pc.Mapping(max_io_kb=-4)),
    ("limit: '1Z' is not a size", lambda: pc.Mapping(limit="1Z")),
    ("memory: 3.5 is no memory", lambda: pc.Mapping(memory=3.5)),
    (
        "zero-entries do not go with base-4k and a block of order 4",
        lambda: pc.Mapping("base-4k", holes="zero-entries", file=pc.File("1M", block="64K")),
    ),
    (
        "zero-entries do not go with hugetlb-4k-slots",
        lambda: pc.Mapping(
            "hugetlb-4k-slots", holes="zero-entries", file=pc.File("4M", like="hugetlbfs")
        ),
    ),
    ("hugetlb-4k-multi indexes hugetlbfs files only", lambda: pc.Mapping("hugetlb-4k-multi")),
    (
        "thp-multi indexes no hugetlbfs file; use hugetlb-4k-multi",
        lambda: pc.Mapping(file=pc.File("4M", like="hugetlbfs")),
    ),
    (
        "thp-multi does not go with policy 'huge-pool'",
        lambda: pc.Mapping(memory=allocation.make("huge-pool", 4096)),
    ),
    (
        "policy min-order of order 4 does not go with a block of order 0",
        lambda: pc.Mapping(memory=allocation.make("min-order", 4096)),
    ),
    ("unknown kind of entries 'pfn'", lambda: pc.Mapping(entries="pfn")),
    ("entries='pfns' do not go with base-4k", lambda: pc.Mapping("base-4k", entries="pfns")),
    ("pool: 3 is no pool; give", lambda: pc.Mapping(pool=3)),  # type: ignore[arg-type]
    ("are more than a file with content", lambda: pc.Mapping(content=True).contents(0, 1 << 40)),
    ("index: an array of float64 holds no", lambda: pc.Mapping().run(["read"], [1.5], [1])),
    ("index: -3 is negative; pages are", lambda: pc.Mapping().run(["read"], [-3], [1])),
    ("count: -1 is negative; pages are", lambda: pc.Mapping().run(["add"], [0], [-1])),
    ("position: -1 is negative", lambda: pc.Mapping(file="1M").read(-1, 1)),
    ("length: -5 is negative", lambda: pc.Mapping(file="1M").write(0, -5)),
    ("beyond 2\\*\\*63 bytes", lambda: pc.Mapping(file="1M").read(1 << 64, 1)),
    ("ends beyond 2\\*\\*63 bytes", lambda: pc.Mapping(file="1M").punch(1 << 62, (1 << 62) + 1)),
    ("size: -1 is negative", lambda: pc.Mapping(file="1M").truncate(-1)),
    ("page -1 is not from 0", lambda: pc.Mapping(file="1M").fault(-1)),
    ("advice 'never' is none of normal", lambda: pc.Mapping(file="1M").advise("never")),
    ("mark 'dirt' is none of dirty", lambda: pc.Mapping(file="1M").scan("dirt")),
    ("keeps no content", lambda: pc.Mapping(file="1M").contents(0, 1)),
    ("content: a file above 64 GiB", lambda: pc.Mapping(memory="1M", file="1T", content=True)),
    ("no multiple of the huge page", lambda: hugetlb().truncate(4096)),
    ("cached in another memory", lambda: pc.Mapping(file=shared(), entries="pfns")),
]


def hugetlb() -> pc.Mapping:
    return pc.Mapping("hugetlb-4k-multi", file=pc.File("4M", like="hugetlbfs"))


def shared() -> pc.File:
    """A clone whose blocks are cached in the memory of the mapping of the file it was made of."""
    mapping = pc.Mapping(file=pc.File("1M", like="xfs"), entries="pfns")
    mapping.clone()
    return mapping.file.clone()


@pytest.mark.parametrize(("text", "act"), CASES, ids=[text for text, _ in CASES])
def test_one_line_says_what_is_wrong(text: str, act: Callable[[], object]) -> None:
    with pytest.raises(pc.InputError, match=text) as caught:
        act()
    assert "\n" not in str(caught.value)


def test_file_of_2_to_the_63_bytes_is_sparse_and_small() -> None:
    mapping = pc.Mapping(
        memory="64M", file=pc.File(1 << 63, holes=[(0, 1 << 63)]), holes="zero-entries"
    )
    assert mapping.read((1 << 63) - 4096, 4096) == 4096
    assert mapping.write((1 << 63) - 4096, 4096) == 4096
    assert mapping.folios() == [((1 << 51) - 1, 0)]
    mapping.truncate(0)
    assert (mapping.nodes, mapping.pages) == (0, 0)


def test_pin_of_a_page_that_is_not_cached_and_unpin_of_a_free_frame() -> None:
    mapping = pc.Mapping(file="1M")
    with pytest.raises(IndexError, match="page 3 is not cached"):
        mapping.pin(3)
    with pytest.raises(IndexError, match="frame 12 is not in use"):
        mapping.unpin(12)


def test_part_of_a_shared_page_is_zeroed_or_memory_error_says_that_it_is_not() -> None:
    memory = pc.Memory("1M", min_free=0)
    file = pc.File("64K", like="xfs")
    mapping = pc.Mapping(memory=memory, file=file, entries="pfns", content=True)
    mapping.read(0, 65536)
    clone = mapping.clone()
    clone.read(0, 65536)
    while memory.buddy.free_frames:
        memory.alloc()
    for cut in (lambda: clone.punch(100, 100), lambda: clone.truncate(5000)):
        with pytest.raises(MemoryError):
            cut()
        assert clone.contents(0, 3).tolist() == [1, 2, 3]
        assert clone.read(0, 65536) == 65536
        clone.check()


def test_block_that_the_limit_has_no_room_for_is_a_memory_error() -> None:
    for like in ("ext4", "tmpfs"):
        file = pc.File("2M", [], like=like, block="2M")
        mapping = pc.Mapping(memory="256K", file=file, limit="64K")
        for act in (mapping.read, mapping.write):
            with pytest.raises(MemoryError):
                act(0, 4096)
        assert mapping.fault(0) & pc.VmFault.OOM
        mapping.check()
    with pytest.raises(MemoryError):
        mapping.fallocate(0, 4096)


def test_breaking_a_shared_block_that_reaches_beyond_the_end() -> None:
    file = pc.File("68K", like="xfs", block="64K")
    mapping = pc.Mapping(memory="4M", file=file, entries="pfns", content=True)
    mapping.read(0, "68K")
    clone = mapping.clone()
    clone.write(65536, 100, identity=99)
    assert clone.contents(16, 1).tolist() == [115]
    assert mapping.contents(16, 1).tolist() == [17]


def test_no_bytes_are_no_page() -> None:
    mapping = pc.Mapping(file="64K")
    mapping.write(0, 65536)
    assert mapping.writeback(0, 0) == mapping.writeback(1, 0) == 0
    assert mapping.writeback() == 16
    assert mapping.evict(0, 0) == mapping.invalidate(0, 0) == 0
    assert mapping.pages == 16


def test_only_what_was_pinned_is_unpinned() -> None:
    mapping = pc.Mapping(file="64K")
    mapping.read(0, 65536)
    frame = mapping.pin(3)
    mapping.unpin(frame)
    with pytest.raises(ValueError, match=f"frame {frame} is not pinned"):
        mapping.unpin(frame)
    mapping.check()


@pytest.mark.parametrize("option", ["zero_order", "max_order", "min_order", "readahead_kb"])
def test_orders_and_sizes_of_a_mapping_are_whole_numbers(option: str) -> None:
    with pytest.raises(TypeError, match="cannot be interpreted as an integer"):
        pc.Mapping(file="1M", **{option: 1.0})
    with pytest.raises(TypeError, match="cannot be interpreted as an integer"):
        pc.File("1M", prefer_order=1.0)


def test_positions_as_text_may_be_zero() -> None:
    holes = pc.File("1G", holes=[("0", "512M"), ("768M", "0")])
    assert holes.extents.runs() == [(131072, 131072, "data")]
    mapping = pc.Mapping(file="1M")
    assert mapping.read("0", "4K") == mapping.read(0, 4096) == 4096
    assert mapping.write("0", "0") == mapping.write(0, 0) == 0
    mapping.punch("0", "8K")
    mapping.truncate("0")
    assert (mapping.pages, pc.File("0").size) == (0, 0)
    with pytest.raises(pc.InputError, match="position: '-1' is negative"):
        mapping.read("-1", 1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", r"x\.csv:1: the header is not kind,page,pages; "),
        ("kind,page\n", r"x\.csv:1: the header is not kind,page,pages; "),
        ("kind,page,pages\nresident,0,1\n", r"x\.csv:2: neither data nor a hole follows; "),
        ("kind,page,pages\nhole,0,-1\n", r"x\.csv:2: 1 of 2 lines cannot be read as extents"),
        (f"kind,page,pages\nhole,0,{1 << 52}\n", r"x\.csv:2: 1 of 2 lines cannot be read"),
    ],
)
def test_extents_that_are_none_are_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "x.csv"
    path.write_text(text)
    with pytest.raises(pc.InputError, match=said):
        pc.File.from_extents(path)
