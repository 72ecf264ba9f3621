"""What a mapping's calls are given: places in the file and names, checked before anything else."""

from collections.abc import Mapping, Sequence
from operator import index as as_integer
from typing import Any

import numpy as np
import numpy.typing as npt

from pagecache.errors import InputError
from pagecache.inputs import PAGE_SHIFT
from pagecache.mapping.file import MAX_SIZE, size_of
from pagecache.mapping.operation import OPERATIONS


def span(position: int | str, length: int | str) -> tuple[int, int]:
    """(start, end) in bytes.  A length of 2**63 reaches to the end of the longest file.

    Examples
    --------
    >>> span("4K", 100)
    (4096, 4196)
    """
    start, size = size_of(position, "position"), size_of(length, "length")
    if start + size > MAX_SIZE:
        if size == MAX_SIZE:
            return start, MAX_SIZE
        raise InputError(f"length: {length!r} from {position!r} on ends beyond 2**63 bytes")
    return start, start + size


def page_range(position: int | str, length: int | str) -> tuple[int, int]:
    """(first page, pages) of what lies wholly or in part in a range of bytes.

    Examples
    --------
    >>> page_range(4095, 2)
    (0, 2)
    """
    start, end = span(position, length)
    first = start >> PAGE_SHIFT
    return first, ((end - 1) >> PAGE_SHIFT) + 1 - first if end > start else 0


def page_number(index: int) -> int:
    """A page's index, if a file can have it."""
    number = as_integer(index)  # a float would be cut in silence
    if not 0 <= number < 1 << 51:
        raise InputError(f"page {index} is not from 0 to 2**51 - 1")
    return number


def pages_of(values: npt.ArrayLike, what: str) -> npt.NDArray[np.uint64]:
    """Pages as a uint64 array; InputError for floats, which it would cut, and below 0."""
    found = np.asarray(values)
    if found.size and found.dtype.kind not in "ui":
        raise InputError(f"{what}: an array of {found.dtype} holds no pages; give uint64")
    if found.size and found.min() < 0:
        raise InputError(f"{what}: {found.min()} is negative; pages are 0 to 2**51 - 1")
    return np.ascontiguousarray(found, np.uint64)


def named(table: Mapping[str, int], what: str, name: str) -> int:
    """The number behind a name; InputError names those that there are."""
    if name not in table:
        raise InputError(f"{what} '{name}' is none of {', '.join(table)}")
    return table[name]


def numbers_of(op: Sequence[str] | npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    """Operations by number, from their names or numbers; InputError for anything else.

    Examples
    --------
    >>> numbers_of(["read", "punch"]).tolist(), numbers_of(np.array(["write"])).tolist()
    ([0, 8], [1])
    """
    if not isinstance(op, np.ndarray) or op.dtype.kind in "UO":
        return np.array([named(OPERATIONS, "operation", name) for name in op], np.uint8)
    if op.size and (op.dtype.kind not in "ui" or not 0 <= op.min() <= op.max() < 256):
        raise InputError(f"op: an array of {op.dtype} holds no operations; give names, or uint8")
    return np.ascontiguousarray(op, np.uint8)


def number_from(value: int, what: str) -> int:
    """A whole number of 64 bits; ValueError names the range.

    Examples
    --------
    >>> number_from(-1, "pages")
    Traceback (most recent call last):
    ...
    ValueError: pages: -1 is not from 0 to 2**64 - 1
    """
    number = as_integer(value)
    if not 0 <= number < 1 << 64:
        raise ValueError(f"{what}: {value} is not from 0 to 2**64 - 1")
    return number
