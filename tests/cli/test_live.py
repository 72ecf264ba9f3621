"""The command: tables, JSON, and what it refuses."""

import json
from pathlib import Path

import pytest

from pagecache.errors import InputError
from pagecache.live import walk


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "some file"
    path.write_bytes(bytes(300 << 10))
    return path


@pytest.fixture
def may_walk() -> None:
    try:
        walk.Walker().close()
    except InputError as error:
        pytest.skip(f"no walk here: {error}")


def test_files_are_shown_beside_the_model(run, file: Path, may_walk) -> None:
    ran = run("live", file, file)
    assert (ran.code, ran.err) == (0, "")
    rows = [line for line in ran.out.splitlines() if line.startswith(str(file))]
    counts = [row.removeprefix(str(file)).split()[:1] for row in rows]
    assert counts == [["75"], ["75"]]
    assert "The model equals the kernel in 2 of 2 files." in ran.out
    assert "by walk." in ran.out


FIELDS = ["file", "pages", "folios", "orders", "nodes", "shadows"]
FIELDS += ["predicted_nodes", "nodes_by_design"]


def test_json_has_a_result_for_each_file_in_the_order_named(run, file, tmp_path, may_walk) -> None:
    other = tmp_path / "other"
    other.write_bytes(b"x")
    out = tmp_path / "out.json"
    assert run("live", other, file, "--json", out).code == 0
    ran = run("live", other, file, "--json", "-")
    found = json.loads(ran.out)
    assert found["results"] == json.loads(out.read_text())["results"]
    assert list(found) == ["format", "meta", "results"]
    assert [result["file"] for result in found["results"]] == [str(other), str(file)]
    for result, pages in zip(found["results"], (1, 75), strict=True):
        assert list(result)[: len(FIELDS)] == FIELDS
        assert result["pages"] == pages
        assert (
            result["nodes"] == result["predicted_nodes"] == result["nodes_by_design"]["thp-multi"]
        )


def test_another_way_says_what_is_missing(run, file: Path) -> None:
    ran = run("live", file, "--way", "residency")
    assert ran.code == 0
    assert "Missing: nodes, their levels and shadow entries" in ran.out
    assert "by residency." in ran.out


def test_kernel_that_differs_is_an_exit_code_of_1(run, file: Path, monkeypatch, may_walk) -> None:
    decoded = walk._decoded

    def with_a_node_more(*arguments):
        found = decoded(*arguments)
        found.levels[:, 0] += 1
        return found

    monkeypatch.setattr(walk, "_decoded", with_a_node_more)
    ran = run("live", file)
    assert ran.code == 1
    assert f"The model differs in 1 of 1 file, first in {file}: " in " ".join(ran.out.split())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "name files, or give --all"),
        (["--all", "FILE"], "name files, or give --all"),
        (["--all", "--way", "residency"], "is for files that are named"),
        (["--all", "--experiment"], "or --experiment"),
        (["FILE", "--size", "8M"], "go with --experiment"),
        (["--experiment", "--size", "5K"], "no multiple of 2 MiB"),
        (["--experiment", "--rounds", "0"], "measure nothing"),
        (["--experiment", "--seed", "-1"], "--seed: -1 is out of range"),
        (["FILE", "--way", "wlak"], "did you mean walk?"),
        (["/nowhere"], "no such file"),
        (["/"], "a directory"),
        (["FILE", "--json", "/"], "a directory"),
    ],
)
def test_what_cannot_be_is_one_line(refused, file: Path, arguments, said: str) -> None:
    line = refused("live", *[str(file) if one == "FILE" else one for one in arguments])
    assert said in line


def test_command_prints_ratios_and_writes_rows(run) -> None:
    ran = run("live", "--experiment", "--size", "8M", "--rounds", "1", "--json", "-")
    found = json.loads(ran.out)
    assert ran.code == 0
    assert len(found["results"]) == 24
    assert found["meta"]["rounds"] == 1
    assert "cachestat of tmpfs huge=always" in ran.err
    assert "in the model; round by round " in " ".join(ran.err.split())
    assert "1.00 (1.00 to 1.00)" in ran.err
    assert "Left out: hugetlbfs" in ran.err or "hugetlbfs  " in ran.err
