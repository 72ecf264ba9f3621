"""Memory as fragmented as a machine is, from its buddyinfo."""

import gzip
from pathlib import Path
from typing import Any

import pytest

import pagecache as pc
from pagecache.allocation.zones import free_blocks, page_shift

NORMAL = "Node 0, zone Normal 5834 2836 767 371 153 83 47 41 71 61 247\n"
DMA32 = "Node 0, zone DMA32 1 1 4 2 5 4 3 3 4 2 752\n"


@pytest.fixture
def buddyinfo(tmp_path: Path) -> Path:
    path = tmp_path / "buddyinfo"
    path.write_text(DMA32 + NORMAL)
    return path


def test_buddyinfo_of_a_machine_is_reproduced(buddyinfo: Path) -> None:
    memory = pc.Memory.from_buddyinfo(buddyinfo, zone="Normal", seed=1)
    assert memory.buddyinfo() == [5834, 2836, 767, 371, 153, 83, 47, 41, 71, 61, 247]
    memory.check()
    both = pc.Memory.from_buddyinfo(buddyinfo, size="24G")
    assert both.buddyinfo() == [5835, 2837, 771, 373, 158, 87, 50, 44, 75, 63, 999]
    assert both.buddy.frames == 24 << 18


def test_seed_places_the_blocks_of_a_buddyinfo(buddyinfo: Path) -> None:
    used = [
        pc.Memory.from_buddyinfo(buddyinfo, zone="DMA32", seed=s).buddy.used() for s in (1, 1, 2)
    ]
    assert used[0] == used[1] != used[2]


def test_this_machines_buddyinfo_can_be_loaded() -> None:
    memory = pc.Memory.from_buddyinfo()
    assert sum(memory.buddyinfo()) > 0
    memory.check()


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("nonsense\n", {}, "buddyinfo:1: 'nonsense' is not 'Node N, zone NAME"),
        (NORMAL + "Node 0, zone X 1\n", {}, "buddyinfo:2: 1 counts"),
        (NORMAL, {"page_size": "5K"}, "page_size: '5K' is no page size; give 4K, 16K or 64K"),
        (
            NORMAL + "Node 0, zone X 9999999999" + " 0" * 10,
            {},
            "buddyinfo:2: zone X has 37.25 TiB free, above 16 TiB; copy /proc/buddyinfo again",
        ),
        (
            NORMAL + ("Node 1, zone Far" + " 0" * 10 + " 4194000\n") * 2,
            {},
            "buddyinfo: zones node 0 Normal, node 1 Far, node 1 Far have 32 TiB free together, "
            "above 16 TiB; choose one with zone=",
        ),
        ("", {}, "buddyinfo:1: no zone"),
        (NORMAL, {"zone": "HighMem"}, "no zone 'HighMem'; it has Normal"),
        (NORMAL, {"size": "64M"}, "buddyinfo: 247 free blocks of order 10 do not fit"),
        (NORMAL, {"size": 4097}, "no multiple of a page"),
    ],
)
def test_buddyinfo_that_cannot_be_used_is_named(
    tmp_path: Path, text: str, options: dict[str, Any], message: str
) -> None:
    path = tmp_path / "buddyinfo"
    path.write_text(text)
    with pytest.raises(pc.InputError, match=message):
        pc.Memory.from_buddyinfo(path, **options)


def test_buddyinfo_with_fewer_orders_makes_a_memory_with_smaller_blocks(tmp_path: Path) -> None:
    path = tmp_path / "buddyinfo"
    path.write_text("Node 0, zone Normal 9 8 7 6 5 4 3 2 1\n")
    memory = pc.Memory.from_buddyinfo(path, seed=1)
    assert memory.buddyinfo() == [9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0]
    memory.release()
    assert memory.buddy.max_order == 8
    assert memory.buddyinfo()[9:] == [0, 0]
    memory.check()
    with pytest.raises(ValueError, match="order 9 is not from 0 to 8"):
        memory.alloc(9)


