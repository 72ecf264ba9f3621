"""Evidence: written whole, derived again from its rounds, and no digit of it can be changed."""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pagecache.cli.program import run as main
from pagecache.errors import InputError
from pagecache.report.evidence import folder as folder_module
from pagecache.report.evidence.check import first_difference, in_json, in_text
from pagecache.report.evidence.folder import check_folder, read_raw, write_evidence
from pagecache.report.evidence.mail import mail_text
from pagecache.report.evidence.recorder import Recorder
from pagecache.results import Results

FILES = {
    "mail.txt",
    "results.json",
    "rounds.jsonl",
    "order.txt",
    "job.json",
    "environment.json",
    "SHA256SUMS",
}
ASKED = [
    "compare",
    "--size",
    "64M",
    "--events",
    "get,populate",
    "--rounds",
    "2",
    "--processes",
    "2",
]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("evidence") / "new" / "run"
    assert main([*ASKED, "--evidence", str(path)]) == 0
    return path


@pytest.fixture
def copied(written: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(written, tmp_path / "run"))


def test_folder_holds_all_files_and_nothing_beside_it(written: Path) -> None:
    assert {path.name for path in written.iterdir()} == FILES
    assert [path.name for path in written.parent.iterdir()] == ["run"]


def test_what_was_written_follows_from_its_rounds(
    written: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["show", str(written), "--verify"]) == 0
    assert "every number follows from the rounds" in capsys.readouterr().out


def test_mail_is_ascii_of_at_most_72_columns_and_says_what_a_reader_needs(written: Path) -> None:
    mail = (written / "mail.txt").read_text("ascii")
    assert max(map(len, mail.splitlines())) <= 72
    whole = " ".join(mail.split())
    environment = json.loads((written / "environment.json").read_text())
    for needed in (
        "uniform 64 MiB; ratios are to hugetlb-huge",
        "(A/A)",
        "hugetlb-4k-slots",
        "50.0% of 2 processes",
        "Doubt: ",
        environment["kernel"],
        "seed 0",
        "Run again: pagecache",
    ):
        assert needed in whole
    assert " ".join(environment["machine"].split()) in whole


def test_mail_has_a_row_for_every_design_and_event(written: Path) -> None:
    mail = (written / "mail.txt").read_text("ascii")
    results = read_raw(written).results()
    for result in results:
        if result.ns_per_event is not None:
            block = mail.split(f"\n  {result.event}, ")[1].split("\n\n")[0]
            assert re.search(rf"^  {re.escape(result.design)} +[\d.,]+ ", block, re.M)


def test_order_of_runs_is_a_line_a_round(written: Path) -> None:
    lines = (written / "order.txt").read_text().splitlines()
    assert len(lines) == 2 * 2
    rows = [sorted(line.partition(": ")[2].split(", ")) for line in lines]
    assert rows == [rows[0]] * 4
    assert "(A/A)" in rows[0]
    assert len({line.partition(": ")[2] for line in lines}) > 1  # reshuffled each round


def numbers(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where numbers stand in what JSON holds."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from numbers(each, (*place, key))
    elif isinstance(value, list):
        for key, each in enumerate(value):
            yield from numbers(each, (*place, key))
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield place


def test_any_number_of_results_that_is_changed_is_named(written: Path) -> None:
    text = (written / "results.json").read_text()
    wanted = json.loads(text)
    places = list(numbers(wanted))
    assert len(places) > 300
    for place in places:
        changed = json.loads(text)
        at = changed
        for key in place[:-1]:
            at = at[key]
        at[place[-1]] += 1
        said = in_json(changed, wanted)
        assert said is not None
        assert said.startswith(": ")
        name = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in place)
        assert f"{name[1:]} is " in said


def test_any_digit_of_the_mail_that_is_changed_is_named(written: Path) -> None:
    mail = (written / "mail.txt").read_text()
    for found in re.finditer(r"\d", mail):
        at = found.start()
        changed = mail[:at] + str((int(mail[at]) + 1) % 10) + mail[at + 1 :]
        said = in_text(changed, mail)
        assert said is not None
        assert said.startswith(f":{mail.count(chr(10), 0, at) + 1}: ")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("results.json", r'"nodes": 261', '"nodes": 262'), r"nodes is 262; the rounds give 261"),
        (("results.json", r'"seed": 0', '"seed": 1'), r"meta.seed is 1; the rounds give 0"),
        (("mail.txt", r"261", "262"), r"mail.txt:\d+: 262 stands there; the rounds give 261"),
        (("order.txt", r"round 2", "round 3"), r"order.txt:2: 3 stands there; the rounds give 2"),
        (
            ("rounds.jsonl", r'"nodes": 261', '"nodes": 262'),
            "rounds.jsonl is not as it was written",
        ),
        (("environment.json", r'"cpus": \d+', '"cpus": 977'), "environment.json is not as it was"),
        (("job.json", r'"seed": 0', '"seed": 7'), "job.json is not as it was written"),
        (("SHA256SUMS", r"^[0-9a-f]", "x"), "job.json is not as it was written"),
    ],
)
def test_changed_file_makes_the_command_fail_and_is_named(
    copied: Path, capsys: pytest.CaptureFixture[str], change: tuple[str, str, str], said: str
) -> None:
    name, old, new = change
    text = (copied / name).read_text()
    assert re.search(old, text)
    (copied / name).write_text(re.sub(old, new, text, count=1))
    assert main(["show", str(copied), "--verify"]) == 1
    assert re.search(said, capsys.readouterr().out)


