"""GFP masks: their values, their names, what they ask for."""

import re
from contextlib import nullcontext
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pagecache.buddy.buddy import Buddy
from pagecache.gfp import flags as gfp
from pagecache.gfp.flags import GFP_KERNEL, GFP_NOFS, GFP_NOIO, Gfp, MigrateType, migrate_type

masks = st.sets(st.sampled_from(list(Gfp))).map(lambda flags: Gfp(sum(flags)))


def bits(text: str) -> dict[str, int]:
    """The GFP_BIT_ lines of bits.pxd."""
    return {name: int(value, 16) for name, value in re.findall(r"GFP_BIT_(\w+) = (0x\w+)", text)}


def test_compiled_code_has_the_same_bits() -> None:
    text = Path(gfp.__file__).with_name("bits.pxd").read_text()
    assert bits(text) == {flag.name: int(flag) for flag in Gfp}
    memory = Buddy(1 << 10)
    for bit in range(40):  # the allocator has its own mask of them
        with (
            nullcontext()
            if 1 << bit & gfp.ALL_BITS
            else pytest.raises(ValueError, match="no flag has")
        ):
            memory.alloc(0, 1 << bit)


def test_sets_have_the_kernels_values() -> None:
    assert {name: int(mask) for name, mask in gfp.SETS.items()} == {
        "GFP_NOIO": 0xC00,
        "GFP_NOFS": 0xC40,
        "GFP_KERNEL": 0xCC0,
        "GFP_NOWAIT": 0x800,
        "GFP_ATOMIC": 0xA20,
        "GFP_USER": 0x100CC0,
        "GFP_HIGHUSER": 0x100CC2,
        "GFP_HIGHUSER_MOVABLE": 0x1100CCA,
        "GFP_TRANSHUGE_LIGHT": 0x11C20CA,
        "GFP_TRANSHUGE": 0x11C24CA,
    }


@pytest.mark.parametrize(
    ("mask", "text"),
    [
        (GFP_KERNEL | Gfp.NOWARN, "GFP_KERNEL|NOWARN"),
        (GFP_KERNEL & ~Gfp.FS, "GFP_NOFS"),
        (Gfp.IO | Gfp.FS, "IO|FS"),
        (Gfp.DIRECT_RECLAIM, "DIRECT_RECLAIM"),
        (gfp.GFP_HIGHUSER_MOVABLE | Gfp.ZERO | Gfp.COMP, "GFP_HIGHUSER_MOVABLE|ZERO|COMP"),
        (Gfp(0), "0"),
    ],
)
def test_mask_shows_its_largest_set_and_the_rest(mask: Gfp, text: str) -> None:
    assert repr(mask) == str(mask) == text


@given(masks)
def test_mask_is_read_again_from_its_text(mask: Gfp) -> None:
    assert Gfp.parse(str(mask)) == mask


@pytest.mark.parametrize(
    ("printed", "names"),
    [
        (0x1100CCA, "GFP_HIGHUSER_MOVABLE"),  # an out-of-memory report of 5.17
        (0x1C0CC0, "GFP_KERNEL|__GFP_COMP|__GFP_NOMEMALLOC|__GFP_HARDWALL"),
        (0x1800000, "__GFP_ZEROTAGS|__GFP_SKIP_KASAN_POISON"),
        (0x1100CCA, "0x1100cca"),
        (0x1940DCA, "GFP_HIGHUSER_MOVABLE|__GFP_COMP|__GFP_ZERO|0x800000"),
        (0x400CC0, "GFP_KERNEL_ACCOUNT"),
        (0x6, "GFP_DMA32|__GFP_HIGHMEM"),
        (0x1, "GFP_DMA"),
    ],
)
def test_masks_that_kernels_print_are_known(printed: int, names: str) -> None:
    assert Gfp(printed) == Gfp.parse(names)


def test_flags_may_be_written_as_the_kernel_has_them() -> None:
    assert Gfp.parse("GFP_KERNEL | __GFP_NOFAIL") == GFP_KERNEL | Gfp.NOFAIL


@pytest.mark.parametrize(
    ("name", "near"),
    [("GFP_KERNLE", "GFP_KERNEL"), ("nowarn", "NOWARN"), ("__GFP_NORETYR", "NORETRY")],
)
def test_unknown_flag_names_the_nearest(name: str, near: str) -> None:
    with pytest.raises(ValueError, match=f"unknown GFP flag '{name}'; did you mean {near}?"):
        Gfp.parse(name)


def test_number_with_unknown_bits_is_refused_by_its_bits() -> None:
    with pytest.raises(ValueError, match="no flag has the bits 0x4000000;"):
        Gfp.parse("GFP_KERNEL|0x4000000")
    with pytest.raises(ValueError, match="invalid literal"):
        Gfp.parse("0xGFP")


@pytest.mark.parametrize("value", [1 << 26, 1 << 27, 1 << 40])
def test_bits_without_a_flag_are_refused(value: int) -> None:
    with pytest.raises(ValueError, match="invalid value"):
        Gfp(value)


@pytest.mark.parametrize(
    ("mask", "kind"),
    [
        (GFP_KERNEL, MigrateType.UNMOVABLE),
        (gfp.GFP_HIGHUSER_MOVABLE, MigrateType.MOVABLE),
        (GFP_NOFS | Gfp.RECLAIMABLE, MigrateType.RECLAIMABLE),
    ],
)
def test_migrate_type_is_the_two_bits(mask: Gfp, kind: MigrateType) -> None:
    assert migrate_type(mask) is kind
    assert int(kind) == (int(mask) & 0x18) >> 3


def test_mask_of_two_migrate_types_is_refused() -> None:
    with pytest.raises(ValueError, match="both MOVABLE and RECLAIMABLE"):
        migrate_type(Gfp.MOVABLE | Gfp.RECLAIMABLE)


@given(masks, st.booleans(), st.booleans())
def test_scopes_only_remove_and_noio_wins(mask: Gfp, nofs: bool, noio: bool) -> None:
    left = gfp.within(mask, nofs=nofs, noio=noio)
    removed = Gfp.IO | Gfp.FS if noio else Gfp.FS if nofs else Gfp(0)
    assert left == mask & ~removed
    if mask & GFP_KERNEL == GFP_KERNEL:
        assert left & GFP_KERNEL == (GFP_NOIO if noio else GFP_NOFS if nofs else GFP_KERNEL)


def test_names_can_be_imported_from_the_folder_itself() -> None:
    import pagecache.gfp as folder  # noqa: PLC0415
    from pagecache.gfp import GFP_KERNEL as KERNEL  # noqa: PLC0415
    from pagecache.gfp import Gfp as Named  # noqa: PLC0415
    from pagecache.gfp import memalloc_nofs  # noqa: PLC0415

    assert (KERNEL, Named) == (GFP_KERNEL, Gfp)
    with memalloc_nofs():
        assert gfp.effective(KERNEL) == GFP_NOFS
    assert set(folder.__all__) <= set(dir(folder))
