"""The truth that timed loops are held against, against a dict of page -> frame."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pagecache.errors import InputError
from pagecache.inputs import Folios
from pagecache.measure.truth import Truth, total
from pagecache.replaying.fitting import assign_frames

BLOCK = 16  # pages; each aligned block of a file holds one folio or none

blocks = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 9), st.integers(0, 4)), min_size=1)


def folios_at(places: list[tuple[int, int, int]]) -> Folios:
    """Folios of (file, block, order), the first of each block."""
    kept = list({(file, block): (file, block * BLOCK, order) for file, block, order in places})
    order = {(file, block): order for file, block, order in places}
    file = np.array([file for file, _ in kept], np.uint32)
    index = np.array([block * BLOCK for _, block in kept], np.uint64)
    return Folios(
        ("a", "b", "c"), file, index, np.array([order[place] for place in kept], np.uint8)
    )


def table_of(folios: Folios, pfn: np.ndarray) -> dict[tuple[int, int], tuple[int, int]]:
    """(file, page) -> (its frame, the first frame of its folio)."""
    rows = zip(folios.file, folios.index, folios.order, pfn, strict=True)
    return {
        (int(file), int(index) + k): (int(first) + k, int(first))
        for file, index, order, first in rows
        for k in range(1 << order)
    }


@given(blocks, st.integers(1, 40), st.integers(0, 2), st.integers(0, 200))
def test_sums_are_those_of_the_cached_pages_of_the_window(
    places: list[tuple[int, int, int]], pages: int, file: int, start: int
) -> None:
    folios = folios_at(places)
    pfn, _ = assign_frames(folios.order)
    cached = table_of(folios, pfn)
    expected = sum(cached.get((file, page), (0, 0))[0] for page in range(start, start + pages))
    sums = Truth(folios, pfn).sums(np.uint32([file]), np.uint64([start]), pages)
    assert sums.tolist() == [expected]


@given(blocks)
def test_frame_and_head_of_every_cached_page_are_found(places: list[tuple[int, int, int]]) -> None:
    folios = folios_at(places)
    pfn, _ = assign_frames(folios.order)
    cached = table_of(folios, pfn)
    file = np.array([file for file, _ in cached], np.uint32)
    index = np.array([page for _, page in cached], np.uint64)
    truth = Truth(folios, pfn)
    assert truth.frames(file, index).tolist() == [frame for frame, _ in cached.values()]
    assert truth.heads(file, index).tolist() == [head for _, head in cached.values()]


def test_total_wraps_at_64_bits_as_the_loops_do() -> None:
    assert total(np.uint64([2**64 - 1, 2, 5])) == 6


def test_index_too_high_to_tell_files_apart_is_refused() -> None:
    index = np.array([1 << 62, 0], np.uint64)
    folios = Folios(("a", "b"), np.uint32([0, 1]), index, np.zeros(2, np.uint8))
    with pytest.raises(InputError, match=r"^a: too many files for indices this high; name fewer$"):
        Truth(folios, np.arange(2, dtype=np.uint64))
