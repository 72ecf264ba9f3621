"""Every public member of the classes that users meet says what it does and costs, and shows it.

That its example runs is another test: pytest collects the doctests of the package.
"""

import inspect
import re
from collections.abc import Iterator
from typing import Any

import pytest

import pagecache as pc
from pagecache.mapping.open_file import OpenFile

CLASSES: tuple[type, ...] = (
    pc.XArray,
    pc.Cursor,
    pc.Pointer,
    pc.Mapping,
    OpenFile,
    pc.Memory,
    pc.File,
)
SIGNATURE = re.compile(r"\A[\w.]+\(.*\)(?: -> .*)?\n\n?")  # which Cython puts before the text
ATTRIBUTES = re.compile(r"^Attributes\n-+\n(.*?)(?:\n\n\w|\Z)", re.MULTILINE | re.DOTALL)


def text_of(found: Any) -> str:
    return SIGNATURE.sub("", inspect.getdoc(found) or "")


def public(cls: type) -> Iterator[str]:
    return (name for name in dir(cls) if not name.startswith("_"))


def is_plain(cls: type, name: str) -> bool:
    """Data without a text of its own: the class says what it is."""
    found = inspect.getattr_static(cls, name)
    computed = isinstance(found, property) or inspect.isgetsetdescriptor(found)
    return not callable(getattr(cls, name)) and not (computed and text_of(found))


def attributes(cls: type) -> set[str]:
    """What the class's text lists as attributes."""
    found = ATTRIBUTES.search(text_of(cls))
    names = re.findall(r"^([\w, ]+?)(?: : .*)?$", found[1], re.MULTILINE) if found else []
    return {name for line in names if line[:1] != " " for name in line.split(", ")}


MEMBERS = [(cls, name) for cls in CLASSES for name in public(cls) if not is_plain(cls, name)]
PLAIN = [(cls, name) for cls in CLASSES for name in public(cls) if is_plain(cls, name)]
each_member = pytest.mark.parametrize(
    ("cls", "name"), MEMBERS, ids=lambda value: getattr(value, "__name__", value)
)


def test_members_are_found() -> None:
    assert len(MEMBERS) > 100
    assert {"load", "read", "alloc"} <= {name for _, name in MEMBERS}


@each_member
def test_member_begins_with_a_line_that_says_what_it_does(cls: type, name: str) -> None:
    first, _, rest = text_of(getattr(cls, name)).partition("\n")
    assert len(first) > 10
    assert re.search(r"[.)?]$", first), first
    assert rest == "" or rest.startswith("\n"), "a blank line follows the summary"


@each_member
def test_member_says_what_it_costs(cls: type, name: str) -> None:
    assert re.search(r"\bO\([^)]+\)", text_of(getattr(cls, name)))


@each_member
def test_member_shows_an_example(cls: type, name: str) -> None:
    text = text_of(getattr(cls, name))
    assert "\nExamples\n--------\n>>> " in text


@each_member
def test_member_names_its_parameters_and_what_it_raises(cls: type, name: str) -> None:
    found = getattr(cls, name)
    if not callable(found):
        return
    parameters = [each for each in inspect.signature(found).parameters if each != "self"]
    text = text_of(found)
    for parameter in parameters:
        assert re.search(rf"\b{parameter}\b", text), f"{parameter} is not explained"
    assert not parameters or re.search(r"\bRaises\b", text), "what does it raise?"


@pytest.mark.parametrize(
    ("cls", "name"), PLAIN, ids=lambda value: getattr(value, "__name__", value)
)
def test_attribute_is_described_by_its_class(cls: type, name: str) -> None:
    assert name in attributes(cls)


@pytest.mark.parametrize("made", [pc.Memory("64M"), pc.File("1M")], ids=["Memory", "File"])
def test_attribute_of_an_instance_is_described_by_its_class(made: object) -> None:
    assert {name for name in vars(made) if not name.startswith("_")} <= attributes(type(made))
