"""Holes of a generated file: runs of data and of hole by turns, their lengths drawn.

Lengths are spread evenly over powers of two, from a unit to `LONGEST` of them, so that a file has
many short holes and most of its pages in long ones, as sparse images have.
"""

from itertools import zip_longest

import numpy as np

from pagecache.inputs.runs import Runs, as_runs

LONGEST = 256  # units of a run
UNIT = 16  # pages: 64 KiB


def generate_holes(pages: int, share: float, *, unit: int = UNIT, seed: int = 0) -> Runs:
    """Holes that make up `share` of a file, as runs (first, pages) of whole units.

    Parameters
    ----------
    pages : int
        Of the file; a last part that is no whole unit is data.
    share : float
        0 to 1; met to the unit.
    unit : int
        Pages that a hole begins and ends at multiples of.
    seed : int
        Equal ones give equal holes.

    Examples
    --------
    >>> holes = generate_holes(1 << 14, 0.5, seed=1)
    >>> int(holes[:, 1].sum()), bool((holes % 16 == 0).all())
    (8192, True)
    """
    units = pages // unit
    hole = round(share * units)
    rng = np.random.default_rng(seed)
    holes, data = lengths(rng, hole), lengths(rng, units - hole)
    found, at = [], 0
    for gap, length in zip_longest(data, holes, fillvalue=0):
        if length:
            found.append(((at + gap) * unit, length * unit))
        at += gap + length
    return as_runs(found)


def lengths(rng: np.random.Generator, total: int) -> list[int]:
    """Lengths of runs that sum up to `total`."""
    drawn: list[int] = []
    while total > 0:
        drawn.append(min(total, int(2 ** rng.uniform(0, np.log2(LONGEST)))))
        total -= drawn[-1]
    return drawn
