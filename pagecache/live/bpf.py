"""The bpf(2) system call: maps that both sides see, programs, and running one.

Nothing is pinned or attached: a map and a program live as long as the descriptor that names them,
and a process that is killed leaves neither behind.
"""

import ctypes
import errno
import mmap
import os
import platform
import struct
from pathlib import Path
from types import TracebackType

from pagecache.errors import InputError
from pagecache.live.assembler import Assembler
from pagecache.live.btf import FUNC, FUNC_PROTO, HEADER, MAGIC, VERSION

LICENSE = b"Dual MIT/GPL\0"  # reading kernel memory is for GPL-compatible programs alone
LOCKDOWN = Path("/sys/kernel/security/lockdown")

_NUMBERS = {"x86_64": 321, "aarch64": 280, "riscv64": 280, "loongarch64": 280}
_NUMBERS |= {"ppc64le": 361, "ppc64": 361, "s390x": 351}
_MAP_CREATE, _PROG_LOAD, _PROG_TEST_RUN, _BTF_LOAD = 0, 5, 10, 18
_ARRAY_MAP, _SYSCALL_PROGRAM = 2, 31
_MMAPABLE, _SLEEPABLE = 1 << 10, 1 << 4
_LOG_BYTES = 1 << 20
_VOID, _INT, _LONG, _POINTER = 0, 1, 2, 3  # types of our own BTF, in its order
_FUNC_TYPES = 5  # the first function's: after the two kinds of functions

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long


class Refused(InputError):
    """The kernel lets no program of ours read its memory; the text says what would."""


def call(command: int, attributes: bytes) -> int:
    """One bpf(2); OSError if it fails."""
    number = _NUMBERS.get(platform.machine())
    if number is None:
        raise Refused(f"bpf(2) on {platform.machine()} has a number that is not known here")
    buffer = ctypes.create_string_buffer(attributes, len(attributes))
    result = int(_libc.syscall(ctypes.c_long(number), command, buffer, len(attributes)))
    if result < 0:
        failed = ctypes.get_errno()
        raise OSError(failed, os.strerror(failed))
    return result


