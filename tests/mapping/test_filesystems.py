"""What each filesystem has and does, as seen on Linux 6.18 with all five of them mounted.

Single calls and arrays of operations must answer alike: they are the same code.
"""

import errno
from collections.abc import Callable

import numpy as np
import pytest

import pagecache as pc
from pagecache.mapping.storage.filesystems import FILESYSTEMS, REFUSED, refusal

MIB = 1 << 20
SINGLE: dict[str, Callable[[pc.Mapping], object]] = {
    "read": lambda m: m.read(0, 2 * MIB),
    "write": lambda m: m.write(0, 2 * MIB),
    "fault": lambda m: m.fault(0),
    "fault-write": lambda m: m.fault(0, write=True),
    "fallocate": lambda m: m.fallocate(0, 2 * MIB),
    "punch": lambda m: m.punch(0, 2 * MIB),
    "truncate": lambda m: m.truncate(0),
    "clone": lambda m: m.clone(),
    "unshare": lambda m: m.unshare(0, 2 * MIB),
    "writeback": lambda m: m.writeback(),
    "evict": lambda m: m.evict(),
    "invalidate": lambda m: m.invalidate(),
    "scan": lambda m: m.scan(),
}
# What 6.18.44 answered to each of these; all else succeeded.
ERRNO = {
    ("ext4", "clone"): "EOPNOTSUPP",
    ("ext4", "unshare"): "EOPNOTSUPP",
    ("btrfs", "unshare"): "EOPNOTSUPP",
    ("tmpfs", "clone"): "EOPNOTSUPP",
    ("tmpfs", "unshare"): "EOPNOTSUPP",
    ("hugetlbfs", "write"): "EINVAL",
    ("hugetlbfs", "clone"): "EOPNOTSUPP",
    ("hugetlbfs", "unshare"): "EOPNOTSUPP",
}


def mapping_of(like: str, size: int | str = "4M", **options: object) -> pc.Mapping:
    design = "hugetlb-4k-multi" if like == "hugetlbfs" else "thp-multi"
    return pc.Mapping(design, file=pc.File(size, like=like), **options)


def state(mapping: pc.Mapping) -> tuple[object, ...]:
    return (
        mapping.size,
        mapping.entries(),
        mapping.file.extents.runs(),
        {**mapping.stats, "shares_broken": 0},
    )


@pytest.mark.parametrize("like", FILESYSTEMS)
@pytest.mark.parametrize("operation", SINGLE)
def test_operation_is_there_or_refused_with_the_errno_of_the_real_one(
    like: str, operation: str
) -> None:
    mapping = mapping_of(like)
    before = state(mapping)
    if (like, operation) not in ERRNO:
        assert refusal(like, operation) is None
        SINGLE[operation](mapping)
        return
    with pytest.raises(pc.InputError, match=ERRNO[like, operation]) as caught:
        SINGLE[operation](mapping)
    assert str(caught.value) == refusal(like, operation)
    assert "\n" not in str(caught.value)
    assert "; " in str(caught.value)
    assert state(mapping) == before


def test_table_of_refusals_holds_the_pairs_that_were_seen() -> None:
    assert REFUSED.keys() == ERRNO.keys()
    assert {pair: getattr(errno, name) for pair, name in ERRNO.items()} == {
        pair: found.number for pair, found in REFUSED.items()
    }


@pytest.mark.parametrize("pair", [pair for pair in ERRNO if pair[1] != "clone"])
def test_arrays_are_refused_before_anything_runs(pair: tuple[str, str]) -> None:
    mapping = mapping_of(pair[0])
    with pytest.raises(pc.InputError, match=rf"operation 1, {pair[1]}: {pair[0]} .*{ERRNO[pair]}"):
        mapping.run(["read", pair[1]], [0, 0], [1, 1])
    assert (mapping.pages, mapping.stats["misses"]) == (0, 0)


@pytest.mark.parametrize("like", FILESYSTEMS)
@pytest.mark.parametrize("operation", ["fallocate", "punch", "unshare"])
def test_fallocate_of_no_bytes_is_invalid_before_the_filesystem_is_asked(
    like: str, operation: str
) -> None:
    mapping = mapping_of(like)
    before = state(mapping)
    sentence = rf"{operation}: {like} takes no range of 0 bytes \(EINVAL, .*\); give a length"
    for position in (0, "4K", 8 * MIB):
        with pytest.raises(pc.InputError, match=sentence):
            getattr(mapping, operation)(position, 0)
    with pytest.raises(pc.InputError, match=f"^operation 1, {sentence}"):
        mapping.run(["read", operation], [0, 1], [1, 0])
    assert state(mapping) == before


def test_hugetlbfs_truncates_to_whole_huge_pages_alone() -> None:
    mapping = mapping_of("hugetlbfs")
    for act in (lambda: mapping.truncate(4096), lambda: mapping.run(["truncate"], [1], [0])):
        with pytest.raises(pc.InputError, match=r"truncate: hugetlbfs .* multiple .*EINVAL"):
            act()
    mapping.truncate("2M")
    assert mapping.run(["truncate"], [0], [0]) == 0
    assert mapping.size == mapping.file.size == 0


