"""Instructions, as the interface of BPF lays them out, and the description of functions."""

import struct

import pytest

from pagecache.live import bpf
from pagecache.live.assembler import FP, R0, R1, R2, R6, Assembler
from pagecache.live.btf import Btf


def test_instructions_are_encoded_as_bpf_has_them() -> None:
    code = Assembler()
    code.function("main")
    code.mov(R6, R1)
    code.load(R1, R6, 8, 4)
    code.store(FP, -8, R1)
    code.store_constant(FP, -16, 5, 1)
    code.alu("sub", R1, 2)
    code.alu("lsh", R1, R2, register=True)
    code.call(113)
    code.leave(0)
    assert code.assembled().hex(" ", 8) == (
        "bf16000000000000 6161080000000000 7b1af8ff00000000 720af0ff05000000 "
        "1701000002000000 6f21000000000000 8500000071000000 b700000000000000 9500000000000000"
    )


def test_jumps_and_function_pointers_count_from_the_next_instruction() -> None:
    code = Assembler()
    code.function("main")
    code.function_pointer(R2, "other")
    code.map(R1, 7)
    code.label("back")
    code.jump_if(R0, "==", 0, "end")
    code.jump_if_registers(R0, ">=", R1, "back")
    code.jump("back")
    code.label("end")
    code.leave()
    code.function("other")
    code.leave(1)
    words = [struct.unpack_from("=BBhi", code.assembled(), at) for at in range(0, 80, 8)]
    assert words[0] == (0x18, 0x42, 0, 7)
    assert words[2] == (0x18, 0x11, 0, 7)
    assert words[4] == (0x15, 0x00, 2, 0)
    assert words[5] == (0x3D, 0x10, -2, 0)
    assert words[6] == (0x05, 0x00, -3, 0)


def test_a_label_serves_one_place() -> None:
    code = Assembler()
    code.label("here")
    with pytest.raises(ValueError, match="here is taken"):
        code.label("here")


def test_description_of_functions_is_btf() -> None:
    Btf(bpf.functions_btf(["main", "other"]))  # its parser finds every type's end


def failing(number: int):
    def call(command: int, attributes: bytes) -> int:
        raise OSError(number, "said the kernel")

    return call


@pytest.mark.parametrize(
    ("number", "said"),
    [(1, "CAP_BPF and CAP_PERFMON; run as root"), (38, "CONFIG_BPF_SYSCALL"), (22, "refuses")],
)
def test_refusals_name_what_would_help(monkeypatch, tmp_path, number: int, said: str) -> None:
    monkeypatch.setattr(bpf, "call", failing(number))
    monkeypatch.setattr(bpf, "LOCKDOWN", tmp_path / "none")
    with pytest.raises(bpf.Refused, match=said):
        bpf.Table(8, 1)


def test_lockdown_is_a_reason_that_is_named(monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(bpf, "LOCKDOWN", tmp_path / "lockdown")
    monkeypatch.setattr(bpf, "call", failing(1))
    for text, said in (("none integrity [confidentiality]\n", "lockdown"), ("[none]\n", "CAP_BPF")):
        (tmp_path / "lockdown").write_text(text)
        with pytest.raises(bpf.Refused, match=said):
            bpf.Table(8, 1)
    assert bpf.locked_down() == "none"


def test_machine_whose_call_is_not_known_is_refused(monkeypatch) -> None:
    monkeypatch.setattr(bpf.platform, "machine", lambda: "vax")
    with pytest.raises(bpf.Refused, match="vax"):
        bpf.call(0, b"")
