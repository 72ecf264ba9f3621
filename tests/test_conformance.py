"""Recorded XArray behaviour, replayed; and the replayer itself, on records that were altered."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

import pagecache as pc
from pagecache.conformance import options, replay_record
from pagecache.conformance.walks import Subject
from pagecache.errors import InputError

DATA = Path(__file__).parent / "data"
VECTORS, CURRENT = DATA / "vectors", DATA / "vectors-7.1"  # of Linux 5.17, and of 7.1
PAUSE_ODD = sorted(CURRENT.glob("pause-odd-*.jsonl.gz"))
RECORDS = sorted({*VECTORS.glob("*.jsonl.gz"), *CURRENT.glob("*.jsonl.gz")} - set(PAUSE_ODD))
MULTI, SPLIT = VECTORS / "multi-1.jsonl.gz", CURRENT / "split-1.jsonl.gz"
PAUSE = CURRENT / "pause-1.jsonl.gz"


def name_of(path: Path) -> str:
    return f"{path.parent.name}/{path.name.split('.')[0]}"


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]


def written(path: Path, lines: list[dict[str, Any]]) -> Path:
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    return path


def late_line(lines: list[dict[str, Any]], **wanted: object) -> int:
    """The number, from 1, of a line in the second half that has all these fields."""
    half = len(lines) // 2
    return next(n for n, line in enumerate(lines, 1) if n > half and wanted.items() <= line.items())


def test_records_of_small_sparse_and_large_entries_are_shipped() -> None:
    names = {path.name.split("-")[0] for path in RECORDS}
    assert {"dense", "sparse", "multi", "mixed", "split", "pause"} <= names
    assert (len(RECORDS), len(PAUSE_ODD)) == (24 + 30, 3)


@pytest.mark.parametrize("path", RECORDS, ids=name_of)
def test_record_replays_to_its_end_without_a_difference(path: Path) -> None:
    replay = replay_record(path)
    assert replay.difference is None, str(replay.difference)
    lines = lines_of(path)
    assert replay.lines == len(lines)
    assert replay.trees == sum("tree" in line for line in lines) > 0


@pytest.mark.parametrize("path", RECORDS, ids=name_of)
def test_tree_is_sound_after_every_line_of_a_record(path: Path) -> None:
    header, *lines = lines_of(path)
    xa = pc.XArray(**options(pc.XArray, header))
    subject = Subject(xa)
    for line in lines:
        if "op" in line:
            subject.answer(line)
            xa.check()


# The kernel that a record is of


@pytest.mark.parametrize(
    ("kernel", "like"),
    [
        (None, "5.17"), ("5.17", "5.17"), ("5.4.2", "5.17"), ("6.8.1", "5.17"), ("6.9", "5.17"),
        ("6.10", "6.10"), ("6.13", "6.10"), ("6.14.1", "6.14"), ("6.15", "6.14"), ("6.16", "7.1"),
        ("6.19", "7.1"), ("7.1.3", "7.1"), ("8.0", "7.1"),
    ],
)  # fmt: skip
def test_array_is_made_like_the_kernel_in_the_header(kernel: str | None, like: str) -> None:
    header = {"flags": ""} | ({} if kernel is None else {"kernel": kernel})
    assert options(pc.XArray, header) == {"like": like}


@pytest.mark.parametrize(
    ("path", "kernel"),
    [
        (SPLIT, "5.17"),
        (CURRENT / "mixed-1.jsonl.gz", None),
        (PAUSE, "6.12"),
        (VECTORS / "mixed-2.jsonl.gz", "6.10"),
    ],
    ids=["split", "mixed", "pause", "5.17's mixed"],
)
def test_record_differs_under_another_kernel(
    tmp_path: Path, path: Path, kernel: str | None
) -> None:
    header, *lines = lines_of(path)
    header.pop("kernel", None)
    if kernel:
        header["kernel"] = kernel
    assert replay_record(written(tmp_path / "other.jsonl", [header, *lines])).difference is not None


@pytest.mark.parametrize("kernel", ["7", "linux-7.1", 7.1, None, ""])
def test_kernel_that_is_no_version_is_refused(tmp_path: Path, kernel: object) -> None:
    header, *lines = lines_of(SPLIT)
    path = written(tmp_path / "odd.jsonl", [header | {"kernel": kernel}, *lines])
    with pytest.raises(InputError, match=r"odd\.jsonl:1: 'kernel' of the header is "):
        replay_record(path)


class OfOneKernel(pc.XArray):
    likes = ("5.17",)


def test_array_that_is_not_like_the_record_is_not_asked_it() -> None:
    assert replay_record(MULTI, OfOneKernel).difference is None
    replay = replay_record(SPLIT, OfOneKernel)
    assert (replay.difference, replay.lines) == (None, 0)
    assert replay.skipped == "it is not like 7.1"


# Where Linux's pauses go wrong


@pytest.mark.parametrize("path", PAUSE_ODD, ids=name_of)
def test_record_of_pauses_that_go_wrong_is_skipped_with_the_reason(path: Path) -> None:
    replay = replay_record(path)
    assert (replay.difference, replay.lines) == (None, 0)
    assert "a pause passes entries over" in str(replay)


class KernelPauses(pc.XArray):
    """An XArray whose cursors pause as those of Linux 7.1: what `Cursor.pause` does otherwise."""

    odd = 0  # pauses that went elsewhere

    def cursor(self, index: Any = 0, order: Any = 0) -> Any:
        return KernelCursor(super().cursor(index, order))


class KernelCursor:
    """The two rules of the kernel over a Cursor of ours.

    A pause goes on from the slot that the index lies in by the length of the whole entry; and
    after the highest index a search by mark begins again at 0.
    """

    def __init__(self, cursor: pc.Cursor) -> None:
        self.cursor, self.ended = cursor, False

    @property
    def index(self) -> int:
        return self.cursor.index

    def find(self, last: int, mark: int | None) -> Any:
        if self.ended and mark is not None:
            self.cursor.index = 0
            KernelPauses.odd += 1
        self.ended = False
        return self.cursor.find(last, mark)

    def pause(self) -> None:
        first, last = self.cursor.extent() or (0, 0)
        level = self.cursor.order() // 6 * 6
        kernel = ((self.cursor.index >> level << level) + last - first + 1) % 2**64
        self.cursor.pause()
        assert self.cursor.index == (last + 1) % 2**64
        if kernel != self.cursor.index:
            KernelPauses.odd += 1
            self.cursor.index = kernel
        self.ended = kernel == 0


def test_pauses_are_the_only_difference_to_those_records() -> None:
    """With the kernel's two rules instead of ours they replay to their end."""
    KernelPauses.odd = 0
    for path in PAUSE_ODD:
        replay = replay_record(path, KernelPauses)
        assert (replay.difference, replay.skipped) == (None, None)
    assert KernelPauses.odd > 0


