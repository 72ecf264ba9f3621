"""Tables as text: a golden one, and the bounds that all keep to."""

from collections.abc import Callable

import pytest

from pagecache import compare
from pagecache.measure.plan import FILES
from pagecache.report.render import to_text
from pagecache.report.table import cell, panels_of
from pagecache.results import Result, Results

GOLDEN = """\
uniform 2 GiB
x: times hugetlb-huge; =: the same within 2 %; ~: undecided; ?: spread over 10 %; caches hot
design           nodes index        get     populate
                         KiB   ns     x us/GiB     x
----------------------------------------------------
hugetlb-huge        17  9.71 10.0  1.00   30.7  1.00
hugetlb-4k-slots 8,323 4,756 20.0?  2.0  3,072   100
hugetlb-4k-multi   131  74.9 10.1 ~1.01   46.1  1.50
(A/A)                        10.0 =1.00   30.7 =1.00
(harness)                          2.00         15.4
(clearing)                            - 30,720 1,000
524,288 pages of 4 KiB cached (2.00 GiB); struct pages 32.0 MiB (1.6 %), 4.00 MiB with the vmemmap
  optimisation; folios: 1,024; slots a folio: 1 in hugetlb-huge, 512 in hugetlb-4k-slots, 8 in
  hugetlb-4k-multi; index bytes are nodes x 585.1.
hugetlb-huge takes 17 nodes, 0.00046 % of the memory it indexes; hugetlb-4k-multi 7.71 times as
  many, still 0.0036 %; hugetlb-4k-slots 490 times as many, still 0.23 %.
A get takes 10 ns in hugetlb-huge; hugetlb-4k-slots takes 2.0 times as long (1.90 to 2.1),
  hugetlb-4k-multi is not significantly different (1.01 times, 0.98 to 1.04).
To populate a GiB takes 31 us in hugetlb-huge and 3.1 ms in hugetlb-4k-slots; to clear its pages
  first takes 31 ms, so the index is 0.1 % to 10 % on top of that.
get: same: (A/A); slower: hugetlb-4k-slots; undecided: hugetlb-4k-multi.
populate: same: (A/A); slower: hugetlb-4k-slots, hugetlb-4k-multi.

Doubt: uniform 2 GiB: a doubt with its number, 42.
Test Machine 3000, Linux 6.12.0, pagecache 0.1.0 at 0123456789ab; 5 processes of up to 5 rounds,
  pinned to processor 3, seed 7, 12.5 s; no round is discarded."""

Make = Callable[..., Result]


def lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.splitlines()]


def test_text_of_results_is_the_golden_one(hand_made: Results) -> None:
    assert lines(to_text(hand_made)) == lines(GOLDEN)


@pytest.mark.parametrize("variable", ["FORCE_COLOR", "TTY_COMPATIBLE", "COLUMNS"])
def test_text_is_the_same_whatever_the_terminal_is_said_to_be(
    hand_made: Results, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, "1")
    assert lines(to_text(hand_made)) == lines(GOLDEN)


@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize("input_", ["size", "trace", "file"])
def test_usual_designs_keep_to_100_columns_of_ascii(input_: str, tmp_path) -> None:
    path = tmp_path / "caf\u00e9.img"
    path.write_bytes(bytes(1 << 20))
    given = {
        "size": {"size": "64M"},
        "trace": {"trace": tmp_path / "t.csv"},
        "file": {"files": [path]},
    }
    header = "t_us,pid,ev,dev,ino,index,count,order\n"
    adds = "".join(f"{k},1,add,8:1,5,{k << 9},512,9\n" for k in range(200))
    (tmp_path / "t.csv").write_text(header + adds)
    text = to_text(compare(**given[input_], rounds=1, processes=1))
    assert text.isascii()
    assert max(map(len, lines(text))) <= 100


def test_widest_numbers_of_the_usual_file_designs_keep_to_100_columns(make_result: Make) -> None:
    labels = [(name, None) for name in FILES] + [("thp-slots-subpage", 9), ("thp-multi", "largest")]
    events = ("get", "read-128k", "fault-around", "populate", "truncate")
    results = [
        make_result(
            name,
            event,
            123.4,
            (0.98, 0.9, 1.1),
            0.5,
            nodes=4_260_881,
            order=order,
            input="x" if order is None else f"x at order {order}",
            baseline="base-4k",
        )
        for name, order in labels
        for event in events
    ]
    text = to_text(Results({}, results))
    assert max(map(len, lines(text))) <= 100
    (row,) = (line for line in lines(text) if line.startswith("thp-slots-subpage @9"))
    assert row.split()[2:6] == ["4,260,881", "2,434,789", "123?~0.98", "123?~0.98"]


