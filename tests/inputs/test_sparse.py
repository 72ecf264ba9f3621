"""Generated holes."""

import numpy as np
import pytest

from pagecache.inputs import generate_holes


@pytest.mark.parametrize("unit", [1, 16, 512])
@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.99, 1.0])
def test_share_is_met_to_the_unit_and_holes_are_whole_units(share: float, unit: int) -> None:
    units = 1000
    holes = generate_holes(units * unit + unit // 2, share, unit=unit, seed=3).astype(np.int64)
    assert holes[:, 1].sum() == round(share * units) * unit
    assert not (holes % unit).any()
    ends = holes.sum(axis=1)
    assert (holes[1:, 0] > ends[:-1]).all()
    assert ends.max(initial=0) <= units * unit


def test_equal_seeds_draw_equal_holes_and_others_do_not() -> None:
    drawn = [generate_holes(1 << 14, 0.5, seed=seed).tolist() for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]


def test_there_are_short_holes_and_long_ones() -> None:
    lengths = generate_holes(1 << 18, 0.5, seed=1)[:, 1]
    assert lengths.min() == 16
    assert lengths.max() > 16 * 128


def test_file_smaller_than_a_unit_has_no_hole() -> None:
    assert len(generate_holes(15, 1.0)) == 0
