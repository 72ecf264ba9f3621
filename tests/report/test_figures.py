"""Plots and the page, as files: what stands in them, and what is refused."""

import os
import re
import sys
from pathlib import Path
from typing import Any

import pytest

import pagecache as pc
from pagecache.cli import main
from pagecache.errors import InputError
from pagecache.report.comparison import Comparison
from pagecache.report.figures.inputs import draw_panel
from pagecache.report.figures.ladder import Rung, draw_ladder
from pagecache.report.figures.memory import draw_memory
from pagecache.report.figures.strip import draw_strip
from pagecache.report.figures.style import check_plot, styled, write_figure
from pagecache.report.figures.svg import to_svg
from pagecache.report.figures.threads import lines_of
from pagecache.report.page.tables import tables_of
from pagecache.report.page.writer import write_page
from pagecache.report.table import panels_of
from pagecache.results import Results, read_results

pytest.importorskip("matplotlib", reason="the extra `plot` is not installed")
RESULTS = Path(__file__).parents[2] / "docs" / "results" / "default.json"


@pytest.fixture(scope="module")
def whole() -> Results:
    return read_results(RESULTS)


@pytest.fixture(scope="module")
def results(whole: Results) -> Results:
    """One input of the run: a plot takes half a second."""
    first = whole.results[0].input
    return Results(whole.meta, [result for result in whole if result.input == first])


@pytest.mark.parametrize("suffix", [".png", ".svg"])
def test_plot_of_every_input_is_written(results: Results, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"plot{suffix}"
    for panel in panels_of(results):
        with styled():
            write_figure(draw_panel(results, panel), path)
        assert path.stat().st_size > 10_000
    assert [path.name] == [each.name for each in tmp_path.iterdir()]


def test_every_design_and_event_has_a_mark_with_its_exact_value(results: Results) -> None:
    panel = panels_of(results)[0]
    told: dict[str, str] = {}
    with styled(inked=True):
        text = to_svg(draw_panel(results, panel, told), told)
    assert len(told) == len(panel.designs) * len(panel.events)
    assert text.count("<title>") == len(told)
    get = panel.designs[0].results["get"].ns_per_event
    assert get is not None
    assert f"{get.median:.1f}" in text
    assert "ns" in text


@pytest.fixture(scope="module", name="threads")
def threads_of_docs() -> Results:
    return read_results(RESULTS.with_name("threads-hot.json"))


def test_threads_are_drawn_as_throughput_with_intervals_and_ideal_scaling(threads: Results) -> None:
    panel = panels_of(threads)[0]
    told: dict[str, str] = {}
    with styled():
        figure = draw_panel(threads, panel, told)
    assert [axes.get_title() for axes in figure.axes] == ["get of base-4k", "get of thp-multi"]
    measured = [result for result in threads if result.is_design and result.ns_per_event]
    assert len(told) == len(measured)
    two = next(each for each in measured if each.threads == 2 and each.references == "cas")
    assert two.ns_per_event is not None
    manage = 2e3 / two.ns_per_event.median
    text = f"base-4k cas, 2 threads: {manage:.1f} million events/s ("
    assert any(each.startswith(text) for each in told.values())
    left = figure.axes[0]
    (bars,) = left.containers[0].lines[2]
    low, high = bars.get_segments()[1][:, 1]
    assert (low, high) == pytest.approx(
        (2e3 / two.ns_per_event.high, 2e3 / two.ns_per_event.low), rel=1e-9
    )
    dotted = [line for line in left.lines if line.get_linestyle() == ":"]
    assert len(dotted) == len(left.containers) == 5
    for line in dotted:
        one, twice = line.get_ydata()
        assert twice == pytest.approx(2 * one)
        assert line.get_linewidth() < 1
    assert left.get_ylim() == (0, pytest.approx(1.05 * top_of(figure)))
    assert list(left.get_xticks()) == [1, 2]
    assert (left.get_ylabel(), left.get_xlabel()) == ("million events/s", "threads")
    level = min(result.level for result in measured if result.level)
    assert f"bars are intervals at {level:.1%}" in figure.get_supxlabel()
    (names,) = [[text.get_text() for text in legend.get_texts()] for legend in figure.legends]
    assert names[:2] == ["cas", "assume-1"]
    assert names[-2:] == ["striped", "ideal scaling"]


def top_of(figure: Any) -> float:
    """The highest value that is drawn, of a line or of an interval."""
    lines = [max(line.get_ydata()) for axes in figure.axes for line in axes.lines]
    bars = [
        segment[:, 1].max()
        for axes in figure.axes
        for drawn in axes.containers
        for segment in drawn.lines[2][0].get_segments()
    ]
    return max(*lines, *bars)


def test_one_protocol_is_a_line_a_design_and_orders_are_lines_of_their_own(whole: Results) -> None:
    threads = [panel for panel in panels_of(whole) if panel.kind == "threads"]
    assert len(threads) == 2
    with styled():
        figure = draw_panel(whole, threads[0])
    assert [axes.get_title() for axes in figure.axes] == ["get (cas)"]
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()][:2] == ["base-4k", "thp-multi"]
    lone = read_results(RESULTS.with_name("threads-writer.json"))
    panel = panels_of(lone)[0]
    names = [line.name for line in lines_of(panel, "get")]
    assert names[:3] == ["base-4k cas", "base-4k cas truncate@500", "thp-slots-head@9 cas"]
    with styled():
        assert draw_panel(lone, panel).axes[0].get_xlabel() == "ns"  # one number of threads


