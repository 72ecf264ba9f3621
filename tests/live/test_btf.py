"""The parser of BTF, against a blob of known types and against the running kernel's."""

import ctypes

import pytest

from pagecache.errors import InputError
from pagecache.live.btf import KERNEL_BTF, Btf, NoSuchType
from pagecache.live.offsets import offsets_of

from .crafted import Blob


def blob() -> Blob:
    """`struct outer`: a long, an unnamed union of two, a typedef of `struct inner`, bit fields."""
    made = Blob()
    long_ = made.add(1, "long", 8, 64)
    made.add(2, "", long_)
    array = made.add(3, "", 0, long_, long_, 64)
    inner = made.struct("inner", 520, ("head", long_, 0), ("slots", array, 64))
    named = made.add(8, "inner_t", inner)
    const = made.add(10, "", named)
    union = made.struct("", 8, ("left", long_, 0), ("right", long_, 0), kind=5)
    made.add(6, "numbers", 4, made.name("ONE"), 1, made.name("TWO"), 2, vlen=2)
    made.add(13, "", long_, made.name("argument"), long_, vlen=1)
    made.add(19, "wide", 8, made.name("BIG"), 0, 1, vlen=1)
    made.struct(
        "outer",
        544,
        ("first", long_, 0),
        ("", union, 64),
        ("nested", const, 128),
        ("bits", long_, 5 << 24 | 4296),
        flag=1,
    )
    return made


def test_offsets_go_through_typedefs_and_unnamed_unions() -> None:
    btf = Btf(blob().data())
    assert btf.offset("outer.first") == 0
    assert btf.offset("outer.right") == 8
    assert btf.offset("outer.nested.head") == 16
    assert btf.offset("outer.nested.slots") == 24
    assert btf.offset("outer.bits") == 537
    assert (btf.size("outer"), btf.size("inner")) == (544, 520)
    assert btf.length("inner.slots") == 64


def test_enumerators_are_found_by_name() -> None:
    btf = Btf(blob().data())
    assert btf.has_enumerator("numbers", "TWO")
    assert not btf.has_enumerator("numbers", "THREE")
    assert not btf.has_enumerator("letters", "TWO")


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("missing.first", "struct missing does not exist"),
        ("outer.third", "struct outer has no third"),
        ("outer.first.head", "struct outer has no first.head"),
        ("long.first", "struct long does not exist"),
    ],
)
def test_what_a_kernel_does_not_have_is_named(path: str, said: str) -> None:
    with pytest.raises(NoSuchType, match=said):
        Btf(blob().data()).offset(path)


def test_length_of_what_is_no_array_is_refused() -> None:
    with pytest.raises(NoSuchType, match=r"outer.first is no array"):
        Btf(blob().data()).length("outer.first")


def test_other_blobs_are_refused() -> None:
    data = blob().data()
    with pytest.raises(InputError, match="magic 0x9feb"):
        Btf(blob().data(magic=0x9FEB))
    with pytest.raises(InputError, match="version 2"):
        Btf(blob().data(version=2))
    for cut in (4, len(data) - 1):
        with pytest.raises(InputError, match="cut off"):
            Btf(data[:cut])
    unknown = blob()
    unknown.add(31, "", 0)
    with pytest.raises(InputError, match="BTF kind 31"):
        Btf(unknown.data())
    short = Blob()
    short.struct("one", 8, ("first", 1, 0))
    short.types = short.types[:-4]
    with pytest.raises(InputError, match="BTF ends within type 2"):
        Btf(short.data())
    with pytest.raises(NoSuchType, match="struct any does not exist"):
        Btf(Blob().data()).size("any")


def test_missing_file_names_the_remedy(tmp_path) -> None:
    with pytest.raises(InputError, match="CONFIG_DEBUG_INFO_BTF"):
        Btf.of_kernel(tmp_path / "vmlinux")


@pytest.fixture(scope="module")
def kernel() -> Btf:
    if not KERNEL_BTF.exists():
        pytest.skip(f"this kernel has no {KERNEL_BTF}")
    return Btf.of_kernel()


def test_running_kernel_has_what_its_interface_fixes(kernel: Btf) -> None:
    class Timespec(ctypes.Structure):
        _fields_ = (("tv_sec", ctypes.c_int64), ("tv_nsec", ctypes.c_int64))

    assert kernel.size("timespec64") == ctypes.sizeof(Timespec)
    assert kernel.offset("timespec64.tv_nsec") == Timespec.tv_nsec.offset
    assert kernel.offset("list_head.prev") == 8
    assert kernel.has_enumerator("bpf_func_id", "BPF_FUNC_map_lookup_elem")


def test_offsets_of_the_running_kernel_is_consistent(kernel: Btf) -> None:
    offsets = offsets_of(kernel)
    assert offsets.node_slots + 64 * 8 <= offsets.node_size
    assert offsets.mapping_pages <= offsets.mapping_head < offsets.mapping_nrpages
    assert kernel.offset("xa_node.shift") == offsets.node_shift


def test_kernel_with_narrow_nodes_is_refused() -> None:
    made = Blob()
    long_ = made.add(1, "long", 8, 64)
    array = made.add(3, "", 0, long_, long_, 16)
    made.struct("xa_node", 128, ("slots", array, 0))
    with pytest.raises(InputError, match="nodes have 16 slots"):
        offsets_of(Btf(made.data()))


def test_kernel_without_loops_in_bpf_is_refused() -> None:
    made = Blob()
    long_ = made.add(1, "long", 8, 64)
    array = made.add(3, "", 0, long_, long_, 64)
    made.struct("xa_node", 576, ("slots", array, 0))
    with pytest.raises(InputError, match=r"Linux 5\.17"):
        offsets_of(Btf(made.data()))