def test_those_records_differ_where_a_walk_is_paused() -> None:
    class Ours(pc.XArray):
        """Another class: not skipped."""

    differences = [replay_record(path, Ours).difference for path in PAUSE_ODD]
    assert any(differences)
    for difference in filter(None, differences):
        assert difference.operation["op"] in ("walk", "walk_on")


def test_walk_on_without_a_walk_before_it_is_refused(tmp_path: Path) -> None:
    header, *lines = lines_of(PAUSE)
    at = next(k for k, line in enumerate(lines) if line.get("op") == "walk_on")
    lines = [line for line in lines[: at + 1] if line.get("op") != "walk"]
    path = written(tmp_path / "on.jsonl", [header, *lines])
    with pytest.raises(InputError, match=rf"on\.jsonl:{len(lines) + 1}: walk_on before any walk"):
        replay_record(path)


# Records that were altered


@pytest.mark.parametrize(
    ("wanted", "altered"),
    [
        ({"op": "split", "r": -12}, {"r": 0}),
        ({"op": "split", "r": 0}, {"r": -12}),
        ({"op": "try_split", "r": 0}, {"r": -22}),
        ({"op": "extract", "filter": 3}, {"r": ["v1"]}),
    ],
    ids=["split refused", "split", "try_split", "extract"],
)
def test_one_altered_result_of_a_split_is_reported_at_its_line(
    tmp_path: Path, wanted: dict[str, object], altered: dict[str, object]
) -> None:
    lines = lines_of(SPLIT)
    number = late_line(lines, **wanted)
    lines[number - 1] |= altered
    difference = replay_record(written(tmp_path / "altered.jsonl", lines)).difference
    assert difference is not None
    assert difference.line == number