def test_tables_of_threads_on_a_page_sort_by_their_numbers(tmp_path: Path) -> None:
    lone = read_results(RESULTS.with_name("threads-writer.json"))
    threads, locks = tables_of(panels_of(lone)[0])
    assert threads.heads[:5] == ["row", "ns", "x", "M/s", "scaling"]
    for table in (threads, locks):
        for line in table.rows:
            assert len(line.cells) == len(table.heads)
            for cell in line.cells[1:]:
                assert (cell.value == "") == (cell.text in {"", "-"}), cell
                if cell.text.replace(".", "").isdigit() and table is threads:
                    assert float(cell.text) == pytest.approx(cell.value, rel=0.05)
    assert "How long the writer holds" in write_page([("t", lone)], tmp_path, "T").read_text()


def test_comparison_in_a_notebook_is_a_table_and_a_plot(results: Results) -> None:
    html = Comparison(results.meta, results.results)._repr_html_()
    assert html.count("<table>") == html.count("<svg") == 1
    assert '<figure style="max-width: 50rem; width: 100%"><svg width="100%"' in html
    assert "<title>hugetlb-huge, get: " in html


def test_without_matplotlib_a_notebook_says_how_to_get_it(
    results: Results, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    html = Comparison(results.meta, results.results)._repr_html_()
    assert html.count("<table>") == 1
    assert "matplotlib is not installed; run: pip install 'pagecache[plot]'" in html


def test_frame_without_pandas_is_refused_with_the_extra(
    results: Results, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(InputError, match=r"to_pandas: .*pip install 'pagecache\[data\]'"):
        Comparison(results.meta, results.results).to_pandas()


def test_interval_is_drawn_as_long_as_it_is(results: Results) -> None:
    panel = panels_of(results)[0]
    with styled():
        axes = draw_panel(results, panel).axes[0]
    bars = [line for line in axes.lines if line.get_alpha()]
    assert len(bars) == len(panel.designs)
    for bar, row in zip(bars, panel.designs, strict=True):
        interval = row.results["get"].ns_per_event
        assert interval is not None
        assert list(bar.get_xdata()) == [interval.low, interval.high]
        assert bar.get_solid_capstyle() == "butt"


def test_numbers_of_every_axis_are_grouped(results: Results, threads: Results) -> None:
    folios = [(0, 9), (512, 9)]
    rung = Rung("64K", "pages", "none", {"slots": [1.0]})
    with styled():
        figures = [
            draw_panel(results, panels_of(results)[0]),
            draw_panel(threads, panels_of(threads)[0]),
            draw_strip({"7.1": folios}, "two", "1.0"),
            draw_ladder([rung], "one", "counted"),
        ]
    axes = [
        *(of.xaxis for of in figures[0].axes),
        *(of.yaxis for of in figures[1].axes),
        figures[2].axes[0].xaxis,
        figures[3].axes[0].yaxis,
    ]
    for axis in axes:
        shown = axis.get_major_formatter()
        assert [shown(value, 0) for value in (1500.0, 2e6, 0.25)] == ["1,500", "2,000,000", "0.25"]


def test_curve_under_another_is_seen() -> None:
    lowest = [("a", 1 << shift, 1 << shift, True) for shift in (20, 24, 28)]
    points = [*lowest, *(("b", size, held, False) for _, size, held, _ in lowest)]
    points += [("c", size, 8 * held, True) for _, size, held, _ in lowest]
    with styled():
        (axes,) = draw_memory(points, "a machine").axes
    below, above, apart = [line.get_lw() for line in axes.lines if len(line.get_xdata()) == 3]
    assert below > 2 * above
    assert above == apart
    sizes = [line.get_markersize() for line in axes.lines if len(line.get_xdata()) == 1]
    assert sizes[0] > 1.5 * sizes[3]
    assert sizes[3] == sizes[6]


def test_strip_has_a_box_for_each_folio() -> None:
    told: dict[str, str] = {}
    with styled():
        figure = draw_strip(
            {"6.8": [(0, 2), (4, 2), (8, 3)], "6.18": [(0, 4)]}, "two kernels", "1.0", told
        )
    assert list(told.values())[2:] == [
        "6.8: index 8, order 3 (32 KiB)",
        "6.18: index 0, order 4 (64 KiB)",
    ]
    assert figure.get_supxlabel() == "1.0"


def test_strip_of_many_folios_is_drawn_order_by_order_in_mib() -> None:
    told: dict[str, str] = {}
    folios = [(k, 0) for k in range(4096)] + [(4096 + (k << 9), 9) for k in range(40)]
    with styled():
        figure = draw_strip({"7.1": folios}, "many", "1.0", told)
    (axes,) = figure.axes
    assert told == {}
    assert axes.get_xlabel() == "MiB from the start of the file"
    small, large = axes.collections
    assert (len(small.get_paths()), len(large.get_paths())) == (4096, 40)
    box = large.get_paths()[0].get_extents()
    assert (box.x0, box.x1) == (16, 18)
    assert axes.get_xlim()[0] == 0


def test_folios_of_mappings_are_drawn_in_strips(tmp_path: Path) -> None:
    mapping = pc.Mapping(file=pc.File("2M", prefer_order=9))
    mapping.read(0, 1)
    pc.plot_folios({"whole": mapping, "listed": [(0, 2), (4, 2)]}, tmp_path / "s.svg", "two files")
    text = (tmp_path / "s.svg").read_text()
    for said in ("two files", "whole", "listed", "order 2", "order 9"):
        assert said in text
    with pytest.raises(InputError, match=r"ends in neither \.png nor \.svg"):
        pc.plot_folios({"whole": mapping}, tmp_path / "s.gif")


def test_ladder_has_a_panel_for_each_block_and_number_and_a_bar_over_the_seeds() -> None:
    told: dict[str, str] = {}
    seeds = {"lost, %": [10.0, 30.0], "index, KiB": [0.1, 0.1]}
    none = {"lost, %": [0.0, 0.0], "index, KiB": [0.1, 0.1]}
    rungs = [
        Rung(block, policy, scattered, values)
        for block in ("64K", "2M")
        for policy in ("pages", "fallback")
        for scattered, values in (("none", none), ("random:8", seeds))
    ]
    with styled():
        figure = draw_ladder(rungs, "scattered", "counted", told)
    assert len(figure.axes) == 4
    assert figure.legends[0].get_title().get_text() == "counted"
    assert [axes.get_title() for axes in figure.axes] == ["blocks of 64K", "blocks of 2M", "", ""]
    assert len(told) == 16
    assert "fallback, random:8: 20.0 lost, %" in told.values()
    lost = figure.axes[0]
    assert lost.get_ylim()[1] > 30
    (bars,) = lost.containers[0].lines[2]
    ends = [segment[:, 1].tolist() for segment in bars.get_segments()]
    assert ends == [[0.0, 0.0], [10.0, 30.0]]
    assert [text.get_text() for text in figure.axes[2].get_xticklabels()] == ["none", "random:8"]


def test_plot_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"ends in neither \.png nor \.svg"):
        check_plot(tmp_path / "plot.gif")


def test_plot_that_cannot_be_written_leaves_nothing(results: Results, tmp_path: Path) -> None:
    with styled(), pytest.raises(InputError, match="cannot be written"):
        write_figure(draw_panel(results, panels_of(results)[0]), tmp_path / "none" / "plot.png")
    assert not list(tmp_path.iterdir())


def test_page_is_small_and_names_no_other_place(whole: Results, tmp_path: Path) -> None:
    text = write_page([("default", whole)], tmp_path, "Results").read_text("utf-8")
    assert len(text.encode()) <= 300 * 1024
    addresses = set(re.findall(r"""(?:src|href)=["']([^"'#]+)""", text))
    assert addresses == {"data:,"}
    assert not re.search(r"@import|url\((?!#)", text)
    styled_by = set(re.findall(r'class="(k\w{7})"', text))
    assert styled_by
    assert styled_by <= set(re.findall(r"\.(k\w{7}){", text))


def test_page_shows_hostile_names_as_text(results: Results, tmp_path: Path) -> None:
    text = write_page([("<script>alert(1)</script>", results)], tmp_path, "<b>").read_text("utf-8")
    assert "<script>alert" not in text
    assert "<b>" not in text


def test_doubt_stands_beside_the_input_that_it_limits(results: Results, tmp_path: Path) -> None:
    title = panels_of(results)[0].title
    meta = {**results.meta, "doubts": [f"{title}: something.", "The whole run: something else."]}
    page = write_page([("run", Results(meta, results.results))], tmp_path, "Results")
    sections = page.read_text("utf-8").split("<section")
    assert f"{title}: something." in sections[1]
    assert "something else" in sections[-1]


def test_page_that_cannot_be_written_is_an_error_that_names_the_folder(
    results: Results, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="file cannot be written"):
        write_page([("run", results)], tmp_path / "file", "Results")


@pytest.mark.usefixtures("in_process")
def test_command_line_writes_a_plot_for_each_input_and_a_page(tmp_path: Path) -> None:
    plot, out, page = tmp_path / "plot.png", tmp_path / "out.json", tmp_path / "page"
    arguments = ["compare", "--size", "64M", "--rounds", "1", "--processes", "1", "--events", "get"]
    assert main([*arguments, "--plot", str(plot), "--json", str(out)]) == 0
    assert plot.stat().st_size > 10_000
    assert main(["report", str(out), "-o", str(page)]) == 0
    assert "uniform 64 MiB" in (page / "index.html").read_text("utf-8")
    strip = tmp_path / "strip.svg"
    assert main(["readahead", "--kernel", "6.6,6.18", "--plot", str(strip)]) == 0
    assert "order 5" in strip.read_text("utf-8")


@pytest.mark.parametrize("command", [["compare", "--size", "64M"], ["readahead"]])
def test_bad_name_of_a_plot_is_said_before_anything_runs(
    command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*command, "--plot", "plot.gif"]) == 2
    assert "plot.gif ends in neither" in capsys.readouterr().err


def test_plot_may_be_read_by_whom_the_umask_allows(whole: Results, tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        with styled():
            write_figure(draw_panel(whole, panels_of(whole)[0]), tmp_path / "plot.png")
    finally:
        os.umask(before)
    assert (tmp_path / "plot.png").stat().st_mode & 0o777 == 0o640