def test_blocks_above_order_10_become_blocks_of_order_10(tmp_path: Path) -> None:
    path = tmp_path / "buddyinfo"
    path.write_text("Node 0, zone Normal 9 8 7 6 5 4 3 2 1 0 1 2 3\n")
    memory = pc.Memory.from_buddyinfo(path, seed=1)
    assert memory.buddyinfo() == [9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 1 + 2 * 2 + 3 * 4]
    memory.check()


def test_pages_of_64k_are_sixteen_frames_each(tmp_path: Path) -> None:
    path = tmp_path / "buddyinfo"
    path.write_text("Node 0, zone Normal 5 4 3 2 1 0 1 0 0 0 0 0 0 1\n")
    memory = pc.Memory.from_buddyinfo(path, page_size="64K", seed=1)
    assert memory.buddyinfo() == [0, 0, 0, 0, 5, 4, 3, 2, 1, 0, 1 + 128]
    memory.check()


def test_page_size_of_this_machine_holds_for_its_own_file_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pagecache.allocation.zones.os.sysconf", lambda name: 65536)
    assert page_shift("/proc/buddyinfo", None) == 4
    assert page_shift(tmp_path / "buddyinfo", None) == 0
    assert page_shift("/proc/buddyinfo", "16K") == 2


def test_buddyinfo_of_the_largest_memory_is_loaded_as_it_is(tmp_path: Path) -> None:
    """Twice what is free would be above 16 TiB: all of it is taken instead."""
    path = tmp_path / "buddyinfo"
    path.write_text("Node 0, zone Far" + " 0" * 10 + " 4194304\n")
    with pytest.raises(pc.InputError, match="copy /proc/buddyinfo again"):
        pc.Memory.from_buddyinfo(path, page_size="8K")
    assert free_blocks(path, None, None).frames == 1 << 32


def test_buddyinfo_that_opens_and_cannot_be_read_is_named() -> None:
    with pytest.raises(pc.InputError, match=r"^/proc/self/mem: cannot be read \(Input/output"):
        pc.Memory.from_buddyinfo("/proc/self/mem")


def test_missing_buddyinfo_is_named(tmp_path: Path) -> None:
    with pytest.raises(pc.InputError, match="no such file; check the path"):
        pc.Memory.from_buddyinfo(tmp_path / "none")


TYPES = """Page block order: 9
Pages per block:  512

Free pages count per migrate type at order       0      1      2
Node    0, zone      DMA, type    Unmovable      1      0      1
Node    0, zone      DMA, type      Movable      0      1      0
Node    0, zone   Normal, type    Unmovable      0      0      9
Node    0, zone   Normal, type      Movable      4      0      0

Number of blocks type     Unmovable      Movable
Node 0, zone      DMA            1            7
"""


def test_pagetypeinfo_is_read_as_the_sum_of_its_types(tmp_path: Path) -> None:
    path = tmp_path / "pagetypeinfo.gz"
    path.write_bytes(gzip.compress(TYPES.encode()))
    assert pc.Memory.from_buddyinfo(path, zone="DMA", seed=1).buddyinfo()[:3] == [1, 1, 1]
    assert pc.Memory.from_buddyinfo(path, seed=1).buddyinfo()[:3] == [5, 1, 10]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("      9", "> 100000", r":7: the kernel stopped counting at 100,000 blocks"),
        ("      9", "", r":8: 3 counts where an earlier line has 2"),
        ("      9", "      x", r":7: count 'x' of order 2"),
        ("Node ", "Nod ", r":1: no zone in it"),
    ],
)
def test_pagetypeinfo_that_is_damaged_names_its_line(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    path = tmp_path / "pagetypeinfo"
    path.write_text(TYPES.replace(old, new))
    with pytest.raises(pc.InputError, match=told):
        pc.Memory.from_buddyinfo(path)
