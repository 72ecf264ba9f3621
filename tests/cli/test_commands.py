"""What the commands do when all is well."""

import json
from pathlib import Path

import pytest

from pagecache import designs
from pagecache.inputs import bundled_path
from pagecache.results import Results, read_results, write_results

from ..here import workers_here

pytestmark = pytest.mark.usefixtures("in_process")
QUICK = ("--rounds", "1", "--processes", "1")
INTERVAL = {"median", "low", "high", "processes"}
FIELDS = {
    "design",
    "input",
    "event",
    "pages",
    "folios",
    "nodes",
    "index_bytes",
    "struct_page_bytes",
    "events",
    "bytes_per_event",
    "ns_per_event",
    "ns_per_gib",
}
META = {"machine", "kernel", "versions", "seed", "commit"}


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> Path:
    """The JSON of one small comparison."""
    from pagecache.comparing import compare  # noqa: PLC0415

    path = tmp_path_factory.mktemp("results") / "out.json"
    with workers_here():
        write_results(compare(size="64M", rounds=1, processes=1, seed=5), path)
    return path


def nodes_of(results: Results) -> dict[str, int]:
    return {result.design: result.nodes for result in results if result.is_design}


def test_compare_writes_json_with_every_field(run, tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    ran = run("compare", "--size", "64M", "--seed", "5", *QUICK, "--json", path)
    assert (ran.code, ran.err) == (0, "")
    assert [entry.name for entry in tmp_path.iterdir()] == ["out.json"]
    found = json.loads(path.read_text())
    assert found["format"] == 3
    assert found["meta"].keys() >= META
    assert found["meta"]["seed"] == 5
    assert found["results"]
    for result in found["results"]:
        assert result.keys() >= FIELDS
        assert set(result["ns_per_event"]) == set(result["ns_per_gib"]) == INTERVAL
        assert result["index_bytes"] == result["nodes"] * 576
        assert result["struct_page_bytes"] == result["pages"] * 64 == 1 << 20


def test_compare_counts_the_known_nodes(written: Path) -> None:
    assert nodes_of(read_results(written)) == {
        "hugetlb-huge": 1,
        "hugetlb-4k-slots": 261,
        "hugetlb-4k-multi": 5,
    }


def test_ns_per_gib_follows_from_ns_per_event(written: Path) -> None:
    for result in read_results(written):
        events = (1 << 30) / result.bytes_per_event
        assert result.ns_per_gib.median == pytest.approx(result.ns_per_event.median * events)


def test_show_prints_what_compare_printed(run, tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    printed = run("compare", "--size", "64M", *QUICK, "--json", path)
    assert run("show", path).out == printed.out


def test_show_of_two_sets_them_side_by_side(run, written: Path) -> None:
    ran = run("show", written, written)
    assert (ran.code, ran.err) == (0, "")
    rows = [line for line in ran.out.splitlines() if line.endswith(" ~1.00x")]
    assert len(rows) == 3 * 4
    assert ran.out.endswith("~: the intervals overlap.\n")


def test_show_of_another_machine_needs_to_be_told(run, written: Path, tmp_path: Path) -> None:
    other = json.loads(written.read_text())
    other["meta"]["kernel"] = "2.6.32"
    path = tmp_path / "other.json"
    path.write_text(json.dumps(other))
    ran = run("show", written, path)
    assert (ran.code, ran.out) == (2, "")
    assert "--across-machines" in ran.err
    assert run("show", written, path, "--across-machines").code == 0


def test_designs_lists_every_design(run) -> None:
    ran = run("designs")
    assert (ran.code, ran.err) == (0, "")
    lines = ran.out.splitlines()
    assert [line for line in lines if line in designs.names()] == list(designs.names())


def test_usual_files_panel_on_a_trace(run, tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    trace = bundled_path("python_import_numpy")
    ran = run("compare", "--trace", trace, "--orders", "9", *QUICK, "--json", path)
    assert (ran.code, ran.err) == (0, "")
    results = read_results(path)
    forced = {result.design for result in results if result.order == 9}
    assert forced == {"thp-slots-subpage", "thp-slots-head", "thp-multi"}
    assert {result.input for result in results if result.order == 9} == {
        "python_import_numpy at order 9"
    }
    assert "thp-multi @9" in ran.out


def test_sparse_file_is_taken_with_its_holes(run, tmp_path: Path) -> None:
    path, out = tmp_path / "sparse.img", tmp_path / "out.json"
    with path.open("wb") as file:
        file.truncate(1 << 30)
        for place in (0, 512 << 20):
            file.seek(place)
            file.write(bytes(range(256)) * 64)  # four pages
    ran = run("compare", path, *QUICK, "--json", out)
    assert (ran.code, ran.err) == (0, "")
    pages = {result.pages for result in read_results(out) if result.order is None}
    assert pages == {8}


def test_two_files_are_one_input(run, tmp_path: Path) -> None:
    paths = [tmp_path / "a", tmp_path / "b"]
    for path in paths:
        path.write_bytes(bytes(64 << 10))
    ran = run("compare", *paths, "--designs", "thp-multi", "--orders", "4", *QUICK)
    assert ran.code == 0
    assert ran.out.startswith("2 files\n")


def test_gigabyte_pages_take_one_node_or_all(run, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    given = ("--size", "2G", "--huge-page", "1G", "--events", "get,huge-fault")
    assert run("compare", *given, *QUICK, "--json", out).code == 0
    assert nodes_of(read_results(out)) == {
        "hugetlb-huge": 1,
        "hugetlb-4k-slots": 8323,
        "hugetlb-4k-multi": 1,
    }


def test_joined_designs_share_a_row_and_both_stand_in_json(run, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    names = "hugetlb-4k-multi,thp-multi"
    ran = run("compare", "--size", "64M", "--designs", names, *QUICK, "--json", out)
    assert "hugetlb-4k-multi, thp-multi " in ran.out
    found = [r for r in read_results(out) if r.is_design and r.event == "get"]
    assert [result.design for result in found] == names.split(",")
    assert found[0].ns_per_event == found[1].ns_per_event


@pytest.mark.parametrize("state", ["hot", "after-copy", "cold"])
def test_state_of_the_caches_is_named_in_table_and_json(run, tmp_path: Path, state: str) -> None:
    out = tmp_path / "out.json"
    given = ("--size", "64M", "--events", "get", "--caches", state, "--pool", "aged")
    ran = run("compare", *given, *QUICK, "--json", out)
    assert f"; caches {state}\n" in ran.out
    results = read_results(out)
    assert {result.caches for result in results} == {results.meta["caches"]} == {state}
    assert results.meta["pool"] == "aged"


def test_terabyte_is_indexed_and_what_needs_struct_pages_left_out(
    run, monkeypatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("pagecache.measure.need.available_bytes", lambda: 4 << 30)
    out = tmp_path / "out.json"
    given = ("--size", "1T", "--designs", "hugetlb-huge,hugetlb-4k-multi")
    ran = run("compare", *given, "--events", "get,index-load", *QUICK, "--json", out)
    assert (ran.code, ran.err) == (0, "")
    assert "- get: left out, the struct pages of this size do not fit in memory." in ran.out
    results = read_results(out)
    assert nodes_of(results) == {"hugetlb-huge": 8323, "hugetlb-4k-multi": 66_577}
    timed = {result.event for result in results if result.ns_per_event}
    assert timed == {"index-load"}


def test_json_through_a_link_leaves_the_link(run, tmp_path: Path) -> None:
    link, target = tmp_path / "link.json", tmp_path / "real.json"
    link.symlink_to(target)
    given = ("--size", "2M", "--events", "get")
    assert run("compare", *given, *QUICK, "--json", link).code == 0
    assert link.is_symlink()
    assert read_results(target).results


def test_help_of_every_command_is_printed(run) -> None:
    for command in ((), ("compare",), ("designs",), ("show",)):
        with pytest.raises(SystemExit) as ended:
            run(*command, "--help")
        assert ended.value.code == 0
