"""BTF and nodes as a kernel could have them, written out for the tests."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from pagecache.live.btf import HEADER, MAGIC
from pagecache.live.entries import Nodes


@dataclass
class Blob:
    """Types in their order, numbered from 1."""

    strings: bytes = b"\0"
    types: bytes = b""
    count: int = 0
    names: dict[str, int] = field(default_factory=dict)

    def name(self, text: str) -> int:
        if text and text not in self.names:
            self.names[text] = len(self.strings)
            self.strings += text.encode() + b"\0"
        return self.names.get(text, 0)

    def add(
        self, kind: int, name: str, last: int, *words: int, vlen: int = 0, flag: int = 0
    ) -> int:
        info = flag << 31 | kind << 24 | vlen
        self.types += struct.pack(f"={3 + len(words)}I", self.name(name), info, last, *words)
        self.count += 1
        return self.count

    def struct(
        self, name: str, size: int, *members: tuple[str, int, int], kind: int = 4, flag: int = 0
    ) -> int:
        """Members are (name, type, bit offset)."""
        words = [word for text, type_, bits in members for word in (self.name(text), type_, bits)]
        return self.add(kind, name, size, *words, vlen=len(members), flag=flag)

    def data(self, magic: int = MAGIC, version: int = 1) -> bytes:
        sizes = (0, len(self.types), len(self.types), len(self.strings))
        return HEADER.pack(magic, version, 0, HEADER.size, *sizes) + self.types + self.strings


def nodes(*some: tuple[int, int, int, dict[int, int]], counts: Sequence[int] = ()) -> Nodes:
    """Nodes of (root, base, shift, slots by offset), each with its true count, or with `counts`."""
    slots = np.zeros((len(some), 64), np.uint64)
    for row, (_, _, _, entries) in enumerate(some):
        slots[row, list(entries)] = list(entries.values())
    root, base, shift = (np.array([node[k] for node in some]) for k in range(3))
    count = list(counts) or [len(node[3]) for node in some]
    return Nodes(
        root.astype(np.uint32),
        base.astype(np.uint64),
        shift.astype(np.uint8),
        np.array(count, np.uint8),
        slots,
    )
