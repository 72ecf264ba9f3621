"""BTF, nodes and whole indexes as a kernel could have them, written out for the tests."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from pagecache.live.assembler import R0, R1, R6, Assembler
from pagecache.live.bpf import Program, Table
from pagecache.live.btf import HEADER, MAGIC
from pagecache.live.entries import Nodes
from pagecache.live.offsets import Offsets
from pagecache.live.program import look_up


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


PLACE = 4096  # bytes between what a kernel's memory is given to hold


class Index:
    """A mapping with an index, in memory of the kernel that a table shares with this process.

    A struct lies at each place, the mapping at place 0.
    """

    def __init__(self, offsets: Offsets, table: Table) -> None:
        self.offsets, self.table = offsets, table
        self.address = address_of(table)

    def at(self, place: int) -> int:
        """The kernel's address of a place."""
        return self.address + place * PLACE

    def put(self, place: int, offset: int, number: int, size: int = 8) -> None:
        start = place * PLACE + offset
        self.table.memory[start : start + size] = number.to_bytes(size, "little")

    def mapping(self, pages: int, top: int) -> None:
        """`pages` cached, the top node at a place."""
        self.put(0, self.offsets.mapping_nrpages, pages)
        self.put(0, self.offsets.mapping_head, self.at(top) | 2)

    def node(self, place: int, shift: int, parent: int, slots: dict[int, int]) -> None:
        """A node with these slots; `parent` is an address."""
        self.put(place, self.offsets.node_shift, shift, 1)
        self.put(place, self.offsets.node_count, len(slots), 1)
        self.put(place, self.offsets.node_parent, parent)
        for offset, entry in slots.items():
            self.put(place, self.offsets.node_slots + 8 * offset, entry)


def address_of(table: Table) -> int:
    """Where the kernel has the first record of a table: a program of two calls says so."""
    code = Assembler()
    code.function("main")
    code.mov(R6, R1)
    code.constant(R1, 0)
    look_up(code, table.fd, R1)
    code.jump_if(R0, "==", 0, "nothing")
    code.store(R6, 0, R0)
    code.label("nothing")
    code.leave(0)
    with Program(code) as program:
        (address,) = struct.unpack("<Q", program.run(bytes(8)))
    return int(address)
