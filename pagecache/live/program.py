"""The walker: a BPF program that copies the nodes of page-cache indexes, and only reads.

It starts from a *root*, a descriptor of the calling process (task, files, table, file, mapping) or
a mapping's address, and appends the index's top node to a table.  Then it goes over that table
from its beginning, which grows at its end meanwhile: each node that a slot names is copied behind
those that are there, so levels follow each other and no stack is needed.  Nodes of the lowest
level name none and are passed over.  What the slots mean is decoded outside, in `entries`.

No lock is taken.  A node must name the node above it as its parent and lie one level below it;
what does not was freed meanwhile, and is counted as *torn* instead of followed.  In the end, the
roots' page counts are read again.
"""

from pagecache.live.assembler import FP, R0, R1, R2, R3, R4, R6, R7, R8, R9, Assembler
from pagecache.live.offsets import SLOTS, Offsets

LOOKUP, CURRENT_TASK, READ_KERNEL, LOOP = 1, 35, 113, 181  # numbers of the kernel's helpers
MOST_NODES = 1 << 23  # rounds that one loop of the kernel makes at most
CHUNK_SHIFT = 6
TOP_SHIFT = 60
NO_NODE = 0xFFFFFFFF  # the record above a top node

# What goes in, zeros behind the roots, and comes out: nodes copied, 1 if there are more, torn ones.
CONTEXT_ROOTS, CONTEXT_TAIL, CONTEXT_FULL, CONTEXT_TORN, CONTEXT_BYTES = 0, 8, 16, 24, 32
# A root: in, a descriptor or a mapping; out, the mapping and what it held before and after.
ROOT_FD, ROOT_MAPPING, ROOT_HOST, ROOT_PAGES, ROOT_HEAD = 0, 8, 16, 24, 32
ROOT_PAGES_AFTER, ROOT_HEAD_AFTER, ROOT_FAILED, ROOT_BYTES = 40, 48, 56, 64
# A node: its address, the index of its first slot, its root, the record above it, and its copy.
NODE_ADDRESS, NODE_BASE, NODE_ROOT, NODE_ABOVE, NODE_COPY = 0, 8, 16, 20, 24

_STATE = -32  # on the stack of `main`, and what the loops hand to their functions
_TAIL, _FULL, _TORN, _NUMBER = 0, 8, 16, 24
_COUNTERS = ((_TAIL, CONTEXT_TAIL), (_FULL, CONTEXT_FULL), (_TORN, CONTEXT_TORN))
_KEY, _POINTER = -8, -56  # on the stack of each function
_ADDRESS, _BASE, _ROOT, _ABOVE, _PARENT, _SHIFT = -16, -24, -32, -28, -40, -48


def walker(offsets: Offsets, roots: int, nodes: int) -> Assembler:
    """The program for one kernel's structs, over the maps with these descriptors."""
    code = Assembler()
    _main(code)
    _start_at_root(code, offsets, roots, nodes)
    _go_through_node(code, offsets, nodes)
    _follow_slot(code, offsets, nodes)
    _read_root_again(code, offsets, roots)
    return code


def _main(code: Assembler) -> None:
    code.function("main")
    code.mov(R6, R1)
    for field, zero in _COUNTERS:  # not as constants: the verifier would follow each value apart
        code.load(R1, R6, zero)
        code.store(FP, _STATE + field, R1)
    code.load(R1, R6, CONTEXT_ROOTS)
    code.store(FP, _STATE + _NUMBER, R1)
    loop(code, "start_at_root", FP, _STATE)
    code.constant(R1, MOST_NODES)
    loop(code, "go_through_node", FP, _STATE)
    code.load(R1, R6, CONTEXT_ROOTS)
    loop(code, "read_root_again", FP, _STATE)
    for field, out in _COUNTERS:
        code.load(R1, FP, _STATE + field)
        code.store(R6, out, R1)
    code.leave(0)


def loop(code: Assembler, function: str, base: int, offset: int = 0) -> None:
    """Call a function with 0, 1, 2 ... up to register 1, until it returns 1."""
    code.function_pointer(R2, function)
    code.address(R3, base, offset)
    code.constant(R4, 0)
    code.call(LOOP)


def look_up(code: Assembler, table: int, number: int) -> None:
    """Register 0: the record `number` (a register) of a map, or 0."""
    code.store(FP, _KEY, number, 4)
    code.map(R1, table)
    code.address(R2, FP, _KEY)
    code.call(LOOKUP)


