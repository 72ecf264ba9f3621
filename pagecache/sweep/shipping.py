"""Traces on their way to workers: by name and hash, and with their bytes if they are small.

A worker takes the file of that path if its bytes have the right hash, as those of a shared
filesystem have; else what was sent with the task, kept in a file of its own until it ends.
"""

import hashlib
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from pagecache.errors import InputError
from pagecache.inputs import format_size

SMALL = 64 << 20


@dataclass(frozen=True)
class Shipped:
    """A trace: where it lies where the sweep was started, its hash and its size."""

    path: str
    sha256: str
    bytes: int


def of_file(path: str) -> Shipped:
    """What is shipped of a file.  O(bytes)"""
    return Shipped(os.path.abspath(path), hash_of(path), os.stat(path).st_size)


def hash_of(path: str) -> str:
    """The sha256 of a file; hashed again only if its size or time has changed."""
    found = os.stat(path)
    return _hashed(path, found.st_size, found.st_mtime_ns, found.st_ino)


@lru_cache(maxsize=1024)
def _hashed(path: str, size: int, time: int, inode: int) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def located(shipped: Shipped, contents: Mapping[str, bytes]) -> str:
    """Where a worker finds the trace: its own file, or that of the bytes that came along.

    Raises
    ------
    InputError
        There is no such file here, and it was too large to send.
    """
    try:
        if hash_of(shipped.path) == shipped.sha256:
            return shipped.path
        why = "has other bytes here than where the sweep began"
    except OSError as error:
        why = f"cannot be read here ({error.strerror})"
    if shipped.sha256 in contents:
        return kept(shipped.sha256, Path(shipped.path).name, contents[shipped.sha256])
    raise InputError(
        f"{shipped.path}: it {why}, and {format_size(shipped.bytes)} are not sent to workers; put "
        "it on a filesystem that they share"
    )


def lacks(shipped: Shipped) -> bool:
    """Whether this process does not see the trace where it lies, with the right bytes.

    Examples
    --------
    >>> lacks(Shipped("/nowhere", "0", 1))
    True
    """
    try:
        return hash_of(shipped.path) != shipped.sha256
    except OSError:
        return True


@cache
def _folder() -> "tempfile.TemporaryDirectory[str]":
    """This process's own place, removed when it ends."""
    return tempfile.TemporaryDirectory(prefix="pagecache-")


def kept(sha256: str, name: str, content: bytes) -> str:
    """A file with those bytes in this process's own place."""
    path = os.path.join(_folder().name, f"{sha256[:16]}-{name}")
    if not os.path.exists(path):
        beside = f"{path}.part"
        Path(beside).write_bytes(content)
        os.replace(beside, path)
    return path