@pytest.mark.parametrize("altered", [{"at": 1}, {"more": 0}, {"r": []}])
def test_one_altered_result_of_a_walk_is_reported_at_its_line(
    tmp_path: Path, altered: dict[str, object]
) -> None:
    lines = lines_of(PAUSE)
    for op in ("walk", "walk_on"):
        number = late_line(lines, op=op, more=1)
        changed = [*lines[: number - 1], lines[number - 1] | altered, *lines[number:]]
        difference = replay_record(written(tmp_path / "altered.jsonl", changed)).difference
        assert difference is not None
        assert difference.line == number


@pytest.mark.parametrize(
    ("wanted", "altered"),
    [
        ({"op": "load", "r": "-"}, {"r": "v1"}),
        ({"op": "load", "order": 0}, {"order": 1}),
        ({"op": "store", "r": "-"}, {"r": "n"}),
        ({"op": "insert", "r": 0}, {"r": -16}),
        ({"op": "set_mark", "r": 1}, {"r": 0}),
        ({"op": "find", "filter": 3}, {"at": 1}),
        ({"op": "for_each", "filter": 3}, {"r": [[1, "v1"]]}),
    ],
    ids=lambda change: " ".join(f"{key}={value}" for key, value in change.items()),
)
def test_one_altered_result_is_reported_at_its_line(
    tmp_path: Path, wanted: dict[str, object], altered: dict[str, object]
) -> None:
    lines = lines_of(MULTI)
    number = late_line(lines, **wanted)
    lines[number - 1] |= altered
    path = written(tmp_path / "altered.jsonl", lines)
    replay = replay_record(path)
    assert replay.difference is not None
    assert replay.difference.line == replay.lines == number
    assert str(replay.difference).startswith(f"{path}:{number}: ")


@pytest.mark.parametrize("part", ["nodes", "tree"])
def test_one_altered_tree_is_reported_at_its_line(tmp_path: Path, part: str) -> None:
    lines = lines_of(MULTI)
    number = next(n for n, line in enumerate(lines, 1) if n > 1000 and line.get("nodes", 0) > 2)
    tree = lines[number - 1]
    if part == "nodes":
        tree["nodes"] += 1
    else:
        tree["tree"] = tree["tree"].replace(" c", " c1", 1)
    difference = replay_record(written(tmp_path / "altered.jsonl", lines)).difference
    assert difference is not None
    assert difference.line == number
    assert difference.tree in str(difference)


def test_only_the_first_of_two_differences_is_reported(tmp_path: Path) -> None:
    lines = lines_of(MULTI)
    loads = [n for n, line in enumerate(lines, 1) if line.get("op") == "load"]
    for number in loads[10:12]:
        lines[number - 1]["r"] = "v12345"
    difference = replay_record(written(tmp_path / "altered.jsonl", lines)).difference
    assert difference is not None
    assert difference.line == loads[10]


def test_line_that_is_no_json_is_named(tmp_path: Path) -> None:
    path = written(tmp_path / "cut.jsonl", lines_of(MULTI)[:20])
    path.write_text(path.read_text() + '{"op":"load"')
    with pytest.raises(InputError, match=r"cut\.jsonl:21: "):
        replay_record(path)


def test_operation_that_is_unknown_is_named_with_its_line(tmp_path: Path) -> None:
    lines = [*lines_of(MULTI)[:20], {"op": "teleport", "i": 1}]
    path = written(tmp_path / "new.jsonl", lines)
    with pytest.raises(InputError, match=r"new\.jsonl:21: unknown operation 'teleport'"):
        replay_record(path)
