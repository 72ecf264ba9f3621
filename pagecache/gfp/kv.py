"""kvmalloc for Python: bytes, arrays and structs that end in an array.

    memory = kvmalloc(3 << 20)                    bytes, one piece or page by page (kvmalloc.pxd)
    table = kvmalloc_struct(head, item, 1000)     a header and 1000 items behind it, zeroed
    kvfree(memory)

`malloc` and `free` are the pair that was proposed in 2018 for drivers: kvmalloc with GFP_KERNEL,
and nothing to think about.  Contexts that GFP_KERNEL does not fit are marked by scopes.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from pagecache.gfp.flags import GFP_KERNEL, Gfp
from pagecache.gfp.kvmalloc import KvBuffer, array_size, struct_size

__all__ = ["KvStruct", "free", "kvfree", "kvmalloc", "kvmalloc_array", "kvmalloc_struct", "malloc"]


class KvStruct:
    """A header and the array behind it, in one allocation; made by `kvmalloc_struct`.

    Attributes
    ----------
    header : array of shape () of the header's dtype
    items : array of shape (count,) of the items' dtype
    memory : KvBuffer
    """

    def __init__(self, memory: KvBuffer, header: np.dtype[Any], items: np.dtype[Any]) -> None:
        self.memory = memory
        self.dtypes = header, items

    # Made when asked for, so that nothing here looks at the memory while it is freed; and by
    # frombuffer, since only such arrays keep what they look at from being freed.
    @property
    def header(self) -> npt.NDArray[Any]:
        return np.frombuffer(memoryview(self.memory), self.dtypes[0], 1).reshape(())

    @property
    def items(self) -> npt.NDArray[Any]:
        offset, kind = items_offset(*self.dtypes), self.dtypes[1]
        count = (self.memory.size - offset) // kind.itemsize
        return (
            np.frombuffer(memoryview(self.memory), kind, count, offset)
            if count
            else np.empty(0, kind)
        )

    def free(self) -> None:
        """Give the memory back.  BufferError while somebody holds one of the two arrays."""
        self.memory.free()


def kvmalloc(size: int, gfp: int = GFP_KERNEL) -> KvBuffer:
    """Bytes: in one piece up to 4 MiB, and page by page where that fails or is too large.

    Raises
    ------
    MemoryError
        No memory, or `size` is above ``2**31 - 1``.
    ValueError
        `size` is negative.

    Examples
    --------
    >>> memory = kvmalloc(5 << 20, GFP_KERNEL | Gfp.ZERO)
    >>> memory.one_piece, memoryview(memory)[-1]
    (False, 0)
    >>> kvfree(memory)
    """
    return KvBuffer(size, Gfp(gfp))


def kvmalloc_array(count: int, element: int, gfp: int = GFP_KERNEL) -> KvBuffer:
    """Bytes for `count` elements of `element` bytes; MemoryError if that overflows."""
    return kvmalloc(array_size(count, element), gfp)


def kvmalloc_struct(
    header: npt.DTypeLike, items: npt.DTypeLike, count: int, gfp: int = GFP_KERNEL
) -> KvStruct:
    """A struct that ends in an array: zeroed, its size checked.

    Parameters
    ----------
    header, items
        numpy dtypes.  As in C, the items begin where they are aligned.
    count
        How many items.

    Raises
    ------
    MemoryError
        No memory for as much, or the size overflows.
    ValueError
        A negative count, or a dtype of Python objects, of no bytes or of a shape.

    Examples
    --------
    >>> table = kvmalloc_struct([("count", "u4")], "u8", 1000)
    >>> table.header["count"] = len(table.items)
    >>> int(table.header["count"]), table.memory.size, int(table.items.sum())
    (1000, 8008, 0)
    >>> table.free()
    """
    first, rest = plain(header), plain(items)
    size = struct_size(items_offset(first, rest), rest.itemsize, count)
    return KvStruct(kvmalloc(size, gfp | Gfp.ZERO), first, rest)


def items_offset(header: np.dtype[Any], items: np.dtype[Any]) -> int:
    """Where the array begins: the header's bytes, rounded up to the items' alignment."""
    return -(-header.itemsize // items.alignment) * items.alignment


def plain(kind: npt.DTypeLike) -> np.dtype[Any]:
    """A dtype of bytes that such memory can hold."""
    dtype = np.dtype(kind)
    if dtype.hasobject or dtype.subdtype or not dtype.itemsize:
        raise ValueError(f"{dtype} has no bytes of its own; give a struct of plain fields, or one")
    return dtype


def kvfree(memory: KvBuffer | KvStruct | None) -> None:
    """Give memory back; None is fine.  ValueError the second time, BufferError while in use."""
    if memory is not None:
        memory.free()


def malloc(size: int) -> KvBuffer:
    """`kvmalloc` with GFP_KERNEL."""
    return kvmalloc(size, GFP_KERNEL)


free = kvfree
