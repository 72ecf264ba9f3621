"""Each counted fill as steps: what is stored, in which order, and what is erased after it."""

import re
from typing import NamedTuple

import numpy as np

from .fills import Indices, draws, every, file_of, shuffled


class Steps(NamedTuple):
    """Indices stored, their order, and indices erased."""

    stored: Indices
    order: int
    erased: Indices


NONE = np.empty(0, np.uint64)
DENSE = re.compile(r"(\d+ [MG]iB) order-(\d) (ascending|descending|random order \(seed 42\))(.*)")
SPREAD = re.compile(r"16384 entries every (\d+)-th index (ascending|random order \(seed 42\))(.*)")
DRAWN = re.compile(r"(\d+) draws below 2\^(\d+) \(splitmix64 seed (\d+)\)")


def ordered(indices: Indices, how: str) -> Indices:
    if how == "descending":
        return np.ascontiguousarray(indices[::-1])
    return shuffled(indices, 42) if how.startswith("random") else indices


def erased(indices: Indices, rest: str) -> Indices:
    """What is erased after a fill, by the end of its name."""
    halves, three_quarters = len(indices) // 2, len(indices) // 4 * 3
    if "erased at random (seed 7)" in rest:
        return shuffled(indices, 7)[: three_quarters if "3/4" in rest else halves]
    if "erasing half" in rest:
        return shuffled(indices, 42)[:halves]
    return shuffled(indices, 42)[:-1] if "all but one" in rest else NONE


def steps(fill: str) -> Steps:
    """The steps of a fill, by its name in the table."""
    if found := DRAWN.fullmatch(fill):
        count, bits, seed = (int(part) for part in found.groups())
        return Steps(draws(count, bits, seed), 0, NONE)
    if found := SPREAD.fullmatch(fill):
        indices = every(int(found[1]))
        return Steps(ordered(indices, found[2]), 0, erased(indices, found[3]))
    found = DENSE.fullmatch(fill)
    assert found is not None, fill
    indices = file_of(found[1], int(found[2]))
    return Steps(ordered(indices, found[3]), int(found[2]), erased(indices, found[4]))


def is_long(fill: str) -> bool:
    """Does it take more than a second or so?"""
    return fill.startswith(("100 GiB order-0", "2 GiB order-0")) or "1 GiB order-0 r" in fill


def is_hours(fill: str) -> bool:
    """26 million draws, one by one in Python: left out."""
    return fill == "100 GiB order-0 random order (seed 42)"
