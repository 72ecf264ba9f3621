"""The layouts of struct page as data: offsets as kernels had them, and what follows from them."""

from dataclasses import replace

import pytest

from pagecache.errors import InputError
from pagecache.page import layouts
from pagecache.page.fields import KINDS, Field, Layout, longest, runs

OFFSETS = {  # as derived from the kernels' declarations for 64 bits
    "before-2018": {
        "every page": {"flags": 0, "refcount": 28, "memcg": 56},
        "page cache": {"mapping": 8, "index": 16, "mapcount": 24, "lru": 32, "private": 48},
        "slab": {"s_mem": 8, "freelist": 16, "active": 24, "list": 32, "cache": 48},
        "slub": {"freelist": 16, "counters": 24, "list": 32, "cache": 48},
        "first tail": {
            "compound_mapcount": 8,
            "mapcount": 24,
            "compound_head": 32,
            "destructor": 40,
            "order": 44,
        },
        "second tail": {"deferred_list": 8, "mapcount": 24, "compound_head": 32},
        "page table": {"pmd_huge_pte": 40, "split_lock": 48},
        "ZONE_DEVICE": {"pgmap": 32},
    },
    "after-2018": {
        "every page": {"flags": 0, "refcount": 52, "memcg": 56},
        "page cache": {"lru": 8, "mapping": 24, "index": 32, "private": 40, "mapcount": 48},
        "slab": {"list": 8, "cache": 24, "freelist": 32, "s_mem": 40, "active": 48},
        "slub": {"list": 8, "cache": 24, "freelist": 32, "counters": 40},
        "first tail": {
            "compound_head": 8,
            "destructor": 16,
            "order": 17,
            "compound_mapcount": 20,
            "mapcount": 48,
        },
        "second tail": {"compound_head": 8, "pad": 16, "deferred_list": 24, "mapcount": 48},
        "page table": {
            "pad": 8,
            "pmd_huge_pte": 16,
            "pad_mapping": 24,
            "pgd_owner": 32,
            "split_lock": 40,
            "page_type": 48,
        },
        "ZONE_DEVICE": {"pgmap": 8, "hmm_data": 16, "pad": 24},
        "RCU": {"rcu_head": 8},
    },
}
OFFSETS["folio"] = {
    **OFFSETS["after-2018"],
    "first tail": {**OFFSETS["after-2018"]["first tail"], "compound_nr": 24},
    "second tail": {"compound_head": 8, "pincount": 16, "deferred_list": 24, "mapcount": 48},
    "page pool": {"magic": 8, "pool": 16, "pad_mapping": 24, "dma_addr": 32, "extra": 40},
}
SIZES = {
    "lru": 16,
    "list": 16,
    "deferred_list": 16,
    "rcu_head": 16,
    "mapcount": 4,
    "refcount": 4,
    "compound_mapcount": 4,
    "compound_nr": 4,
    "pincount": 4,
    "active": 4,
    "page_type": 4,
}
NAMES = list(OFFSETS)


@pytest.mark.parametrize("name", NAMES)
def test_fields_lie_where_the_kernels_had_them(name: str) -> None:
    layout = layouts.find(name)
    found = {user: {f.name: f.offset for f in layout.of(user)} for user in layout.users}
    assert found == OFFSETS[name]


@pytest.mark.parametrize("name", NAMES)
def test_fields_have_their_sizes(name: str) -> None:
    small = {"destructor", "order"}
    for f in layouts.find(name).fields:
        if f.name in small:
            assert f.size == (4 if name == "before-2018" else 1)
        else:
            assert f.size == SIZES.get(f.name, 8), str(f)


def test_five_words_in_a_row_are_free_since_2018_and_three_were_before() -> None:
    words = {name: layouts.find(name).usable("allocating").words for name in NAMES}
    assert words == {"before-2018": (32, 3), "after-2018": (8, 5), "folio": (8, 5)}


@pytest.mark.parametrize(
    ("name", "kind", "ranges"),
    [
        ("before-2018", "allocating", ((8, 28), (32, 56))),
        ("before-2018", "mapped", ((8, 24), (32, 56))),
        ("before-2018", "driver", ((8, 28), (32, 64))),
        ("before-2018", "first tail", ((12, 24), (48, 56))),
        ("before-2018", "second tail", ((40, 56),)),
        ("after-2018", "allocating", ((8, 52),)),
        ("after-2018", "mapped", ((8, 48),)),
        ("after-2018", "driver", ((8, 52), (56, 64))),
        ("after-2018", "first tail", ((18, 20), (24, 48))),
        ("after-2018", "second tail", ((40, 48),)),
        ("folio", "first tail", ((18, 20), (28, 48))),
        ("folio", "second tail", ((20, 24), (40, 48))),
    ],
)
def test_usable_bytes(name: str, kind: str, ranges: tuple[tuple[int, int], ...]) -> None:
    assert layouts.find(name).usable(kind).ranges == ranges


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", KINDS)
def test_flags_and_references_are_nobodys(name: str, kind: str) -> None:
    layout = layouts.find(name)
    usable = layout.usable(kind)
    for shared in ("flags", "refcount"):
        assert usable.bytes.isdisjoint(layout.field("every page", shared).bytes)
        assert usable.refused[shared]