class Table:
    """An array map of `count` records of `size` bytes, mapped into this process."""

    def __init__(self, size: int, count: int) -> None:
        self.size, self.count = -(-size // 8) * 8, count
        attributes = struct.pack("=IIIII", _ARRAY_MAP, 4, self.size, count, _MMAPABLE)
        try:
            self.fd = call(_MAP_CREATE, attributes.ljust(72, b"\0"))
        except OSError as error:
            raise _refusal(error) from None
        page = mmap.PAGESIZE
        try:
            self.memory = mmap.mmap(self.fd, -(-self.size * count // page) * page)
        except OSError:
            os.close(self.fd)
            raise

    def close(self) -> None:
        """Give the map back.  Nothing may look into its memory any more."""
        self.memory.close()
        os.close(self.fd)

    def __enter__(self) -> "Table":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Program:
    """A loaded program of type SYSCALL: it runs when it is called, attached to nothing."""

    def __init__(self, code: Assembler) -> None:
        descriptor = _load_functions(list(code.functions))
        try:
            self.fd = _load(code, descriptor)
        finally:
            os.close(descriptor)

    def run(self, context: bytes) -> bytes:
        """Run it once; `context` as the program left it."""
        buffer = ctypes.create_string_buffer(context, len(context))
        attributes = bytearray(80)
        struct.pack_into("=I", attributes, 0, self.fd)
        struct.pack_into("=IIQ", attributes, 40, len(context), 0, ctypes.addressof(buffer))
        call(_PROG_TEST_RUN, bytes(attributes))
        return buffer.raw

    def close(self) -> None:
        """Unload it."""
        os.close(self.fd)

    def __enter__(self) -> "Program":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _load(code: Assembler, functions: int) -> int:
    instructions = code.assembled()
    info = b"".join(
        struct.pack("=II", at, _FUNC_TYPES + k) for k, at in enumerate(code.functions.values())
    )
    log = ctypes.create_string_buffer(_LOG_BYTES)
    program, license_, table = map(ctypes.create_string_buffer, (instructions, LICENSE, info))
    attributes = bytearray(128)
    count = len(instructions) // 8
    struct.pack_into("=II", attributes, 0, _SYSCALL_PROGRAM, count)
    struct.pack_into("=QQ", attributes, 8, ctypes.addressof(program), ctypes.addressof(license_))
    struct.pack_into("=II", attributes, 40, 0, _SLEEPABLE)
    struct.pack_into("=II", attributes, 72, functions, 8)
    struct.pack_into("=QI", attributes, 80, ctypes.addressof(table), len(code.functions))
    try:
        return call(_PROG_LOAD, bytes(attributes))
    except OSError as error:
        if error.errno == errno.EPERM:
            raise _refusal(error) from None
    struct.pack_into("=IIQ", attributes, 24, 1, _LOG_BYTES, ctypes.addressof(log))
    try:
        return call(_PROG_LOAD, bytes(attributes))  # once more, for the verifier's own words
    except OSError as error:
        lines = log.value.decode(errors="replace").strip().splitlines()
        said = next(
            (line for line in reversed(lines) if line.strip() and "processed" not in line), ""
        )
        raise _refusal(error, said) from None


def _refusal(error: OSError, said: str = "") -> Refused:
    """What keeps a program out, and what would let it in."""
    lockdown = locked_down()
    if lockdown == "confidentiality":
        return Refused(
            "kernel lockdown is 'confidentiality', which lets no program read kernel memory; boot "
            "with lockdown=integrity or none"
        )
    if error.errno == errno.EPERM:
        return Refused("bpf(2) needs the capabilities CAP_BPF and CAP_PERFMON; run as root")
    if error.errno == errno.ENOSYS:
        return Refused("this kernel has no bpf(2); one with CONFIG_BPF_SYSCALL has")
    return Refused(f"the kernel refuses the walker: {error.strerror}{said and f' ({said})'}")


def locked_down() -> str | None:
    """The lockdown in force: ``none``, ``integrity`` or ``confidentiality``; None without one."""
    try:
        text = LOCKDOWN.read_text(encoding="ascii")
    except OSError:
        return None
    return text.partition("[")[2].partition("]")[0] or None


def _load_functions(names: list[str]) -> int:
    """Describe a program's functions, as the kernel asks before it calls one back."""
    blob = functions_btf(names)
    buffer = ctypes.create_string_buffer(blob, len(blob))
    attributes = struct.pack("=QQI", ctypes.addressof(buffer), 0, len(blob)).ljust(32, b"\0")
    try:
        return call(_BTF_LOAD, attributes)
    except OSError as error:
        raise _refusal(error) from None


def functions_btf(names: list[str]) -> bytes:
    """BTF of a main function of one argument and static ones of two, all returning a long."""
    strings, offsets = b"\0long\0context\0number\0", []
    for name in names:
        offsets.append(len(strings))
        strings += name.encode() + b"\0"
    types = struct.pack("=IIII", 1, 1 << 24, 8, 1 << 24 | 64)  # 1: a signed long
    types += struct.pack("=III", 0, 2 << 24, 0)  # 2: void *
    types += struct.pack("=IIIII", 0, FUNC_PROTO << 24 | 1, 1, 6, 2)  # 3: main's
    types += struct.pack("=IIIIIII", 0, FUNC_PROTO << 24 | 2, 1, 14, 1, 6, 2)  # 4: the others'
    for place, offset in enumerate(offsets):
        types += struct.pack("=III", offset, FUNC << 24, 4 if place else 3)  # linkage 0: static
    head = HEADER.pack(MAGIC, VERSION, 0, HEADER.size, 0, len(types), len(types), len(strings))
    return head + types + strings
