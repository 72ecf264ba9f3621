"""What 6.16's maple tree does in its corners, one sentence a test."""

from pathlib import Path

import pytest

import pagecache as pc
from pagecache.conformance import maple, replay_record, structures
from pagecache.structures.maple.maple import MapleTree
from pagecache.structures.pool import Pool

MAX_INDEX = 2**64 - 1
VECTORS = Path(__file__).parents[1] / "data" / "vectors-structures"


@pytest.fixture(params=[True, False], ids=["rcu", "plain"])
def tree(request: pytest.FixtureRequest) -> MapleTree:
    return MapleTree(rcu=request.param)


@pytest.mark.parametrize("path", sorted(VECTORS.glob("maple-*")), ids=lambda path: path.name[:-9])
def test_record_replays_equal_in_the_mode_it_was_not_recorded_in(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[MapleTree] = []

    def make(header: dict[str, object]) -> MapleTree:
        made.append(MapleTree(rcu=not maple.make(header).rcu))
        return made[0]

    swapped = structures.Structure(maple.FIELDS, make, maple.answer)
    monkeypatch.setitem(structures.STRUCTURES, "maple-6.16", swapped)
    assert replay_record(path).difference is None
    assert made[0].pool.nodes == made[0].nodes


def test_lone_entry_at_0_needs_no_node(tree: MapleTree) -> None:
    tree.store_range(0, 0, 7)
    assert (tree.dump(), tree.nodes, tree.height, tree.load(0)) == ("H v7;", 0, 0, 7)
    assert tree.erase(0) == 7
    assert tree.empty


def test_entry_elsewhere_makes_a_leaf_with_the_holes_beside_it(tree: MapleTree) -> None:
    tree.store_range(0, 0, 7)
    tree.store_range(512, 1023, 8)
    assert tree.dump() == "H n; N1 0 0=v7 1ff=- 3ff=v8 ffffffffffffffff=-;"


def test_leaf_of_one_slot_overwritten_by_null_stays(tree: MapleTree) -> None:
    tree.store_range(0, MAX_INDEX, 7)
    tree.erase(5)
    assert (tree.dump(), tree.empty, tree.nodes) == ("H n; N1 0 ffffffffffffffff=-;", True, 1)
    tree.store_range(3, 3, 1)
    tree.erase(3)
    assert (tree.dump(), tree.nodes) == ("H -;", 0)


def test_insertion_over_everything_in_one_leaf_replaces_it(tree: MapleTree) -> None:
    tree.store_range(5, 5, 1)
    tree.insert_range(0, MAX_INDEX, 2)
    assert list(tree) == [(0, MAX_INDEX, 2)]
    with pytest.raises(pc.EntryExists, match="it is taken"):
        tree.insert_range(0, MAX_INDEX, 3)


def test_equal_neighbours_stay_two_entries(tree: MapleTree) -> None:
    tree.store_range(0, 9, 7)
    tree.store_range(10, 19, 7)
    assert list(tree) == [(0, 9, 7), (10, 19, 7)]


def test_find_past_max_changes_nothing_and_at_the_end_wraps_to_0(tree: MapleTree) -> None:
    tree.store_range(100, 199, 7)
    tree.store_range(MAX_INDEX, MAX_INDEX, 8)
    assert tree.find(150, 120) is None
    assert tree.find(50, 99) is None
    assert tree.find(50, 100) == (7, 200)
    assert tree.find(200) == (8, 0)


@pytest.mark.parametrize("count", [15, 16, 225, 240, 60_000])
def test_null_over_everything_frees_every_node(tree: MapleTree, count: int) -> None:
    """Of inner nodes with 15 or 16 children, too, where Linux 6.16 takes metadata for a child."""
    for index in range(count):
        tree.store_range(index, index, index)
    tree.check()
    tree.store_range(0, MAX_INDEX, None)
    assert (tree.empty, tree.pool.nodes) == (True, 0)


def test_adjacent_folios_lie_15_to_a_leaf() -> None:
    tree = MapleTree()
    for index in range(0, 1 << 19, 512):
        tree.store_range(index, index + 511, index)
    assert (tree.nodes, tree.node_bytes) == (75, 19_200)


def test_bulk_load_needs_an_empty_tree_without_rcu_mode() -> None:
    with pytest.raises(ValueError, match="without RCU mode"):
        MapleTree().bulk_load([(0, 0, 1)])
    tree = MapleTree(rcu=False)
    tree.store_range(1, 1, 1)
    with pytest.raises(ValueError, match="empty alone"):
        tree.bulk_load([(0, 0, 1)])


def test_bulk_load_out_of_order_loads_nothing() -> None:
    tree = MapleTree(rcu=False)
    with pytest.raises(ValueError, match="range 3 to 3: give ranges in order"):
        tree.bulk_load([(5, 5, 1), (3, 3, 2)])
    assert tree.empty


@pytest.mark.parametrize("count", [1, 7, 14, 17, 33, 500])
@pytest.mark.parametrize("step", [1, 2])
def test_bulk_load_short_of_a_node_leaves_the_tree_empty(count: int, step: int) -> None:
    ranges = [(step * k, step * k, k) for k in range(count)]
    for limit in range(1000):
        tree = MapleTree(rcu=False)
        tree.pool.limit = limit
        try:
            tree.bulk_load(ranges)
        except MemoryError:
            assert (tree.empty, tree.pool.nodes) == (True, 0)
            continue
        assert list(tree) == ranges
        tree.check()
        assert tree.nodes == tree.pool.nodes
        break
    assert limit > 1


def test_ranges_and_words_that_cannot_be_are_refused(tree: MapleTree) -> None:
    with pytest.raises(ValueError, match="range 5 to 4"):
        tree.store_range(5, 4, 1)
    with pytest.raises(ValueError, match="value"):
        tree.store_range(0, 0, 2**63)
    with pytest.raises(ValueError, match="range 0 to 0"):
        tree.insert_range(0, 0, None)  # type: ignore[arg-type]
    with pytest.raises(OverflowError):
        tree.load(2**64)
    with pytest.raises(ValueError, match="the pool gives other nodes"):
        MapleTree(pool=Pool(576, 24))


def test_trees_on_one_pool_never_touch_each_others_nodes() -> None:
    pool = Pool(256, 8)
    one, other = MapleTree(pool=pool), MapleTree(pool=pool, rcu=False)
    for index in range(1000):
        one.store_range(index * 3, index * 3, index)
        other.store_range(index * 5, index * 5 + 3, index)
        if index % 3 == 0:
            one.erase(index)
    for tree in (one, other):
        tree.check()
    assert pool.nodes == one.nodes + other.nodes
    one.destroy()
    other.destroy()
    assert pool.nodes == 0
