"""An index that is garbage in a cycle is taken down whole."""

import gc

import pytest

import pagecache as pc
from pagecache.explaining import fill


@pytest.mark.parametrize("name", pc.designs.names())
def test_index_in_a_cycle_is_taken_down_with_its_frames_and_nodes(name: str) -> None:
    """The collector may clear what an index refers to before the index itself."""
    design = pc.designs.find(name)
    order = min(design.orders)
    cycle: list[object] = [fill(design, [number << order for number in range(80)], order, 9)]
    cycle.append(cycle)
    del cycle
    assert gc.collect()
