"""The numbers of the sentences come from the results."""

import re
from dataclasses import replace

import pytest

from pagecache.report.sentences import sentences
from pagecache.report.table import panels_of
from pagecache.results import Interval, Results, slab_bytes


def sentences_of(results: Results) -> list[str]:
    (panel,) = panels_of(results)
    return sentences(panel)


def changed(results: Results, design: str, event: str, **fields: object) -> Results:
    """The results with one of them changed."""
    match = (design, event)
    return Results(
        results.meta,
        [replace(r, **fields) if (r.design, r.event) == match else r for r in results],
    )


def test_memory_is_nodes_a_multiple_and_a_share(hand_made: Results) -> None:
    memory = sentences_of(hand_made)[0]
    assert memory == (
        "hugetlb-huge takes 17 nodes, 0.00046 % of the memory it indexes; hugetlb-4k-multi 7.71 "
        "times as many, still 0.0036 %; hugetlb-4k-slots 490 times as many, still 0.23 %."
    )


def test_share_of_the_largest_index_is_that_of_its_slab(hand_made: Results) -> None:
    shares = re.findall(r"([\d.]+) %", sentences_of(hand_made)[0])
    exact = [100 * nodes * (8192 / 14) / (2 << 30) for nodes in (17, 131, 8323)]
    assert [float(share) for share in shares] == pytest.approx(exact, rel=0.05)


def test_designs_of_equal_nodes_are_said_to_be_equal(hand_made: Results, make_result) -> None:
    equal = Results({}, [make_result(name, nodes=1) for name in ("a", "b")])
    assert sentences_of(equal)[0].startswith("All 2 designs take 1 node, 2.7e-05 % of the memory")
    assert sentences_of(Results({}, [make_result()])) == []


def test_index_without_a_node_is_not_divided_by(make_result) -> None:
    results = Results({}, [make_result("a", nodes=0), make_result("b", nodes=3)])
    assert sentences_of(results)[0].startswith(
        "a takes 0 nodes, 0 % of the memory it indexes; b 3, "
    )


def test_lookup_tells_a_difference_only_where_there_is_one(hand_made: Results) -> None:
    assert sentences_of(hand_made)[1] == (
        "A get takes 10 ns in hugetlb-huge; hugetlb-4k-slots takes 2.0 times as long (1.90 to "
        "2.1), hugetlb-4k-multi is not significantly different (1.01 times, 0.98 to 1.04)."
    )
    told = changed(hand_made, "hugetlb-4k-multi", "get", ratio=Interval(1.5, 1.4, 1.6))
    assert "hugetlb-4k-multi takes 1.50 times as long (1.40 to 1.60)" in sentences_of(told)[1]


def test_lookup_is_left_out_where_none_was_timed(hand_made: Results) -> None:
    without = Results({}, [result for result in hand_made if result.event != "get"])
    assert not any(sentence.startswith("A get") for sentence in sentences_of(without))


def test_insertion_is_set_against_clearing(hand_made: Results) -> None:
    assert sentences_of(hand_made)[2] == (
        "To populate a GiB takes 31 us in hugetlb-huge and 3.1 ms in hugetlb-4k-slots; to clear "
        "its pages first takes 31 ms, so the index is 0.1 % to 10 % on top of that."
    )
    slow = Interval(*[61_440_000.0] * 3)  # twice as long to clear
    slower = changed(hand_made, "(clearing)", "populate", ns_per_gib=slow)
    assert "61 ms, so the index is 0.05 % to 5 % on top" in sentences_of(slower)[2]


def test_forced_orders_stay_out_of_the_sentences(hand_made: Results, make_result) -> None:
    forced = make_result(
        "thp-multi", nodes=9_999_999, order=4, input="uniform 2 GiB at order 4", same_as=None
    )
    with_forced = Results({}, [*hand_made.results, forced])
    assert sentences_of(with_forced) == sentences_of(hand_made)


def test_indexes_of_nodes_of_different_widths_are_compared_in_bytes(hand_made: Results) -> None:
    """3 nodes of 4,328 bytes are more than 17 of 576."""
    rows = [
        replace(row, nodes=3, node_bytes=4328) if row.design == "hugetlb-4k-multi" else row
        for row in hand_made
    ]
    sentence = sentences_of(Results({}, rows))[0]
    assert sentence.startswith("hugetlb-huge takes 9.71 KiB, 0.00046 % of the memory it indexes; ")
    assert "hugetlb-4k-multi 1.41 times as much, still 0.00065 %" in sentence


@pytest.mark.parametrize(
    ("node", "slab"), [(576, 8192 / 14), (128, 4096 / 30), (4328, 32768 / 7), (1112, 16384 / 14)]
)
def test_node_takes_its_share_of_the_slab(node: int, slab: float) -> None:
    """The smallest slab of 12 nodes that wastes a sixteenth at most; else what wastes least."""
    assert slab_bytes(node) == pytest.approx(slab)
