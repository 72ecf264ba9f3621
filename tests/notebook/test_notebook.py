"""The example notebook: it runs from a fresh kernel, and shows what it says."""

import re
from pathlib import Path
from typing import Any

import pytest

nbformat = pytest.importorskip("nbformat", reason="the extra `notebook` is not installed")
nbclient = pytest.importorskip("nbclient", reason="the extra `notebook` is not installed")
pytest.importorskip("ipykernel", reason="the extra `notebook` is not installed")
pytest.importorskip("matplotlib", reason="the extra `notebook` is not installed")
pytest.importorskip("pandas", reason="the extra `notebook` is not installed")

PATH = Path(__file__).parents[2] / "examples" / "comparison.ipynb"
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the kernel's client


@pytest.fixture(scope="module")
def shown() -> list[dict[str, Any]]:
    """What each cell of code that shows something shows: texts by their media type."""
    notebook = nbformat.read(PATH, as_version=4)
    nbclient.NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert [each.output_type for each in outputs] == ["execute_result"] * len(outputs)
    return [dict(output.data) for output in outputs]


def test_stored_notebook_holds_no_output_that_could_be_out_of_date() -> None:
    notebook = nbformat.read(PATH, as_version=4)
    assert not any(cell.get("outputs") for cell in notebook.cells)


def test_tree_and_walks_are_drawn(shown: list[dict[str, Any]]) -> None:
    tree, walk, explained = shown[:3]
    assert tree["image/svg+xml"].count(">node shift") == 9  # the root and eight leaves
    assert walk["text/plain"].startswith("head --> node shift 6   slot 10  = 700 >> 6")
    assert "<svg" in walk["image/svg+xml"]
    assert "hugetlb-4k-multi: one folio of order 9 is cached" in explained["text/plain"]


def test_comparison_is_a_table_and_a_plot(shown: list[dict[str, Any]]) -> None:
    html = shown[3]["text/html"]
    assert html.count("<table>") == 1
    assert html.count("<svg") == 1
    for design in ("hugetlb-huge", "hugetlb-4k-slots", "hugetlb-4k-multi"):
        assert f"<td>{design}</td>" in html
        assert re.search(rf"<title>{design}, populate: [\d.,]+ ", html)
    assert "64 MiB" in shown[3]["text/plain"]


def test_frame_has_a_row_for_each_design_and_event(shown: list[dict[str, Any]]) -> None:
    assert shown[4]["text/html"].count("<tr") == 1 + 3 * 2
    assert "hugetlb-4k-slots" in shown[5]["text/plain"]
