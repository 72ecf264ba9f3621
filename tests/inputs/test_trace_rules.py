"""Trace.check and Trace.doubts: what no trace may say, and what it may but had better not."""

import dataclasses

import numpy as np
import pytest

from pagecache.errors import InputError
from pagecache.inputs import ADD, DEL, GET, Trace


def trace(*events: tuple[int, int, int, int], line: int | None = 2, t_us: object = None) -> Trace:
    """A trace of one file: (event, index, count, order) each."""
    event, index, count, order = zip(*events, strict=True)
    size = len(events)
    return Trace(
        "t",
        "t.csv",
        ("8:1/5",),
        np.arange(size, dtype=np.uint64) if t_us is None else np.array(t_us, np.uint64),
        np.zeros(size, np.uint32),
        np.array(event, np.uint8),
        np.zeros(size, np.uint32),
        np.array(index, np.uint64),
        np.array(count, np.uint64),
        np.array(order, np.int8),
        None if line is None else np.arange(line, line + size, dtype=np.uint32),
    )


GOOD = (ADD, 0, 4, 2)


@pytest.mark.parametrize(
    ("event", "told"),
    [
        ((ADD, 3, 2, 1), r"index '3' is not a multiple of 2\*\*1, the folio's size"),
        ((DEL, 4, 512, 9), r"index '4' is not a multiple of 2\*\*9"),
        ((ADD, 0, 4, 0), r"count '4' is not 2\*\*0, the order's"),
        ((DEL, 0, 0, 0), r"count '0' is not 2\*\*0"),
        ((ADD, 0, 1, 2), r"count '1' is not 2\*\*2"),
        ((ADD, 0, 1, -1), "order '' is needed on add and del"),
        ((ADD, 0, 1, 64), "order 64 is above 63"),
        (
            (GET, 2**64 - 4, 5, -1),
            r"index '18446744073709551612' and count '5' reach beyond 2\*\*64",
        ),
    ],
)
def test_what_no_trace_may_say_names_its_line(event: tuple[int, int, int, int], told: str) -> None:
    for before in (0, 3):
        with pytest.raises(
            InputError, match=rf"^t\.csv:{before + 2}: {told}.*; fix or drop the line"
        ):
            trace(*[GOOD] * before, event, GOOD).check()
    with pytest.raises(InputError, match=r"^t\.csv: event 1: "):
        trace(GOOD, event, line=None).check()


@pytest.mark.parametrize(
    "event", [(GET, 3, 5, -1), (GET, 2**64 - 4, 4, -1), (ADD, 0, 1 << 63, 63), (GET, 7, 0, -1)]
)
def test_what_a_trace_may_say_passes(event: tuple[int, int, int, int]) -> None:
    made = trace(GOOD, event)
    assert made.check() is made


def test_plain_trace_has_no_doubts() -> None:
    assert trace(GOOD, (GET, 0, 4, -1), (DEL, 0, 4, 2), GOOD, (DEL, 1, 1, 0)).doubts() == ()


@pytest.mark.parametrize(
    "again", [(ADD, 0, 4, 2), (ADD, 1, 1, 0), (ADD, 0, 8, 3)], ids=["same", "part", "larger"]
)
def test_addition_of_what_is_there_is_a_doubt_with_its_line_and_count(
    again: tuple[int, int, int, int],
) -> None:
    (said,) = trace(GOOD, again, (ADD, 8, 1, 0)).doubts()
    assert said.startswith("t.csv:3: pages that are cached already are added; each")
    (said,) = trace(GOOD, again, again).doubts()
    assert said.startswith("t.csv:3: pages that are cached already are added, here and 1 more;")


@pytest.mark.parametrize(
    "absent", [(DEL, 4, 1, 0), (DEL, 8, 8, 3), (DEL, 0, 4, 2)], ids=["one", "large", "twice"]
)
def test_removal_of_what_is_not_there_is_a_doubt(absent: tuple[int, int, int, int]) -> None:
    (said,) = trace(GOOD, (DEL, 0, 4, 2), absent, (ADD, 0, 1, 0)).doubts()
    assert said.startswith("t.csv:4: pages that were not added are removed; such removals change")


def test_time_that_runs_backwards_is_a_doubt() -> None:
    other = (ADD, 4, 4, 2)
    (said,) = trace(GOOD, other, (GET, 0, 1, -1), t_us=[5, 4, 4]).doubts()
    assert said.startswith(
        "t.csv:3: time runs backwards; events are taken in the order of the file"
    )


def test_indices_that_look_like_bytes_are_a_doubt() -> None:
    (said,) = trace((ADD, 0, 1, 0), (ADD, 4096, 1, 0), (GET, 8192, 1, -1)).doubts()
    assert said.startswith("t.csv:3: every index is a multiple of 4096, as positions in bytes are;")
    for fine in ((ADD, 1, 1, 0), (GET, 4097, 1, -1)):
        assert trace((ADD, 0, 1, 0), (ADD, 4096, 1, 0), fine).doubts() == ()
    assert trace((ADD, 0, 1, 0), (GET, 0, 1, -1)).doubts() == ()
    large = (ADD, 1 << 18, 1 << 18, 18)
    assert trace((ADD, 0, 1 << 18, 18), large).doubts() == ()


def test_doubts_reach_the_input() -> None:
    made = dataclasses.replace(trace(GOOD, GOOD))
    assert made.input().doubts == made.doubts() != ()
