import io
from dataclasses import replace

import pytest

from pagecache.errors import InputError
from pagecache.report.versus import print_versus
from pagecache.results import Results


def shown(before: Results, after: Results, **options: bool) -> list[list[str]]:
    """The cells of each row."""
    file = io.StringIO()
    print_versus(before, after, file=file, **options)
    return [line.split() for line in file.getvalue().splitlines()[2:-1]]


def test_only_designs_that_both_have_are_shown(hand_made: Results, make_result) -> None:
    after = Results(hand_made.meta, [make_result(ns=20.0), make_result("base-4k")])
    assert shown(hand_made, after) == [
        ["hugetlb-huge", "uniform", "2", "GiB", "get", "17", "10.0", "20.0", "2.0x"]
    ]


def test_overlap_and_changed_nodes_are_marked(make_result) -> None:
    before = Results({}, [make_result(spread=0.3)])
    after = Results({}, [make_result(ns=12.0, nodes=20, spread=0.3)])
    (row,) = shown(before, after)
    assert row[5:] == ["17", "->", "20", "10.0", "12.0", "~1.20x"]


def test_event_without_time_shows_its_nodes(make_result) -> None:
    results = Results({}, [make_result(ns=None)])
    assert shown(results, results)[0][5:] == ["17", "-", "-", "-"]


@pytest.mark.parametrize("what", ["machine", "kernel"])
def test_other_machine_is_refused_unless_asked_for(hand_made: Results, what: str) -> None:
    other = Results({**hand_made.meta, what: "other"}, hand_made.results)
    with pytest.raises(InputError, match=rf"^{what} differs: .* and other; .*--across-machines"):
        shown(hand_made, other)
    assert len(shown(hand_made, other, across_machines=True)) == 6


@pytest.mark.parametrize("change", [{"caches": "cold"}, {"huge_order": 18}, {"input": "y"}])
def test_nothing_in_common_is_refused(make_result, change: dict[str, object]) -> None:
    before = make_result()
    with pytest.raises(InputError, match=r"no design, input and event in common$"):
        shown(Results({}, [before]), Results({}, [replace(before, **change)]))
