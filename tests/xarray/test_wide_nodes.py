"""Nodes of 512 slots: siblings whose numbers stand for other entries."""

import pytest

import pagecache as pc


@pytest.mark.parametrize("offset", [2, 254, 255, 256, 257, 258, 510])
def test_run_that_begins_at_any_offset_of_a_wide_node_reads_as_one_entry(offset: int) -> None:
    """The numbers 256 and 257 stand for a freed and a reserved slot, so siblings take others."""
    xa = pc.XArray(chunk_shift=9)
    xa.store(2000, 1)
    xa.store_range(offset, 511, 7)
    assert [xa.load(at) for at in (offset - 1, offset, offset + 1, 511)] == [None, 7, 7, 7]
    assert list(xa) == [(offset, 7), (2000, 1)]
    assert xa.cursor(511).extent() == (offset, 511)
    assert xa.erase(511) == 7
    assert list(xa) == [(2000, 1)]
    xa.check()
