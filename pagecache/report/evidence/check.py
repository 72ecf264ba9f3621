"""mail.txt, results.json and order.txt held against the rounds that they were made of."""

from __future__ import annotations

import json
import re
from itertools import zip_longest
from pathlib import Path
from typing import Any

from pagecache.errors import InputError
from pagecache.report.evidence.folder import SUMS, changed_file, json_of, read_raw, text_of

NUMBER = re.compile(r"\d[\d.,]*")


def first_difference(folder: str | Path) -> str | None:
    """The first thing that does not follow from the rounds, as a sentence; None if all does.

    Raises
    ------
    InputError
        A file is missing, or is no evidence.
    """
    path = Path(folder)
    changed = changed_file(path)
    if changed is not None:
        return f"{path / changed} is not as it was written: {SUMS} has another sum"
    raw = read_raw(path)
    try:
        derived = raw.derived()
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise InputError(f"{path / 'rounds.jsonl'}: no rounds of job.json ({error!r})") from None
    for name, wanted in derived.items():
        text = text_of(path / name)
        if name.endswith(".json"):
            found = in_json(json_of(text, str(path / name)), json.loads(wanted))
        else:
            found = in_text(text, wanted)
        if found is not None:
            return f"{path / name}{found}"
    return None


def in_json(found: Any, wanted: Any, place: str = "") -> str | None:
    """Where two values first differ."""
    if isinstance(found, dict) and isinstance(wanted, dict):
        for key in [*wanted, *(key for key in found if key not in wanted)]:
            one, other = found.get(key, ABSENT), wanted.get(key, ABSENT)
            said = in_json(one, other, f"{place}.{key}" if place else f": {key}")
            if said:
                return said
        return None
    if isinstance(found, list) and isinstance(wanted, list):
        for number, (one, other) in enumerate(zip_longest(found, wanted, fillvalue=ABSENT)):
            said = in_json(one, other, f"{place}[{number}]")
            if said:
                return said
        return None
    if type(found) is type(wanted) and found == wanted:
        return None
    return f"{place} is {shown(found)}; the rounds give {shown(wanted)}"


ABSENT = object()


def shown(value: Any) -> str:
    if value is ABSENT:
        return "not there"
    text = json.dumps(value)
    return text if len(text) < 60 else f"{text[:57]}..."


def in_text(found: str, wanted: str) -> str | None:
    """The line, and the number in it, in which two texts first differ."""
    lines = zip_longest(found.splitlines(), wanted.splitlines(), fillvalue="")
    for number, (one, other) in enumerate(lines, 1):
        if one != other:
            pairs = zip_longest(NUMBER.findall(one), NUMBER.findall(other), fillvalue="nothing")
            differ = [pair for pair in pairs if pair[0] != pair[1]]
            has, gives = differ[0] if differ else (repr(one), repr(other))
            return f":{number}: {has} stands there; the rounds give {gives}"
    return None if found == wanted else ": its last line ends otherwise"
