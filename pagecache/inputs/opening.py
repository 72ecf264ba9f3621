"""Opening and reading files that a user names, without ever waiting for one."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from pagecache.errors import InputError

_KINDS = (
    (stat.S_ISDIR, "a directory"),
    (stat.S_ISFIFO, "a FIFO"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a character device"),
    (stat.S_ISBLK, "a block device"),
)


@contextmanager
def reading(path: str | Path) -> Iterator[BinaryIO]:
    """Open a regular file for the block, in which a failing read names the file.

    Raises
    ------
    InputError
        As `open_regular`; or the file could be opened and then not be read.

    Examples
    --------
    >>> with reading("/proc/self/mem") as file:  # nothing is mapped where it begins
    ...     file.read(1)
    Traceback (most recent call last):
    ...
    pagecache.errors.InputError: /proc/self/mem: cannot be read (Input/output error); check its disk
    """
    with open(open_regular(path), "rb") as file:
        try:
            yield file
        except OSError as error:
            why = error.strerror or error
            raise InputError(f"{path}: cannot be read ({why}); check its disk") from None


class Unsuitable(InputError):
    """What was named is there but cannot be read: no regular file, or closed to this user."""


def open_regular(path: str | Path) -> int:
    """Open a regular file for reading and return its descriptor; refuse anything else.

    The kind is checked before the file is opened: opening a FIFO would wait for a writer, and
    opening a device can have effects.

    Raises
    ------
    InputError
        It does not exist.
    Unsuitable
        An InputError too: it is not a regular file, or may not be read.

    Examples
    --------
    >>> open_regular("/")
    Traceback (most recent call last):
    ...
    pagecache.inputs.opening.Unsuitable: /: it is a directory; name a regular file
    """
    try:
        mode = os.stat(path).st_mode
        if not stat.S_ISREG(mode):
            kind = next((name for test, name in _KINDS if test(mode)), "not a regular file")
            raise Unsuitable(f"{path}: it is {kind}; name a regular file")
        # O_NONBLOCK: should a FIFO have taken its place meanwhile, open returns at once.
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except PermissionError:
        said = "permission denied; make it readable for this user"
        raise Unsuitable(f"{path}: {said}") from None
    except OSError as error:
        if isinstance(error, FileNotFoundError) and os.path.islink(path):
            raise Unsuitable(f"{path}: it is a link to nothing; check the path") from None
        raise InputError(f"{path}: {_reason(error)}") from None


def _reason(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "no such file; check the path"
    return f"cannot be opened ({error.strerror}); check the path"
