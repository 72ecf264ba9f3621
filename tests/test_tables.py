"""The tables of tools/xarray-tables: small ones, measured in this process, and what they say."""

import importlib
import multiprocessing
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
MODULES = ("machine", "main", "memory", "operations", "peers", "rounds", "widths", "workers")


@pytest.fixture(scope="module")
def tables() -> Iterator[dict[str, Any]]:
    """The modules of the tool, which is no installed package."""
    added = [str(ROOT / "tools"), str(ROOT)]
    sys.path += added
    try:
        yield {name: importlib.import_module(f"xarray_tables.{name}") for name in MODULES}
    finally:
        for path in added:
            sys.path.remove(path)


@pytest.fixture
def small(tables: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Shapes of 16 MiB at most, few events, and nothing repeated."""
    shapes = tables["operations"].SHAPES
    for name, shape in list(shapes.items()):
        monkeypatch.setitem(shapes, name, shape._replace(pages=1 << 12))
    for name in ("operations", "widths"):
        monkeypatch.setattr(tables[name], "EVENTS", 500)
    monkeypatch.setattr(tables["workers"], "READS", 500)
    monkeypatch.setattr(tables["rounds"], "LEAST_NS", 1)
    monkeypatch.setattr("benchmarks.common.EVENTS", 500)
    return tables


def rows(text: str) -> list[list[str]]:
    """The cells of a table; all its lines are as long."""
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines()]
    assert {len(line) for line in lines} == {len(lines[0])}
    return lines


@pytest.mark.parametrize("shape", ["2 GiB", "2 GiB of order 9", "64 GiB, a page in 64"])
def test_every_operation_of_a_shape_has_its_cell(small: dict[str, Any], shape: str) -> None:
    operations = small["operations"]
    measured = operations.measure_shape(shape, 2, False)
    names = [*operations.OPERATIONS, *operations.LIMITS]
    assert {name for name, _ in measured.samples} == set(names)
    assert all(len(rounds) == 2 and min(rounds) > 0 for rounds in measured.samples.values())
    table = rows(operations.text({shape: measured}))
    assert [row[0] for row in table[2:10]] == list(operations.OPERATIONS)
    assert all(" / " in row[1] for row in table[2:10])


def test_random_stores_of_a_long_array_are_left_out_of_a_quick_run(
    small: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    operations = small["operations"]
    monkeypatch.setattr(operations, "LONG", 100)
    measured = operations.measure_shape("2 GiB", 1, True)
    assert operations.cell(measured, "store, random") == "-"
    assert operations.cell(measured, "store, sequential") != "-"


def test_operation_that_leaves_another_state_is_an_error(small: dict[str, Any]) -> None:
    subject = small["operations"].Subject("2 GiB")
    subject.xa.erase(0)
    with pytest.raises(AssertionError):
        subject.measure(("iterate", "single"))


def test_widths_are_held_against_the_usual_one(small: dict[str, Any]) -> None:
    widths = small["widths"]
    found = widths.measure("2 GiB", 1)
    table = rows(widths.text({"2 GiB": found}))
    assert [row[1] for row in table[2:]] == ["8", "16", "32", "64", "128", "256", "512"]
    assert found.nodes[6] == 65  # 4096 pages
    assert table[5][4].endswith("(1.00x)")


def test_memory_is_that_of_the_nodes(small: dict[str, Any]) -> None:
    memory = small["memory"]
    taken = memory.measure("2 GiB of order 9")
    assert (taken.entries, taken.pages, taken.nodes) == (1024, 1 << 19, 131)
    assert taken.node_bytes == 131 * 576 <= taken.mapped
    assert rows(memory.text({"some": taken}))[2][:4] == ["some", "131", "73.7", "0.144"]


def test_every_structure_is_asked_for_every_task(small: dict[str, Any]) -> None:
    peers, workers = small["peers"], small["workers"]
    names, reasons = peers.installed()
    assert {"XArray", "dict", "numpy"} <= set(names)
    assert len(names) + len(reasons) == 7
    for name in names:
        server = workers.Server(name, 1000)
        tasks = workers.Worker.tasks(server)
        assert {task for task, _ in tasks} == set(peers.COLUMNS)
        assert all(server.measure(*task, seed=1) > 0 for task in tasks)


def test_rounds_ask_processes_and_the_best_form_counts(small: dict[str, Any]) -> None:
    peers, asked = small["peers"], []
    names = ["XArray", "dict"]
    found = peers.measure(names, 1000, 2, lambda: asked.append(1))
    assert len(asked) == 4
    assert set(found) == {(name, task) for name in names for task in peers.COLUMNS}
    assert all(len(rounds) == 2 for rounds in found.values())
    table = rows(peers.text(found, names, {"XArray": 9.14, "dict": 104.0}))
    assert table[3][0] == "dict"
    assert table[3][1].endswith("x)")
    assert not multiprocessing.active_children()


def test_wrong_answer_of_a_worker_reaches_the_table_maker(
    small: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = small["workers"].Server("dict", 1000)
    server.held[500] = 7
    with pytest.raises(AssertionError):
        server.measure("read", 0, seed=1)


def test_ratios_are_made_round_by_round(tables: dict[str, Any]) -> None:
    rounds = tables["rounds"]
    assert rounds.ratio([2.0, 30.0, 8.0], [1.0, 10.0, 2.0]) == 3.0
    assert rounds.least([3.0, 1.0], [2.0, 5.0]) == [2.0, 1.0]


def test_each_round_draws_all_keys_in_an_order_of_its_own(tables: dict[str, Any]) -> None:
    keys = list(range(20))
    drawn = list(tables["rounds"].drawn(keys, 3))
    parts = [drawn[k : k + 20] for k in (0, 20, 40)]
    assert all(sorted(part) == keys for part in parts)
    assert parts[0] != parts[1] != parts[2]


def test_first_round_warms_up_and_is_dropped(tables: dict[str, Any]) -> None:
    calls: list[str] = []

    def measure(key: str) -> float:
        calls.append(key)
        return float(len(calls))

    samples = tables["rounds"].collect(["a", "b"], 2, measure)
    assert len(calls) == 6
    assert sorted(samples["a"] + samples["b"]) == [3, 4, 5, 6]


def test_heading_names_the_machine_and_the_commit(tables: dict[str, Any]) -> None:
    heading = tables["machine"].heading(True, 3)
    for word in ("processors", "transparent huge pages", "Python 3", "commit", "--quick"):
        assert word in heading


def test_help_of_the_tool_is_shown(
    tables: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="0"):
        tables["main"].main(["--help"])
    assert "--quick" in capsys.readouterr().out


def test_tables_of_the_page_are_replaced_and_its_text_stays(tables: dict[str, Any]) -> None:
    main = tables["main"]
    page = (ROOT / "docs" / "xarray.md").read_text()
    text, marks = page.partition(main.BEGIN)[0], main.BEGIN + main.END
    once = main.replaced(page, "one\n")
    assert once.startswith(text + main.BEGIN + "\none\n")
    assert main.replaced(once, "two\n") == once.replace("\none\n", "\ntwo\n")
    assert main.replaced("a\n" + marks + "b\n", "x") == f"a\n{main.BEGIN}\nx\n{main.END}b\n"


def test_page_without_marks_is_refused_before_anything_runs(
    tables: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.md"
    page.write_text("nothing to replace\n")
    with pytest.raises(SystemExit, match="2"):
        tables["main"].main(["--into", str(page)])
    assert "it has no lines <!-- tables -->" in capsys.readouterr().err
