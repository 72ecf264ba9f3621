"""What 4.19's radix tree does in its corners, one sentence a test."""

import pytest

import pagecache as pc
from pagecache.structures.pool import Pool
from pagecache.structures.radix.radix import RadixTree

MAX_INDEX = 2**64 - 1


@pytest.fixture
def tree() -> RadixTree:
    return RadixTree()


def test_lone_entry_at_0_needs_no_node(tree: RadixTree) -> None:
    tree.insert(0, 7)
    assert (tree.dump(), tree.nodes, tree.height) == ("H v7 m000;", 0, 0)


def test_large_entry_at_0_lies_in_a_node(tree: RadixTree) -> None:
    tree.insert(0, 7, order=6)
    assert tree.dump() == "H n m000; N 0 6 c1 v1 m0,0,0 0=v7;"
    tree.delete(63)
    assert (tree.empty, tree.pool.nodes) == (True, 0)


def test_refused_insertion_leaves_the_tree_taller(tree: RadixTree) -> None:
    tree.insert(5, 7)
    with pytest.raises(pc.EntryExists, match="index 0: it is taken"):
        tree.insert(0, 8, order=9)
    assert tree.dump() == "H n m000; N 0 6 c1 v0 m0,0,0 0=n; N 0 0 c1 v1 m0,0,0 5=v7;"
    assert tree.lookup(5) == 7


def test_insertion_inside_a_larger_entry_is_refused(tree: RadixTree) -> None:
    tree.insert(512, 7, order=9)
    for index in (512, 700, 1023):
        with pytest.raises(pc.EntryExists):
            tree.insert(index, 8)
    tree.insert(1024, 9)


def test_walk_that_starts_inside_an_entry_gives_its_first_index(tree: RadixTree) -> None:
    tree.insert(512, 7, order=9)
    tree.tag_set(600, 1)
    assert next(tree.items(1000)) == next(tree.items(1000, tag=1)) == (512, 7)


def test_walk_by_tag_passes_over_a_bit_left_behind(tree: RadixTree) -> None:
    """Linux's would never end."""
    for index in (1, 2, 70):
        tree.insert(index, index)
        tree.tag_set(index, 0)
    tree.replace(1, None)
    assert list(tree.items(tag=0)) == [(2, 2), (70, 70)]
    assert tree.tag_get(1, 0)


def test_insertion_over_a_bit_left_behind_is_refused(tree: RadixTree) -> None:
    tree.insert(1, 7)
    tree.insert(2, 7)
    tree.tag_set(1, 2)
    tree.replace(1, None)
    before = tree.dump()
    with pytest.raises(ValueError, match="cannot be done"):
        tree.insert(1, 8)
    assert tree.dump() == before


def test_tag_of_an_entry_replaced_in_the_head_stays_and_refuses(tree: RadixTree) -> None:
    tree.insert(0, 7)
    tree.tag_set(0, 1)
    tree.replace(0, None)
    assert (tree.empty, tree.tagged(1), tree.tag_get(0, 1)) == (True, True, True)
    with pytest.raises(ValueError, match="cannot be done"):
        tree.insert(0, 7)


def test_entry_that_comes_back_into_the_head_keeps_its_tag(tree: RadixTree) -> None:
    tree.insert(0, 7)
    tree.tag_set(0, 2)
    tree.insert(2**40, 8)
    tree.delete(2**40)
    assert (tree.dump(), tree.tag_get(0, 2)) == ("H v7 m001;", True)


def test_split_of_order_9_to_pages_takes_8_nodes_more(tree: RadixTree) -> None:
    tree.insert(512, 7, order=9)
    tree.tag_set(512, 0)
    before = tree.nodes
    assert tree.split(600, 8) == 512
    tree.check()
    assert tree.nodes == before + 8
    assert list(tree.items(tag=0)) == [(index, 8) for index in range(512, 1024)]


def test_join_inside_a_larger_entry_takes_over_the_whole_of_it(tree: RadixTree) -> None:
    tree.insert(512, 7, order=9)
    tree.join(600, 8)
    assert list(tree) == [(512, 8)]


def test_huge_page_as_512_insertions_takes_the_nodes_of_pages(tree: RadixTree) -> None:
    for index in range(512, 1024):
        tree.insert(index, index)
    assert tree.nodes == 9


@pytest.mark.parametrize(("order", "spare"), [(0, 21), (6, 21), (7, 22), (9, 28)])
def test_preload_takes_what_so_many_insertions_may_need(
    tree: RadixTree, order: int, spare: int
) -> None:
    assert tree.preload(order) == tree.pool.nodes == spare
    assert tree.nodes == 0


def test_preloaded_insertion_cannot_fail(tree: RadixTree) -> None:
    tree.insert(1, 1)
    tree.preload()
    tree.pool.limit = 0
    tree.insert(MAX_INDEX, 7)
    tree.check()
    assert (tree.lookup(1), tree.lookup(MAX_INDEX), tree.height) == (1, 7, 11)
    tree.destroy()
    assert tree.pool.nodes == 0


def test_preload_that_fails_says_so(tree: RadixTree) -> None:
    tree.pool.limit = 5
    with pytest.raises(MemoryError):
        tree.preload()


def test_entries_and_indices_out_of_range_are_refused(tree: RadixTree) -> None:
    for call in (
        lambda: tree.insert(0, 2**62),
        lambda: tree.insert(3, 1, order=2),
        lambda: tree.insert(0, None),  # type: ignore[arg-type]
        lambda: tree.tag_set(0, 3),
    ):
        with pytest.raises(ValueError):  # noqa: PT011
            call()
    with pytest.raises(OverflowError):
        tree.lookup(2**64)
    with pytest.raises(ValueError, match="the pool gives other nodes"):
        RadixTree(pool=Pool(256))


def test_trees_on_one_pool_share_its_limit() -> None:
    pool = Pool(576, 24)
    one, other = RadixTree(pool=pool), RadixTree(pool=pool)
    one.insert(2**20, pc.Pointer(0x1000))
    pool.limit = pool.nodes
    with pytest.raises(MemoryError):
        other.insert(1, 2)
    assert other.empty
    pool.limit = MAX_INDEX
    one.destroy()
    other.insert(1, 2)
    assert pool.nodes == other.nodes == 1


@pytest.mark.parametrize("nodes", [100, 5000])
def test_pool_shuffles_its_free_nodes_and_keeps_them_all(nodes: int) -> None:
    pool = Pool(576, 24)
    tree = RadixTree(pool=pool)
    for index in range(nodes):
        tree.insert(index << 6 | 1, index)
    tree.destroy()
    mapped = pool.mapped
    pool.shuffle(3)
    for index in range(nodes):
        tree.insert(index << 6 | 1, index)
    tree.check()
    assert pool.mapped == mapped
    assert sum(size for _, size in pool.ranges()) == mapped
