"""The folder of evidence: written whole or not at all, and read."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pagecache.errors import InputError
from pagecache.measure.analysis import summarize
from pagecache.measure.case import Job
from pagecache.measure.worker import KINDS
from pagecache.printable import printable
from pagecache.report.evidence.mail import mail_text
from pagecache.report.evidence.recorder import Recorder, order_lines
from pagecache.results import Results, to_json

OPTION = "--evidence"
SUMS = "SHA256SUMS"


@dataclass(frozen=True)
class Raw:
    """What a run measured, and where."""

    job: Job
    records: list[dict[str, Any]]
    environment: dict[str, Any]

    def results(self) -> Results:
        """The results that these rounds give."""
        return summarize(self.job, self.records, self.environment)

    def derived(self) -> dict[str, str]:
        """The files that follow from the rounds."""
        results = self.results()
        order = "".join(f"{printable(line)}\n" for line in order_lines(self.job, self.records))
        return {
            "mail.txt": mail_text(results),
            "results.json": to_json(results),
            "order.txt": order,
        }


def check_folder(folder: str | Path) -> None:
    """InputError unless evidence can be written there; before anything is measured."""
    path = Path(folder)
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise InputError(f"{OPTION}: {folder} exists already; name a new folder")
    try:
        os.rmdir(beside(path))
    except OSError as error:
        raise unwritable(folder, error) from None


def beside(path: Path) -> Path:
    """A new folder next to the place; those above it are made if needed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(prefix=".pagecache.", dir=path.parent))


def write_evidence(recorder: Recorder, folder: str | Path) -> None:
    """Write all files into a folder beside the place, and rename that."""
    raw = Raw(Job.from_dict(recorder.job, KINDS), recorder.records, recorder.environment)
    files = {
        "job.json": dumped(recorder.job),
        "environment.json": dumped(recorder.environment),
        "rounds.jsonl": "".join(json.dumps(record) + "\n" for record in recorder.records),
    }
    files[SUMS] = sums(files)
    files |= raw.derived()
    made: Path | None = None
    try:
        made = beside(Path(folder))
        for name, text in files.items():
            (made / name).write_text(text, encoding="utf-8")
        os.chmod(made, 0o755)
        os.replace(made, folder)
    except OSError as error:
        raise unwritable(folder, error) from None
    finally:
        if made is not None:
            shutil.rmtree(made, ignore_errors=True)


def sums(files: Mapping[str, str]) -> str:
    """Their SHA-256, a line a file, as ``sha256sum -c`` reads it."""
    found = ((hashlib.sha256(text.encode()).hexdigest(), name) for name, text in files.items())
    return "".join(f"{digest}  {name}\n" for digest, name in found)


def changed_file(folder: Path) -> str | None:
    """The first of the files that results are made of that is not as it was written."""
    written = text_of(folder / SUMS).splitlines()
    names = ("job.json", "environment.json", "rounds.jsonl")
    found = sums({name: text_of(folder / name) for name in names}).splitlines()
    return next(
        (name for name, line in zip(names, found, strict=True) if line not in written), None
    )


def dumped(fields: Any) -> str:
    return json.dumps(fields, indent=1) + "\n"


def unwritable(folder: str | Path, error: OSError) -> InputError:
    return InputError(
        f"{OPTION}: {folder} cannot be written ({error.strerror}); name another place"
    )


def read_raw(folder: str | Path) -> Raw:
    """The rounds of a folder; InputError names what is missing or no evidence."""
    path = Path(folder)
    job = parsed(path / "job.json")
    records = [
        json_of(line, f"{path / 'rounds.jsonl'}:{number}")
        for number, line in enumerate(text_of(path / "rounds.jsonl").splitlines(), 1)
    ]
    try:
        return Raw(Job.from_dict(job, KINDS), records, parsed(path / "environment.json"))
    except (KeyError, TypeError) as error:
        raise InputError(f"{path / 'job.json'}: no job of this version ({error!r})") from None


def parsed(path: Path) -> dict[str, Any]:
    return json_of(text_of(path), str(path))


def json_of(text: str, place: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise InputError(f"{place}: this is no JSON; give a folder that {OPTION} wrote")
    return found


def text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "no text"
        raise InputError(
            f"{path}: cannot be read ({why}); give a folder that {OPTION} wrote"
        ) from None
