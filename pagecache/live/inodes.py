"""Every inode of the machine whose page cache holds something: a BPF program that only reads.

It goes from the calling process's root directory to its superblock, round the list of all
superblocks, and along each one's list of inodes.  The head of that first list is no superblock: a
real one has a root directory that names it.  An inode must name the superblock whose list it is
on; one that does not was freed meanwhile, and the list is counted as *torn*.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pagecache.errors import InputError
from pagecache.live.assembler import FP, R0, R1, R2, R6, R7, R8, R9, Assembler
from pagecache.live.bpf import Program, Table
from pagecache.live.offsets import Offsets
from pagecache.live.program import CURRENT_TASK, follow, look_up, loop, read

MOST_INODES, MOST_SUPERBLOCKS = 1 << 23, 1 << 16
TRIES = 8
CONTEXT = np.dtype([("tail", "<u8"), ("full", "<u8"), ("torn", "<u8")])
INODE = np.dtype(
    [("mapping", "<u8"), ("number", "<u8"), ("bytes", "<i8"), ("magic", "<u8"), ("device", "<u8")]
)

_STATE = -112  # on the stack of `main`, below what `follow` uses
_TAIL, _FULL, _TORN, _SB, _FIRST, _END, _LINK = 0, 8, 16, 24, 32, 40, 48
_COUNTERS = (_TAIL, _FULL, _TORN)  # as in the context
_VALUE = -16  # on the stack of each function


@dataclass(frozen=True, eq=False)
class CachedInodes:
    """Inodes whose index holds something, records of `INODE`; whether a list stayed torn."""

    records: NDArray[np.void]
    torn: bool


def cached_inodes(offsets: Offsets, room: int = 1 << 14) -> CachedInodes:
    """List them all, O(inodes of the machine).  Needs root.

    Lists are read again while inodes that are freed tear them, up to 8 times.
    """
    tries = TRIES
    while True:
        found, full = _list(offsets, room)
        if not full and (tries == 0 or not found.torn):
            return found
        room, tries = (room * 4, tries) if full else (room, tries - 1)
        if room > MOST_INODES:
            raise InputError(f"--all: over {MOST_INODES} files are cached; name files instead")


def _list(offsets: Offsets, room: int) -> tuple[CachedInodes, bool]:
    with Table(INODE.itemsize, room) as table, Program(lister(offsets, table.fd)) as program:
        context = np.frombuffer(program.run(bytes(CONTEXT.itemsize)), CONTEXT)[0]
        records = np.frombuffer(table.memory, INODE, int(context["tail"])).copy()
    return CachedInodes(records, bool(context["torn"])), bool(context["full"])


def lister(offsets: Offsets, table: int) -> Assembler:
    """The program for one kernel's structs, over the map with this descriptor."""
    code = Assembler()
    _main(code, offsets)
    _go_through_superblock(code, offsets)
    _go_through_inode(code, offsets, table)
    return code


def _main(code: Assembler, offsets: Offsets) -> None:
    code.function("main")
    code.mov(R6, R1)
    for field in _COUNTERS:  # not as constants: the verifier would follow each value apart
        code.load(R1, R6, field)
        code.store(FP, _STATE + field, R1)
    code.call(CURRENT_TASK)
    code.mov(R9, R0)
    follow(code, (offsets.task_fs, offsets.fs_mount, offsets.mount_sb), "no_superblock")
    for field in (_SB, _FIRST, _END, _LINK):
        code.store(FP, _STATE + field, R9)
    code.constant(R1, MOST_SUPERBLOCKS)
    loop(code, "go_through_superblock", FP, _STATE)
    for field in _COUNTERS:
        code.load(R1, FP, _STATE + field)
        code.store(R6, field, R1)
    code.label("no_superblock")
    code.leave(0)


def _go_through_superblock(code: Assembler, offsets: Offsets) -> None:
    """R7: the state, R8: what is on the list of superblocks."""
    code.function("go_through_superblock")
    code.mov(R7, R2)
    code.load(R8, R7, _SB)
    code.mov(R9, R8)
    follow(code, (offsets.sb_root, offsets.dentry_sb), "next_superblock")
    code.jump_if_registers(R9, "!=", R8, "next_superblock")
    code.address(R1, R8, offsets.sb_inodes)
    code.store(R7, _END, R1)
    read(code, (R7, _LINK), 8, R8, offsets.sb_inodes + offsets.list_next)
    code.constant(R1, MOST_INODES)
    loop(code, "go_through_inode", R7)
    code.label("next_superblock")
    read(code, (R7, _SB), 8, R8, offsets.sb_link + offsets.list_next)
    code.jump_if(R0, "!=", 0, "last_superblock")
    code.load(R1, R7, _SB)
    code.alu("sub", R1, offsets.sb_link)
    code.store(R7, _SB, R1)
    code.load(R2, R7, _FIRST)
    code.jump_if_registers(R1, "==", R2, "last_superblock")
    code.leave(0)
    code.label("last_superblock")
    code.leave(1)


def _go_through_inode(code: Assembler, offsets: Offsets, table: int) -> None:
    """R7: the state, R8: the inode, R9: its mapping, then its record."""
    code.function("go_through_inode")
    code.mov(R7, R2)
    code.load(R8, R7, _LINK)
    code.load(R1, R7, _END)
    code.jump_if_registers(R8, "==", R1, "last_inode")
    read(code, (R7, _LINK), 8, R8, offsets.list_next)
    code.load(R1, R7, _LINK)
    code.jump_if_registers(R8, "==", R1, "torn_list")  # taken off the list, it names itself
    code.alu("sub", R8, offsets.inode_link)
    read(code, (FP, _VALUE), 8, R8, offsets.inode_sb)
    code.load(R1, FP, _VALUE)
    code.load(R2, R7, _SB)
    code.jump_if_registers(R1, "!=", R2, "torn_list")
    _skip_unless_cached(code, offsets)
    _append(code, offsets, table)
    code.label("not_cached")
    code.leave(0)
    code.label("table_full")
    code.store_constant(R7, _FULL, 1)
    code.leave(1)
    code.label("torn_list")
    code.load(R1, R7, _TORN)
    code.alu("add", R1, 1)
    code.store(R7, _TORN, R1)
    code.label("last_inode")
    code.leave(1)


def _skip_unless_cached(code: Assembler, offsets: Offsets) -> None:
    """R9: the inode's own mapping, if it has an index; those that borrow another's are passed."""
    read(code, (FP, _VALUE), 8, R8, offsets.inode_mapping)
    code.load(R9, FP, _VALUE)
    code.address(R1, R8, offsets.inode_data)
    code.jump_if_registers(R9, "!=", R1, "not_cached")
    read(code, (FP, _VALUE), 8, R9, offsets.mapping_head)
    code.load(R1, FP, _VALUE)
    code.jump_if(R1, "==", 0, "not_cached")


def _append(code: Assembler, offsets: Offsets, table: int) -> None:
    code.load(R6, R7, _TAIL)
    look_up(code, table, R6)
    code.jump_if(R0, "==", 0, "table_full")
    code.store(R0, 0, R9)
    code.mov(R9, R0)
    read(code, (R9, 8), 8, R8, offsets.inode_number)
    read(code, (R9, 16), 8, R8, offsets.inode_bytes)
    code.load(R8, R7, _SB)
    read(code, (R9, 24), 8, R8, offsets.sb_magic)
    read(code, (R9, 32), 4, R8, offsets.sb_device)
    code.alu("add", R6, 1)
    code.store(R7, _TAIL, R6)
