"""Text that may hold anything, shown on one line.

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


def escaped(letter: str) -> str:
    """A character as it is if it can be printed, else its escape."""
    return letter if letter.isprintable() else letter.encode("unicode_escape").decode("ascii")