@pytest.mark.parametrize("name", NAMES)
def test_bit_of_the_tail_test_stays_clear_in_heads_and_is_taken_in_tails(name: str) -> None:
    layout = layouts.find(name)
    test = {"before-2018": 32}.get(name, 8)
    assert layout.usable("allocating").clear_bits == ((test, 0),)
    assert layout.usable("first tail").clear_bits == ()


def test_pair_for_one_compare_and_swap_is_aligned() -> None:
    before, after = (layouts.find(name).usable("allocating").pairs for name in NAMES[:2])
    assert (before, after) == ((32,), (16, 32))  # slub's own is at 16 before and 32 after
    assert layouts.find("before-2018").field("slub", "freelist").offset == 16


def test_slub_takes_its_reference_count_into_the_counters_before_2018() -> None:
    counters = layouts.find("before-2018").field("slub", "counters")
    assert counters.bytes >= layouts.find("before-2018").field("every page", "refcount").bytes
    broken = replace(counters, holds=())
    with pytest.raises(AssertionError, match=r"counters .* lies on every page: refcount"):
        with_field("before-2018", broken).check()


def test_user_of_the_table_may_use_what_its_kind_may() -> None:
    after = layouts.find("after-2018")
    assert after.usable("slub") == after.usable("allocating")
    assert after.usable("page cache") == after.usable("mapped")
    assert after.spare("slub") == frozenset(range(48, 52))
    assert after.spare("page cache") == frozenset()
    assert after.spare("RCU") == frozenset(range(24, 52))


def test_conflicts_are_the_bytes_both_use() -> None:
    after = layouts.find("after-2018")
    found = [(a.name, b.name, first, end) for a, b, first, end in after.conflicts("RCU", "slub")]
    assert found == [("rcu_head", "list", 8, 24)]
    found = [(a.name, b.name, first, end) for a, b, first, end in after.conflicts("slab", "slub")]
    assert ("s_mem", "counters", 40, 48) in found
    assert [(b.name, a.name, first, end) for a, b, first, end in after.conflicts("slub", "slab")]


def test_records_of_different_places_do_not_conflict() -> None:
    after = layouts.find("after-2018")
    assert after.conflicts("page cache", "first tail") == ()
    assert after.conflicts("first tail", "second tail") == ()


def with_field(name: str, changed: Field) -> Layout:
    """A layout with one field in place of that of its name and user."""
    layout = layouts.find(name)
    others = (f for f in layout.fields if (f.user, f.name) != (changed.user, changed.name))
    return replace(layout, fields=(*others, changed))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"offset": 32}, "lies on"),
        ({"offset": 60}, "does not fit into 64 bytes"),
        ({"offset": 44}, "is not at a multiple of 8"),
        ({"offset": 52}, "lies on"),
        ({"size": 0}, "does not fit"),
        ({"offset": 8}, "may set the bit that the tail test reads at byte 8"),
    ],
)
def test_broken_layout_is_told_by_the_field(changes: dict[str, int], sentence: str) -> None:
    field = layouts.find("after-2018").field("page cache", "private")
    with pytest.raises(AssertionError, match=f"private.*{sentence}|{sentence}.*private"):
        with_field("after-2018", replace(field, **changes)).check()  # type: ignore[arg-type]


def test_pair_out_of_line_is_told() -> None:
    freelist = layouts.find("after-2018").field("slub", "freelist")
    with pytest.raises(AssertionError, match="no aligned pair"):
        with_field("after-2018", replace(freelist, offset=24)).check()


@pytest.mark.parametrize(
    "ask",
    [
        lambda: layouts.find("after-2019"),
        lambda: layouts.find("folio").usable("filesystem"),
        lambda: layouts.find("before-2018").of("page pool"),
        lambda: layouts.find("after-2018").usable("page pool"),
        lambda: layouts.find("folio").field("slub", "s_mem"),
        lambda: layouts.find("before-2018").conflicts("slub", "RCU"),
    ],
)
def test_unknown_name_is_answered_with_one_line(ask: object) -> None:
    with pytest.raises(InputError, match=r"unknown|has no") as caught:
        ask()  # type: ignore[operator]
    assert "\n" not in str(caught.value)


def test_runs_and_the_longest_of_them() -> None:
    assert runs([3, 1, 2, 7]) == ((1, 4), (7, 8))
    assert runs([]) == ()
    assert longest([0, 8, 24]) == (0, 2)
    assert longest([]) == (0, 0)