def test_numbers_are_derived_from_the_rounds_and_not_from_sums(copied: Path) -> None:
    lines = (copied / "rounds.jsonl").read_text().splitlines()
    records = [json.loads(line) for line in lines]
    for record in records:
        for time in record.get("times", []):
            time[2] *= 1.5 if time[0] == 1 else 1
    rewrite(copied, "rounds.jsonl", "".join(json.dumps(each) + "\n" for each in records))
    said = first_difference(copied)
    assert said is not None
    assert "mail.txt:" in said
    environment = json.loads((copied / "environment.json").read_text())
    (copied / "rounds.jsonl").write_text("".join(f"{line}\n" for line in lines))
    rewrite(copied, "environment.json", json.dumps({**environment, "cpus": 977}))
    said = first_difference(copied)
    assert said is not None
    assert re.search(r"results.json: meta.cpus is \d+; the rounds give 977", said)


def rewrite(folder: Path, name: str, text: str) -> None:
    """Change a file and its sum."""
    (folder / name).write_text(text)
    raw = ("job.json", "environment.json", "rounds.jsonl")
    files = {each: (folder / each).read_text() for each in raw}
    (folder / "SHA256SUMS").write_text(folder_module.sums(files))


@pytest.mark.parametrize("name", sorted(FILES))
def test_missing_file_is_bad_input_and_named(
    copied: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    (copied / name).unlink()
    assert main(["show", str(copied), "--verify"]) == 2
    said = capsys.readouterr().err
    assert name in said
    assert said.count("\n") == 1


@pytest.mark.parametrize("name", ["rounds.jsonl", "job.json", "results.json"])
@pytest.mark.parametrize("text", ["", "{}\n", "[1]\n", "{", '{"kind": "round"}\n', "\udcff"])
def test_file_of_something_else_is_said_in_one_line(
    copied: Path, capsys: pytest.CaptureFixture[str], name: str, text: str
) -> None:
    (copied / name).write_bytes(text.encode("utf-8", "surrogateescape"))
    assert main(["show", str(copied), "--verify"]) in {1, 2}
    said = "".join(capsys.readouterr())
    assert said.count("\n") == 1
    assert "Traceback" not in said


def test_verify_goes_with_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "a", "b", "--verify"]) == 2
    assert "--verify: it takes one folder" in capsys.readouterr().err


@pytest.mark.parametrize("made", ["file", "full"])
def test_place_that_is_taken_is_refused_before_anything_is_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], made: str
) -> None:
    place = tmp_path / "run"
    if made == "file":
        place.write_text("")
    else:
        place.mkdir()
        (place / "kept").write_text("kept")
    assert main([*ASKED, "--evidence", str(place)]) == 2
    assert "exists already; name a new folder" in capsys.readouterr().err
    assert place.is_file() or (place / "kept").read_text() == "kept"


def test_place_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"--evidence: .* cannot be written"):
        check_folder(tmp_path / "file" / "run")


def test_full_disk_leaves_nothing(
    written: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = read_raw(written)
    recorder = Recorder()
    recorder(
        {
            "kind": "raw",
            "job": raw.job.to_dict(),
            "records": raw.records,
            "environment": raw.environment,
        }
    )
    real: Callable[..., int] = Path.write_text

    def full(path: Path, text: str, **options: Any) -> int:
        if path.name == "rounds.jsonl":
            raise OSError(28, "No space left on device")
        return real(path, text, **options)

    monkeypatch.setattr(folder_module.Path, "write_text", full)
    with pytest.raises(InputError, match="No space left"):
        write_evidence(recorder, tmp_path / "run")
    assert list(tmp_path.iterdir()) == []


def test_mail_of_hostile_and_long_names_stays_narrow_ascii(make_long: Results) -> None:
    mail = mail_text(make_long)
    assert mail.isascii()
    assert max(map(len, mail.splitlines())) <= 72
    assert "[1]: " in mail


@pytest.fixture
def make_long(written: Path) -> Results:
    """The results with names that no table has room for."""
    results = read_raw(written).results()
    text = json.dumps(results.to_dict())
    for name in ("hugetlb-4k-slots", "hugetlb-huge"):
        text = text.replace(f'"{name}"', f'"{name} caf\\u00e9 {"zero-entries fallback " * 4}"')
    fields = json.loads(text.replace("uniform 64 MiB", "a\\n" + "b" * 200))
    return Results.from_dict(fields)
