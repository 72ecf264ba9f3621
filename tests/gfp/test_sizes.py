"""Sizes stop at SIZE_MAX, and what is allocated with them fails instead of being small."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pagecache.gfp import kv
from pagecache.gfp.kvmalloc import array3_size, array_size, size_add, struct_size
from pagecache.page.frames import Frames

SIZE_MAX = 2**64 - 1
HALF = 1 << 32

# Near the powers of two, where products begin to overflow; and above a word, as Python ints are.
near = st.integers(0, 70).flatmap(lambda k: st.integers(max(2**k - 2, 0), 2**k + 2))
numbers = st.one_of(st.integers(0, SIZE_MAX), near)


def saturated(exact: int) -> int:
    return min(exact, SIZE_MAX)


@given(numbers, numbers)
def test_sums_and_products_are_exact_or_the_largest(a: int, b: int) -> None:
    assert size_add(a, b) == saturated(a + b)
    assert array_size(a, b) == saturated(a * b)


@given(numbers, numbers, numbers)
def test_products_of_three_are_exact_or_the_largest(a: int, b: int, c: int) -> None:
    assert array3_size(a, b, c) == saturated(a * b * c)
    assert struct_size(a, b, c) == saturated(a + b * c)


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (array_size(HALF, HALF - 1), HALF * (HALF - 1)),
        (array_size(HALF, HALF), SIZE_MAX),
        (array_size(2**60, 64), SIZE_MAX),  # 0 in a word
        (array3_size(HALF, HALF, 0), 0),
        (struct_size(15, 1, SIZE_MAX - 15), SIZE_MAX),
        (struct_size(16, 1, SIZE_MAX - 15), SIZE_MAX),
        (struct_size(16, 8, 0), 16),
    ],
)
def test_edges(size: int, expected: int) -> None:
    assert size == expected


@pytest.mark.parametrize("sizes", [(-1, 8), (8, -1)])
def test_negative_numbers_are_refused(sizes: tuple[int, int]) -> None:
    for size in (size_add, array_size):
        with pytest.raises(ValueError, match="-1 is not a count of bytes or elements"):
            size(*sizes)


# 2^58 records of 64 bytes are 2^64 bytes: 0 in a word, which would be granted.
@pytest.mark.parametrize("count", [2**58, 2**58 + 1, 2**60, 2**63, 2**64 - 1])
@pytest.mark.parametrize("backed", [True, False])
def test_frames_of_a_huge_count_are_no_small_allocation(count: int, backed: bool) -> None:
    with pytest.raises(MemoryError, match=f"no room for the struct pages of {count} frames"):
        Frames(count, backed=backed)


def test_frames_just_below_the_overflow_are_refused_by_the_kernel() -> None:
    with pytest.raises(MemoryError):
        Frames(2**58 - 1, backed=False)


@pytest.mark.parametrize("count", [2**61, 2**61 + 1, 2**64, 2**70])
def test_arrays_of_a_huge_count_are_no_small_allocation(count: int) -> None:
    with pytest.raises(MemoryError, match="kvmalloc refuses more than 2147483647"):
        kv.kvmalloc_array(count, 8)
    with pytest.raises(MemoryError, match="kvmalloc refuses more than 2147483647"):
        kv.kvmalloc_struct("u8", "u8", count)
