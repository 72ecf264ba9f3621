"""The errors that pagecache raises itself; all others are Python's own."""


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
