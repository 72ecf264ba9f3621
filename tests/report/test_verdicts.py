"""Verdicts in words: on every row, with what would decide it."""

from dataclasses import replace

from pagecache.report.render import to_html, to_text
from pagecache.report.table import cell, panels_of
from pagecache.report.verdicts import verdict_lines
from pagecache.results import Results

RUN = {"seconds": 12.0, "processes": 6}


def said(*results, **meta) -> list[str]:
    found = Results({**RUN, **meta}, list(results))
    return list(verdict_lines(panels_of(found)[0], found))


def test_every_row_but_the_baseline_and_those_that_are_no_design_has_its_word(make_result) -> None:
    rows = [
        make_result(),
        make_result("a", verdict="slower"),
        make_result("b", verdict="same"),
        make_result("c", verdict="faster"),
        make_result("(A/A)", verdict="same"),
        make_result("(harness)", ratio=(0.2, 0.2, 0.2)),
        make_result("(clearing)", ratio=(20.0, 20.0, 20.0)),
    ]
    assert said(*rows) == ["get: faster: c; same: b, (A/A); slower: a."]


def test_what_would_decide_is_said_in_processes_and_time(make_result) -> None:
    undecided = make_result("a", ratio=(1.0, 0.9, 1.1), verdict="undecided", more_processes=1004)
    one = replace(undecided, design="b", more_processes=1)
    never = replace(undecided, design="c", more_processes=None)
    assert said(make_result(), undecided, one, never) == [
        "get: undecided: a (1,004 more processes would decide, about 33 min), b (1 more process "
        "would decide, about 2 s), c."
    ]


def test_older_results_are_judged_by_their_intervals(make_result) -> None:
    old = make_result("a", ratio=(1.1, 1.05, 1.2))
    assert said(make_result(), old) == ["get: slower: a."]


def test_marks_beside_the_ratio_follow_the_verdict(make_result) -> None:
    ratio = (1.01, 1.005, 1.015)  # excludes 1, and lies within 2 % of it
    assert cell(make_result("a", ratio=ratio, verdict="same")).endswith("=1.01")
    assert cell(make_result("a", ratio=ratio, verdict="slower")).endswith(" 1.01")
    assert cell(make_result("a", ratio=ratio, verdict="undecided")).endswith("~1.01")


def test_sentence_says_the_same_where_that_is_the_verdict(hand_made: Results) -> None:
    results = [
        replace(result, verdict="same") if result.design == "hugetlb-4k-multi" else result
        for result in hand_made
    ]
    told = Results(hand_made.meta, results)
    assert "hugetlb-4k-multi takes the same within 2 % (0.98 to 1.04)" in to_text(told)
    assert "get: same: hugetlb-4k-multi, (A/A);" in to_html(told)


def test_caption_says_how_sure_the_intervals_are(make_result) -> None:
    rows = [make_result(level=0.96875, processes=6), make_result("a", level=0.984, processes=7)]
    assert "intervals: 96.9% of 6 processes" in to_text(Results(RUN, rows))
    assert "intervals:" not in to_text(Results(RUN, [make_result()]))


def test_table_whose_rounds_were_all_discarded_says_so_above_it(make_result) -> None:
    doubt = "uniform 2 GiB: every round was discarded (6 for steal), rerun"
    found = Results({**RUN, "doubts": [doubt, "another"]}, [make_result()])
    text = to_text(found)
    assert text.count("every round was discarded") == 1
    assert text.index("every round") < text.index("design") < text.index("Doubt: another")
    assert to_html(found).index("every round") < to_html(found).index("<table>")
