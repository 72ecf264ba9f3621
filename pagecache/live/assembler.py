"""An assembler for BPF: functions, labels and the instructions that a walk needs.

An instruction is 8 bytes: opcode, two registers, a 16-bit offset, a 32-bit immediate.  Registers
are numbers: 0 is what a call returns, 1 to 5 its arguments (lost in the call), 6 to 9 are kept,
10 is the end of the function's 512 bytes of stack.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field

R0, R1, R2, R3, R4, R5, R6, R7, R8, R9, FP = range(11)

_INSTRUCTION = struct.Struct("=BBhi")
_ALU64_IMM, _ALU64_REG, _JUMP_IMM, _JUMP_REG = 0x07, 0x0F, 0x05, 0x0D
_OPERATIONS = {"add": 0x00, "sub": 0x10, "and": 0x50, "lsh": 0x60, "rsh": 0x70, "mov": 0xB0}
_CONDITIONS = {"==": 0x10, ">": 0x20, ">=": 0x30, "!=": 0x50, "<": 0xA0, "<=": 0xB0}
_SIZES = {1: 0x10, 2: 0x08, 4: 0x00, 8: 0x18}
_LOAD, _STORE, _STORE_IMM = 0x61, 0x63, 0x62
_CALL, _EXIT, _ALWAYS, _WIDE_IMM = 0x85, 0x95, 0x05, 0x18
_FROM_MAP, _FROM_FUNCTION = 1, 4  # what the immediate of a wide load is


@dataclass
class Assembler:
    """Code as it is written; `assembled()` resolves labels once all of it is there."""

    _code: list[tuple[int, int, int, int, int, str | None]] = field(default_factory=list)
    _labels: dict[str, int] = field(default_factory=dict)
    functions: dict[str, int] = field(default_factory=dict)

    def function(self, name: str) -> None:
        """The next instruction is the first of a function."""
        self.functions[name] = len(self._code)

    def label(self, name: str) -> None:
        """Jumps to `name` come here; a name serves one place in all functions."""
        if name in self._labels:
            raise ValueError(f"the label {name} is taken")
        self._labels[name] = len(self._code)

    def alu(self, operation: str, target: int, value: int, *, register: bool = False) -> None:
        """``target operation= value`` in 64 bits; `register` says that `value` is a register's."""
        kind = _ALU64_REG if register else _ALU64_IMM
        source, immediate = (value, 0) if register else (0, value)
        self._emit(_OPERATIONS[operation] | kind, target, source, immediate=immediate)

    def mov(self, target: int, source: int) -> None:
        """Copy a register."""
        self.alu("mov", target, source, register=True)

    def constant(self, target: int, value: int) -> None:
        """Set a register to a constant of 31 bits."""
        self.alu("mov", target, value)

    def address(self, target: int, base: int, offset: int) -> None:
        """``target = base + offset``."""
        self.mov(target, base)
        self.alu("add", target, offset)

    def load(self, target: int, base: int, offset: int, size: int = 8) -> None:
        """Load `size` bytes from memory."""
        self._emit(_LOAD | _SIZES[size], target, base, offset=offset)

    def store(self, base: int, offset: int, source: int, size: int = 8) -> None:
        """Store a register's `size` low bytes."""
        self._emit(_STORE | _SIZES[size], base, source, offset=offset)

    def store_constant(self, base: int, offset: int, value: int, size: int = 8) -> None:
        """Store a constant."""
        self._emit(_STORE_IMM | _SIZES[size], base, offset=offset, immediate=value)

    def jump(self, label: str) -> None:
        """Go on at a label, always."""
        self._emit(_ALWAYS, label=label)

    def jump_if(self, left: int, condition: str, right: int, label: str) -> None:
        """Go on at a label if a register and a constant compare so, unsigned."""
        self._emit(_CONDITIONS[condition] | _JUMP_IMM, left, immediate=right, label=label)

    def jump_if_registers(self, left: int, condition: str, right: int, label: str) -> None:
        """The same of two registers."""
        self._emit(_CONDITIONS[condition] | _JUMP_REG, left, right, label=label)

    def call(self, helper: int) -> None:
        """Call a function of the kernel."""
        self._emit(_CALL, immediate=helper)

    def map(self, target: int, descriptor: int) -> None:
        """A map, by its file descriptor."""
        self._wide(target, _FROM_MAP, descriptor, None)

    def function_pointer(self, target: int, name: str) -> None:
        """A function of this program, for the kernel to call."""
        self._wide(target, _FROM_FUNCTION, 0, name)

    def leave(self, value: int | None = None) -> None:
        """Return, with a constant or what register 0 holds."""
        if value is not None:
            self.constant(R0, value)
        self._emit(_EXIT)

    def assembled(self) -> bytes:
        """The program."""
        return b"".join(self._encoded(place) for place in range(len(self._code)))

    def _emit(
        self,
        opcode: int,
        target: int = 0,
        source: int = 0,
        *,
        offset: int = 0,
        immediate: int = 0,
        label: str | None = None,
    ) -> None:
        self._code.append((opcode, target, source, offset, immediate, label))

    def _wide(self, target: int, kind: int, immediate: int, name: str | None) -> None:
        self._emit(_WIDE_IMM, target, kind, immediate=immediate, label=name)
        self._emit(0)  # the upper half of the 64 bits

    def _encoded(self, place: int) -> bytes:
        opcode, target, source, offset, immediate, label = self._code[place]
        if label is not None and opcode == _WIDE_IMM:
            immediate = _distance(place, self.functions, label)
        elif label is not None:
            offset = _distance(place, self._labels, label)
        return _INSTRUCTION.pack(opcode, source << 4 | target, offset, immediate)


def _distance(place: int, places: Mapping[str, int], name: str) -> int:
    return places[name] - place - 1