def read(code: Assembler, to: tuple[int, int], size: int, source: int, at: int = 0) -> None:
    """Read kernel memory at a register + `at` to a register + an offset; 0 in register 0: done."""
    code.mov(R3, source)
    if at:
        code.alu("add", R3, at)
    code.address(R1, *to)
    code.constant(R2, size)
    code.call(READ_KERNEL)


def follow(code: Assembler, steps: tuple[int, ...], failed: str) -> None:
    """Register 9: from there on the pointers at these offsets, each in the struct before."""
    for offset in steps:
        read(code, (FP, _POINTER), 8, R9, offset)
        code.jump_if(R0, "!=", 0, failed)
        code.load(R9, FP, _POINTER)


def _start_at_root(code: Assembler, offsets: Offsets, roots: int, nodes: int) -> None:
    """R6: its number, R7: the state, R8: the root, R9: its mapping."""
    code.function("start_at_root")
    code.mov(R6, R1)
    code.mov(R7, R2)
    look_up(code, roots, R6)
    code.jump_if(R0, "==", 0, "no_root")
    code.mov(R8, R0)
    code.store_constant(R8, ROOT_FAILED, 1)
    code.load(R9, R8, ROOT_MAPPING)
    code.jump_if(R9, "!=", 0, "mapping_known")
    _resolve_descriptor(code, offsets)
    code.label("mapping_known")
    code.store(R8, ROOT_MAPPING, R9)
    for field, offset in (
        (ROOT_HOST, offsets.mapping_host),
        (ROOT_PAGES, offsets.mapping_nrpages),
        (ROOT_HEAD, offsets.mapping_head),
    ):
        read(code, (R8, field), 8, R9, offset)
        code.jump_if(R0, "!=", 0, "no_root")
    code.store_constant(R8, ROOT_FAILED, 0)
    code.load(R1, R8, ROOT_HEAD)
    _skip_unless_node(code, R1, "no_root")
    code.alu("sub", R1, 2)
    code.store(FP, _ADDRESS, R1)
    code.store_constant(FP, _BASE, 0)
    code.store_constant(FP, _PARENT, 0)
    code.store(FP, _ROOT, R6, 4)
    code.store_constant(FP, _ABOVE, -1, 4)
    _append(code, offsets, nodes, top=True)
    code.label("no_root")
    code.leave(0)


def _resolve_descriptor(code: Assembler, offsets: Offsets) -> None:
    """Register 9: the mapping of the root's descriptor in the calling process."""
    code.call(CURRENT_TASK)
    code.mov(R9, R0)
    follow(code, (offsets.task_files, offsets.files_fdt, offsets.fdt_fd), "no_root")
    code.load(R1, R8, ROOT_FD)
    code.alu("lsh", R1, 3)
    code.alu("add", R9, R1, register=True)
    follow(code, (0, offsets.file_mapping), "no_root")


def _skip_unless_node(code: Assembler, entry: int, label: str) -> None:
    """A node is the internal entries' tag, binary 10, above the special ones up to 4096."""
    code.jump_if(entry, "<=", 4096, label)
    code.mov(R2, entry)
    code.alu("and", R2, 3)
    code.jump_if(R2, "!=", 2, label)


def _append(code: Assembler, offsets: Offsets, nodes: int, *, top: bool) -> None:
    """Copy the node that the stack describes behind the others.  R7: the state; R9 is lost."""
    name = "top" if top else "child"
    code.load(R1, R7, _TAIL)
    look_up(code, nodes, R1)
    code.jump_if(R0, "==", 0, f"{name}_full")
    code.mov(R9, R0)
    for field, at in ((NODE_ADDRESS, _ADDRESS), (NODE_BASE, _BASE), (NODE_ROOT, _ROOT)):
        code.load(R1, FP, at)  # the last one is the root and the record above in one
        code.store(R9, field, R1)
    code.load(R3, FP, _ADDRESS)
    read(code, (R9, NODE_COPY), offsets.node_size, R3)
    code.jump_if(R0, "!=", 0, f"{name}_torn")
    code.load(R1, R9, NODE_COPY + offsets.node_parent)
    code.load(R2, FP, _PARENT)
    code.jump_if_registers(R1, "!=", R2, f"{name}_torn")
    code.load(R1, R9, NODE_COPY + offsets.node_shift, 1)
    if top:
        code.jump_if(R1, ">", TOP_SHIFT, f"{name}_torn")
    else:
        code.load(R2, FP, _SHIFT)
        code.jump_if_registers(R1, "!=", R2, f"{name}_torn")
    _count(code, _TAIL)
    code.jump(f"{name}_done")
    code.label(f"{name}_full")
    code.store_constant(R7, _FULL, 1)
    code.jump(f"{name}_done")
    code.label(f"{name}_torn")
    _count(code, _TORN)
    code.label(f"{name}_done")


