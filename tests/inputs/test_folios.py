import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pagecache.errors import InputError
from pagecache.inputs import Folios, largest_folios


def folios_of(*places, files=("a", "b")):
    """Folios from (file, index, order) in order of insertion."""
    columns = np.array(places, np.uint64).reshape(-1, 3).T
    file, index, order = columns
    return Folios(files, file.astype(np.uint32), index, order.astype(np.uint8))


def places_of(folios):
    return list(
        zip(folios.file.tolist(), folios.index.tolist(), folios.order.tolist(), strict=True)
    )


def pages_of(folios):
    return [(f, i + k) for f, i, order in places_of(folios) for k in range(1 << order)]


@st.composite
def random_folios(draw, max_order=4):
    """Folios of two files that do not overlap, in a random order of insertion."""
    blocks = st.tuples(st.integers(0, 1), st.integers(0, 40), st.integers(0, max_order))
    taken, places = set(), []
    for file, number, order in draw(st.lists(blocks, max_size=30)):
        index = (number << order) % 64 + (1 << 63 if file else 0)
        pages = {(file, index + k) for k in range(1 << order)}
        if not pages & taken:
            taken |= pages
            places.append((file, index, order))
    return folios_of(*places)


def test_filled_file_of_two_huge_pages_has_two_folios():
    folios = Folios.filled("a", pages=1024, order=9)
    folios.check()
    assert (len(folios), folios.pages, folios.bytes) == (2, 1024, 4 << 20)
    assert folios.orders() == {9: 2}
    assert folios.order_set() == {9}


def test_last_folio_of_a_filled_file_may_reach_past_its_size():
    assert Folios.filled("a", pages=1025, order=9).pages == 1536


def test_terabyte_of_huge_pages_has_524288_folios():
    folios = Folios.filled("a", pages=1 << 28, order=9)
    assert len(folios) == 524_288
    assert folios.bytes == 1 << 40


def test_more_folios_than_memory_are_refused():
    with pytest.raises(InputError, match=r"^--size: .* over 2\*\*32"):
        Folios.filled("a", pages=1 << 40, order=0)
    with pytest.raises(InputError, match=r"over 2\*\*32"):
        folios_of((0, 0, 60)).limited({0})


def test_pages_are_counted_beyond_64_bits():
    assert folios_of((0, 0, 63), (0, 1 << 63, 63), (1, 0, 63)).pages == 3 << 63


def test_indices_of_the_last_folio_of_the_index_survive():
    last = (1 << 64) - 4
    folios = folios_of((0, last, 2)).limited({1})
    assert folios.index.tolist() == [last, last + 2]
    assert folios.at_order(2).index.tolist() == [last]
    assert folios.index.dtype == np.uint64


def test_block_enters_with_its_first_page():
    folios = folios_of((0, 9, 0), (1, 8, 0), (0, 3, 0), (0, 8, 0), (0, 0, 1), (0, 10, 0))
    assert places_of(folios.at_order(3)) == [(0, 8, 3), (1, 8, 3), (0, 0, 3)]


def test_table_and_sort_find_the_same_first_blocks():
    rng = np.random.default_rng(5)
    index = rng.permutation(1000).astype(np.uint64)
    alone = Folios.one_file("a", index, np.zeros(1000, np.uint8))
    second = Folios(("a", "b"), np.ones(1000, np.uint32), index, alone.order)
    assert alone.at_order(3).index.tolist() == second.at_order(3).index.tolist()
    assert len(alone.at_order(3)) == 125


def test_limited_takes_the_largest_order_not_above_the_folios_own():
    folios = folios_of((0, 512, 9), (0, 0, 5), (0, 64, 2)).limited([0, 4, 6])
    assert folios.orders() == {6: 8, 4: 2, 0: 4}
    assert folios.index[:8].tolist() == list(range(512, 1024, 64))
    folios.check()


def test_folio_below_every_allowed_order_is_refused():
    with pytest.raises(ValueError, match=r"folios of order 2 fit none of \[4, 9\]"):
        folios_of((0, 512, 9), (0, 0, 2)).limited({9, 4})


def test_check_finds_a_folio_out_of_line():
    with pytest.raises(AssertionError, match="multiple of its size"):
        folios_of((0, 3, 1)).check()


def test_check_finds_a_shared_page():
    with pytest.raises(AssertionError, match="no two folios share"):
        folios_of((0, 5, 0), (0, 4, 1)).check()


@given(random_folios(), st.integers(0, 5))
def test_at_order_covers_the_pages_with_blocks_in_order_of_first_page(folios, order):
    forced = folios.at_order(order)
    forced.check()
    blocks = [(file, index >> order) for file, index in pages_of(folios)]
    assert [(f, i >> order) for f, i, _ in places_of(forced)] == list(dict.fromkeys(blocks))
    assert forced.order_set() <= {order}


@given(random_folios(), st.sets(st.integers(0, 4)))
def test_limited_keeps_every_page_in_place(folios, orders):
    limited = folios.limited(orders | {0})
    limited.check()
    assert pages_of(limited) == pages_of(folios)
    assert limited.order_set() <= orders | {0}


@given(random_folios())
def test_holds_exactly_the_cached_pages(folios):
    file = np.repeat(np.array([0, 1, 2], np.uint32), 130)
    low = np.arange(130, dtype=np.uint64)
    index = np.concatenate((low, low + np.uint64((1 << 63) - 10), low))
    held = folios.holds(file, index)
    asked = zip(file.tolist(), index.tolist(), strict=True)
    cached = set(pages_of(folios))
    assert held.tolist() == [page in cached for page in asked]


@given(random_folios(), st.integers(0, 5))
def test_largest_folios_cover_the_same_pages_and_cannot_be_joined(folios, max_order):
    largest = largest_folios(folios, max_order)
    largest.check()
    assert sorted(pages_of(largest)) == sorted(pages_of(folios))
    places = set(places_of(largest))
    buddies = [(f, i ^ (1 << o), o) for f, i, o in places if o < max_order]
    assert not places & set(buddies)
    assert places_of(largest) == sorted(places)
