"""The errors that pagecache raises itself; all others are Python's own."""

import operator
from collections.abc import Iterable, Mapping


class InputError(ValueError):
    """Something a user gave cannot be used.

    The text is one line: the place (file and line, or option), what is wrong there and the remedy,
    so that a command line can print it as it stands.

    Examples
    --------
    >>> raise InputError("--size: '2X' is not a size; write 4096, 512M or 1.5G")
    Traceback (most recent call last):
    ...
    pagecache.errors.InputError: --size: '2X' is not a size; write 4096, 512M or 1.5G
    """


class WrongAnswer(AssertionError):
    """A design did not answer what the input says; there is no row for it."""


class WorkerDied(RuntimeError):
    """A worker process ended before its work did."""


class EntryExists(KeyError):
    """An insert met an index that is taken; nothing was changed."""

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""


def check_renamed(function: str, given: Iterable[str], renamed: Mapping[str, str]) -> None:
    """TypeError for an argument that a function does not take, with its new name if it has one.

    Examples
    --------
    >>> check_renamed("compare", ["supply"], {"supply": "alloc"})
    Traceback (most recent call last):
    ...
    TypeError: compare() got an unexpected keyword argument 'supply'; it is called alloc now
    """
    for name in given:
        hint = f"; it is called {renamed[name]} now" if name in renamed else ""
        raise TypeError(f"{function}() got an unexpected keyword argument '{name}'{hint}")


def whole(value: int, what: str, most: int) -> int:
    """A whole number from 0 to `most`; ValueError names the range, TypeError what is not whole.

    Examples
    --------
    >>> whole(-1, "order", 10)
    Traceback (most recent call last):
    ...
    ValueError: order -1 is not from 0 to 10
    """
    number = operator.index(value)
    if not 0 <= number <= most:
        raise ValueError(f"{what} {value} is not from 0 to {most}")
    return number


def unknown(what: str, name: str, known: Iterable[str]) -> str:
    """The line that answers an unknown name: the nearest, and all that are known.

    Examples
    --------
    >>> unknown("design", "thp-mutli", ["thp-multi", "base-4k"])
    "unknown design 'thp-mutli'; did you mean thp-multi? known: thp-multi, base-4k"
    """
    known = list(known)
    return f"unknown {what} '{name}'; {did_you_mean(name, known)}known: {', '.join(known)}"


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The nearest of the known names as a question, with a space after it; or nothing."""
    import difflib  # noqa: PLC0415 - for mistakes alone

    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f"did you mean {near[0]}? " if near else ""