def _count(code: Assembler, field: int) -> None:
    code.load(R1, R7, field)
    code.alu("add", R1, 1)
    code.store(R7, field, R1)


def _go_through_node(code: Assembler, offsets: Offsets, nodes: int) -> None:
    """Follow the slots of the record with this number; 1 after the last record."""
    code.function("go_through_node")
    code.mov(R6, R1)
    code.mov(R7, R2)
    code.load(R1, R7, _TAIL)
    code.jump_if_registers(R6, ">=", R1, "walked")
    look_up(code, nodes, R6)
    code.jump_if(R0, "==", 0, "walked")
    code.load(R1, R0, NODE_COPY + offsets.node_shift, 1)
    code.jump_if(R1, "==", 0, "lowest")
    code.store(R7, _NUMBER, R6)
    code.constant(R1, SLOTS)
    loop(code, "follow_slot", R7)
    code.load(R1, R7, _FULL)
    code.jump_if(R1, "!=", 0, "walked")
    code.label("lowest")
    code.leave(0)
    code.label("walked")
    code.leave(1)


def _follow_slot(code: Assembler, offsets: Offsets, nodes: int) -> None:
    """Append the node that a slot names, if it does.  R6: the slot, R7: the state, R8: the node."""
    code.function("follow_slot")
    code.mov(R6, R1)
    code.mov(R7, R2)
    code.jump_if(R6, ">=", SLOTS, "no_child")
    code.load(R8, R7, _NUMBER)
    look_up(code, nodes, R8)
    code.store(FP, _ABOVE, R8, 4)
    code.jump_if(R0, "==", 0, "no_child")
    code.mov(R8, R0)
    code.mov(R9, R6)
    code.alu("lsh", R9, 3)
    code.alu("add", R9, R8, register=True)
    code.load(R1, R9, NODE_COPY + offsets.node_slots)
    _skip_unless_node(code, R1, "no_child")
    code.alu("sub", R1, 2)
    code.store(FP, _ADDRESS, R1)
    code.load(R1, R8, NODE_ADDRESS)
    code.store(FP, _PARENT, R1)
    code.load(R1, R8, NODE_ROOT, 4)
    code.store(FP, _ROOT, R1, 4)
    _store_place(code, offsets)
    _append(code, offsets, nodes, top=False)
    code.label("no_child")
    code.load(R1, R7, _FULL)
    code.jump_if(R1, "!=", 0, "no_room")
    code.leave(0)
    code.label("no_room")
    code.leave(1)


def _store_place(code: Assembler, offsets: Offsets) -> None:
    """The level of a child of the node in R8, and the index of its first slot at slot R6."""
    code.load(R2, R8, NODE_COPY + offsets.node_shift, 1)
    code.mov(R1, R6)
    code.alu("lsh", R1, R2, register=True)
    code.load(R3, R8, NODE_BASE)
    code.alu("add", R1, R3, register=True)
    code.store(FP, _BASE, R1)
    code.alu("sub", R2, CHUNK_SHIFT)
    code.store(FP, _SHIFT, R2)


def _read_root_again(code: Assembler, offsets: Offsets, roots: int) -> None:
    """What the mapping holds after the walk: whoever changed it meanwhile is found out."""
    code.function("read_root_again")
    code.mov(R6, R1)
    look_up(code, roots, R6)
    code.jump_if(R0, "==", 0, "read_again")
    code.mov(R8, R0)
    code.load(R9, R8, ROOT_MAPPING)
    read(code, (R8, ROOT_PAGES_AFTER), 8, R9, offsets.mapping_nrpages)
    read(code, (R8, ROOT_HEAD_AFTER), 8, R9, offsets.mapping_head)
    code.label("read_again")
    code.leave(0)