def test_table_of_all_events_is_wide_rather_than_cut(make_result: Make) -> None:
    events = [f"event-number-{k}" for k in range(12)]
    text = to_text(Results({}, [make_result(event=event) for event in events]))
    (row,) = (line for line in lines(text) if line.startswith("hugetlb-huge  "))
    assert row.split().count("10.0") == 12
    assert "\u2026" not in text


@pytest.mark.parametrize(
    ("event", "ns", "unit", "text"),
    [
        ("get", (20.0, 99_000.0), "ns", "20.0"),
        ("get", (20.0, 99_960.0), "us", "0.020"),
        ("populate", (20_000.0, 195e3), "us/GiB", "10,240"),
        ("populate", (20_000.0, 196e3), "ms/GiB", "10.2"),
    ],
)
def test_column_has_one_unit_for_all_its_rows(
    make_result: Make, event: str, ns: tuple[float, float], unit: str, text: str
) -> None:
    fields = {"bytes_per_event": 2 << 20} if event == "populate" else {}
    first, second = ns
    results = [make_result("a", event, first, **fields), make_result("b", event, second, **fields)]
    (panel,) = panels_of(results)
    assert panel.unit(event)[0] == unit
    assert cell(panel.rows[0].results[event], panel.unit(event)[1]).split()[0].rstrip("?") == text


def test_cell_marks_spread_and_what_cannot_be_told(make_result: Make) -> None:
    assert cell(make_result("a", ns=20.0, ratio=(2.0, 1.9, 2.1))) == "20.0   2.0"
    assert cell(make_result("a", ns=20.0, ratio=(2.0, 1.9, 2.1), spread=0.2)) == "20.0?  2.0"
    assert cell(make_result("a", ns=20.0, ratio=(1.1, 0.9, 1.2))) == "20.0 ~1.10"
    assert cell(make_result("hugetlb-huge")) == "10.0  1.00"
    assert cell(make_result("a", ns=None)) == cell(None) == "-"


def test_populate_is_shown_for_a_gib(make_result: Make) -> None:
    result = make_result("a", "populate", 2000.0, (3.0, 2.9, 3.1), bytes_per_event=2 << 20)
    assert cell(result, 1e-3) == "1,024   3.0"  # 512 huge pages of 2 us


def test_joined_designs_share_a_row_and_forced_orders_a_table(make_result: Make) -> None:
    results = [
        make_result("base-4k"),
        make_result("hugetlb-4k-multi"),
        make_result("thp-multi", same_as="hugetlb-4k-multi"),
        make_result("thp-multi", order=4, input="uniform 2 GiB at order 4"),
        make_result("(harness)"),
        make_result("thp-multi", order=9, input="uniform 2 GiB at order 9"),
    ]
    (panel,) = panels_of(results)
    titles = ["base-4k", "hugetlb-4k-multi, thp-multi", "thp-multi @4", "thp-multi @9"]
    assert [row.title for row in panel.rows] == [*titles, "(harness)"]
    assert [row.title for row in panel.designs] == titles


def test_each_input_has_a_table_of_its_own(make_result: Make) -> None:
    text = to_text(Results({}, [make_result(input="one"), make_result(input="other", nodes=99)]))
    first, second = text.split("other\n")
    assert "one\n" in first
    assert "99" in second.split("\n\n")[0]
    assert "99" not in first


def test_what_is_left_out_is_said_with_its_reason(make_result: Make) -> None:
    reason = "its folios are smaller than a huge page"
    results = [
        make_result(event="get"),
        make_result(event="huge-fault", ns=None, left_out=reason),
        make_result("b", event="get"),
        make_result("b", event="huge-fault"),
    ]
    assert f"- huge-fault of hugetlb-huge: left out, {reason}." in to_text(Results({}, results))
    every = [make_result(name, event="get", ns=None, left_out="x") for name in ("a", "b")]
    assert "- get: left out, x." in to_text(Results({}, every))


def test_nothing_measured_is_said() -> None:
    assert to_text(Results({})).startswith("Nothing was measured before the run ended.\n")


def test_zero_times_do_not_break_a_table(make_result: Make) -> None:
    nothing = make_result("a", ns=0.0, ratio=(0.0, 0.0, 0.0))
    assert cell(nothing).split() == ["0.000", "0.000"]
