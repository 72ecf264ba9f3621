"""BTF, the kernel's description of its own types: where a member lies in a struct.

A blob is a header, a section of types and one of strings.  A type is three 32-bit words (name,
kind and count, size or referred type) and, by its kind, more words behind them.  Types have no
index: their numbers are their places in the section, so `loops` walks it once.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pagecache.errors import InputError
from pagecache.live.loops import type_starts

KERNEL_BTF = Path("/sys/kernel/btf/vmlinux")
MAGIC, VERSION = 0xEB9F, 1
HEADER = struct.Struct("=HBBIIIII")

PTR, ARRAY, STRUCT, UNION, ENUM, TYPEDEF, VOLATILE, CONST, RESTRICT = 2, 3, 4, 5, 6, 8, 9, 10, 11
FUNC, FUNC_PROTO, TYPE_TAG, ENUM64 = 12, 13, 18, 19
_TRANSPARENT = {TYPEDEF, VOLATILE, CONST, RESTRICT, TYPE_TAG}  # name another type


class NoSuchType(InputError):
    """A struct or a member that this kernel does not have."""


@dataclass(frozen=True)
class Member:
    """One member of a struct: bytes from its start, and the number of its type."""

    name: str
    offset: int
    type: int


class Btf:
    """The types of one blob.

    Parameters
    ----------
    data : bytes
        As `KERNEL_BTF` holds it.

    Raises
    ------
    InputError
        It is no BTF of version 1 in this machine's byte order, or is cut off.
    """

    def __init__(self, data: bytes) -> None:
        if len(data) < HEADER.size:
            raise InputError(f"BTF of {len(data)} bytes is cut off; read it again")
        magic, version, _, head, type_at, type_bytes, string_at, string_bytes = HEADER.unpack(
            data[: HEADER.size]
        )
        if (magic, version) != (MAGIC, VERSION):
            raise InputError(f"no BTF of version {VERSION} (magic {magic:#x}, version {version})")
        if head + max(type_at + type_bytes, string_at + string_bytes) > len(data):
            raise InputError(f"BTF of {len(data)} bytes is cut off; read it again")
        types = data[head + type_at : head + type_at + type_bytes]
        self._words = memoryview(types[: type_bytes // 4 * 4]).cast("I")
        self._strings = data[head + string_at : head + string_at + string_bytes]
        words = np.frombuffer(self._words, np.uint32)
        starts = type_starts(words)
        self._starts: list[int] = starts.tolist()
        at = starts[1:]
        self._names, self._kinds = words[at], words[at + 1] >> 24 & 31

    @classmethod
    def of_kernel(cls, path: Path = KERNEL_BTF) -> "Btf":
        """The types of the running kernel."""
        try:
            return cls(path.read_bytes())
        except OSError as error:
            raise InputError(
                f"{path}: {error.strerror}; a kernel with CONFIG_DEBUG_INFO_BTF has it"
            ) from None

    def _name(self, offset: int) -> str:
        return self._strings[offset : self._strings.index(b"\0", offset)].decode()

    def _kind(self, type_: int) -> int:
        return self._words[self._starts[type_] + 1] >> 24 & 31

    def _ids(self, kind: int, name: str) -> list[int]:
        offset = self._strings.find(f"\0{name}\0".encode()) + 1
        found = np.flatnonzero((self._names == offset) & (self._kinds == kind))
        return [place + 1 for place in found.tolist()] if offset else []

    def _bare(self, type_: int) -> int:
        """The type behind typedefs and qualifiers."""
        while type_ and self._kind(type_) in _TRANSPARENT:
            type_ = self._words[self._starts[type_] + 2]
        return type_

    def _members(self, type_: int) -> Iterator[Member]:
        """The members of a struct or union; those of unnamed ones inside count as its own."""
        place = self._starts[type_]
        info = self._words[place + 1]
        for at in range(place + 3, place + 3 + 3 * (info & 0xFFFF), 3):
            name, kind, bits = self._words[at : at + 3]
            bits = bits & 0xFFFFFF if info >> 31 else bits  # above: the width of a bit field
            inner = self._bare(kind)
            if name == 0 and self._kind(inner) in {STRUCT, UNION}:
                for member in self._members(inner):
                    yield Member(member.name, bits // 8 + member.offset, member.type)
            else:
                yield Member(self._name(name), bits // 8, kind)

    def size(self, name: str) -> int:
        """Bytes of the struct `name`."""
        return self._words[self._starts[self._struct(name)] + 2]

    def offset(self, path: str) -> int:
        """Bytes from the start of a struct to a member: ``"address_space.i_pages.xa_head"``.

        Raises
        ------
        NoSuchType
            The struct or the member does not exist, or a name on the way is no struct.
        """
        name, *names = path.split(".")
        type_, total = self._struct(name), 0
        for name in names:
            member = self._member(type_, name, path)
            type_, total = self._bare(member.type), total + member.offset
        return total

    def length(self, path: str) -> int:
        """The number of elements of the array that a member of a struct is."""
        name, member = path.split(".")
        type_ = self._bare(self._member(self._struct(name), member, path).type)
        if self._kind(type_) != ARRAY:
            raise NoSuchType(f"{path} is no array in this kernel")
        return self._words[self._starts[type_] + 5]

    def has_enumerator(self, enum: str, name: str) -> bool:
        """Whether an enum has an enumerator of that name."""
        for type_ in self._ids(ENUM, enum):
            place = self._starts[type_]
            count = self._words[place + 1] & 0xFFFF
            names = (self._words[at] for at in range(place + 3, place + 3 + 2 * count, 2))
            if name in map(self._name, names):
                return True
        return False

    def _struct(self, name: str) -> int:
        found = self._ids(STRUCT, name)
        if not found:
            raise NoSuchType(f"struct {name} does not exist in this kernel")
        return found[0]

    def _member(self, type_: int, name: str, path: str) -> Member:
        if self._kind(type_) in {STRUCT, UNION}:
            for member in self._members(type_):
                if member.name == name:
                    return member
        raise NoSuchType(f"struct {path.partition('.')[0]} has no {path.partition('.')[2]} here")