# (start, end) of a punch, and which of the three pages of a file of 10,000 bytes stay cached: on
# ext4, and on xfs, btrfs and tmpfs.  mincore() said so.
PUNCHES = [
    (0, 9_999, "001", "001"),
    (0, 10_000, "001", "001"),
    (0, 10_001, "000", "001"),
    (0, 12_287, "000", "001"),
    (0, 12_288, "000", "000"),
    (0, 14_096, "000", "000"),
    (0, MIB, "000", "000"),
    (8_192, 10_001, "110", "111"),
    (8_192, 2 * MIB, "110", "110"),
    (8_292, 2 * MIB, "111", "111"),
    (8_191, 10_000, "111", "111"),
    (8_191, 10_001, "110", "111"),
    (10_000, 2 * MIB, "111", "111"),
]


def scaled(position: int, scale: int) -> int:
    """A position among larger blocks: a byte before or after a border stays one."""
    near = min((0, 8_192, 10_000, 12_288), key=lambda border: abs(border - position))
    return near * scale + position - near if abs(near - position) == 1 else position * scale


@pytest.mark.parametrize("block", [4, 16, 64, 2048])
@pytest.mark.parametrize("like", ["ext4", "xfs", "btrfs", "tmpfs"])
@pytest.mark.parametrize("row", PUNCHES, ids=str)
def test_punch_around_the_end_of_a_file(
    like: str, row: tuple[int, int, str, str], block: int
) -> None:
    """With blocks of 64 KiB all is 16 times as large: seen on xfs, which mounts them."""
    start, end, ext4, others = row
    scale = block // 4
    file = pc.File(10_000 * scale, like=like, block=f"{block}K")
    mapping = pc.Mapping(file=file, content=True)
    if like == "tmpfs":
        mapping.write(0, file.size, identity=1)
    mapping.read(0, file.size)
    mapping.writeback()
    first, after = scaled(start, scale), scaled(end, scale)
    mapping.punch(first, after - first)
    cached = np.zeros(3 * scale, np.uint8)
    for page, order in mapping.folios():
        cached[page : page + (1 << order)] = 1
    assert "".join(map(str, cached[::scale])) == (ext4 if like == "ext4" else others)
    for block_number, kept in enumerate(ext4 if like == "ext4" else others):
        kind = mapping.file.extents.runs()
        held = any(a <= block_number * scale < a + n for a, n, _ in kind)
        assert held == (kept == "1")
    mapping.check()


@pytest.mark.parametrize("like", FILESYSTEMS)
def test_single_calls_and_arrays_do_the_same(like: str) -> None:
    """Random operations on two mappings, one at a time on one, as arrays on the other."""
    rng = np.random.default_rng(7)
    known = [name for name in SINGLE if name not in {"clone", "scan"}]
    names = [name for name in known if (like, name) not in ERRNO]
    size = 3 * MIB + 10_000 if like != "hugetlbfs" else 4 * MIB
    one, many = mapping_of(like, size, memory="64M"), mapping_of(like, size, memory="64M")
    for _ in range(300):
        name = names[rng.integers(len(names))]
        page, count = int(rng.integers(0, 1030)), int(rng.integers(1, 600))
        if like == "hugetlbfs" and name in ("truncate", "fallocate"):
            page, count = page // 512 * 512, 512
        single(one, name, page, count)
        many.run([name], [page], [count])
        assert state(one) == state(many), (name, page, count)


def single(mapping: pc.Mapping, name: str, page: int, count: int) -> None:
    if name in ("fault", "fault-write"):
        mapping.fault(page, name == "fault-write")
    elif name == "truncate":
        mapping.truncate(page << 12)
    else:
        getattr(mapping, name)(page << 12, count << 12)


@pytest.mark.parametrize("like", FILESYSTEMS)
def test_size_of_the_file_follows_its_growth(like: str) -> None:
    mapping = mapping_of(like, "2M")
    grow = mapping.fallocate if like == "hugetlbfs" else mapping.write
    grow("2M", "2M")
    assert mapping.size == mapping.file.size == 4 * MIB
    assert mapping.file.pages == 1024
    mapping.truncate("6M")
    assert mapping.file.size == 6 * MIB
    mapping.truncate("2M")
    assert mapping.size == mapping.file.size == 2 * MIB


def test_hugetlbfs_file_that_is_no_multiple_of_its_huge_page_is_refused() -> None:
    with pytest.raises(pc.InputError, match=r"'1.5G' is no multiple of the huge page of 1 GiB"):
        pc.File("1.5G", like="hugetlbfs", block="1G")
    with pytest.raises(pc.InputError, match="3145728 is no multiple of the huge page of 2 MiB"):
        pc.File(3 * MIB, like="hugetlbfs")


def test_one_page_is_not_called_pages() -> None:
    mapping = pc.Mapping(file="64K", readahead_kb=0)
    mapping.read(0, 1)
    assert repr(mapping).endswith("1 page cached>")
    mapping.read(4096, 1)
    assert repr(mapping).endswith("2 pages cached>")


def test_no_filesystem_refuses_a_read() -> None:
    """`operate` relies on it: a read is not looked up among what is refused."""
    assert not [name for name, operation in REFUSED if operation == "read"]
