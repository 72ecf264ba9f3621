"""Text that may hold anything, shown on one line; and numbers with what they count.

Names of files may hold line breaks, escape codes or bytes that are no text; none of these may
reach a terminal or break a line in two.
"""


def printable(text: str, encoding: str = "ascii") -> str:
    r"""The text on one line, with escapes for all that `encoding` or a terminal cannot show.

    Examples
    --------
    >>> print(printable("two\nlines"), printable("caf\u00e9"), printable("caf\u00e9", "utf-8"))
    two\nlines caf\xe9 café
    """
    shown = "".join(map(escaped, text))
    return shown.encode(encoding, "backslashreplace").decode(encoding)


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """A number and what it counts, of which there may be one.

    Examples
    --------
    >>> counted(1, "page"), counted(4096, "page"), counted(0, "process", "processes")
    ('1 page', '4,096 pages', '0 processes')
    """
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def escaped(letter: str) -> str:
    """A character as it is if it can be printed, else its escape."""
    return letter if letter.isprintable() else letter.encode("unicode_escape").decode("ascii")
