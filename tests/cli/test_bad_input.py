"""Bad input: exit code 2, one line that names the place and the remedy, nothing left behind."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from pagecache import designs
from pagecache.measure.events import EVENTS

ADD = "0,1,add,8:1,5,0,1,0"
QUICK = ("--rounds", "1", "--processes", "1")


@pytest.fixture(autouse=True)
def never_hangs() -> Iterator[None]:
    """End a test that waits for anything."""

    def hung(*_: object) -> None:
        raise TimeoutError("it waits")

    before = signal.signal(signal.SIGALRM, hung)
    signal.alarm(30)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


# Names ------------------------------------------------------------------------------------------


def test_unknown_design_names_the_nearest_and_all(refused) -> None:
    assert refused("compare", "--designs", "thp-mutli", "--size", "64M") == (
        f"unknown design 'thp-mutli'; did you mean thp-multi? known: {', '.join(designs.names())}"
    )


def test_unknown_event_names_the_nearest_and_all(refused) -> None:
    assert refused("compare", "--events", "get,huge-falt", "--size", "64M") == (
        f"--events: unknown event 'huge-falt'; did you mean huge-fault? known: {', '.join(EVENTS)}"
    )


def test_unknown_baseline_is_refused_with_and_without_designs(refused) -> None:
    for given in ((), ("--size", "64M"), ("--size", "64M", "--designs", "base-4k")):
        assert refused("compare", "--baseline", "nope", *given).startswith("unknown design 'nope'")


def test_baseline_that_is_not_compared_is_refused(refused) -> None:
    line = refused("compare", "--size", "64M", "--baseline", "thp-multi")
    assert line == ("--baseline: thp-multi is not among the designs compared; add it to --designs")


@pytest.mark.parametrize(
    ("option", "value", "remedy"),
    [
        ("--pattern", "zip", "give sequential, uniform, zipf, strided, hot-2M, sparse"),
        ("--caches", "warm", "give hot, after-copy, cold"),
        ("--pool", "old", "give fresh, aged"),
        ("--fill", "at-once", "give per-leaf, per-slot"),
        ("--huge-page", "4M", "give 2M or 1G"),
    ],
)
def test_unknown_choice_names_its_option_and_all(refused, trace, option, value, remedy) -> None:
    for given in (("--size", "64M"), ("--trace", trace(ADD))):
        line = refused("compare", option, value, *given)
        assert line == f"{option}: {value!r} is unknown; {remedy}"


@pytest.mark.parametrize(("option", "known"), [("--designs", "base-4k"), ("--events", "get")])
def test_empty_list_is_refused(refused, option: str, known: str) -> None:
    line = refused("compare", "--size", "64M", option, " , ")
    assert line.startswith(f"{option}: none given; known: {known}, ")


# Sizes ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", ["x", "1e9", "nan", "", "2 X", "1.5.5G", "0x10"])
def test_size_that_is_no_number_is_refused(refused, size: str) -> None:
    line = refused("compare", f"--size={size}")
    assert line == f"--size: {size!r} is not a size; write 4096, 512M or 1.5G"


@pytest.mark.parametrize("size", ["0", "0G", "-1", "-2G"])
def test_size_that_is_not_above_zero_is_refused(refused, size: str) -> None:
    line = refused("compare", f"--size={size}")
    assert line == f"--size: {size!r} is not above zero; write 4096, 512M or 1.5G"


def test_size_above_all_indices_is_refused(refused) -> None:
    line = refused("compare", "--size", str((1 << 75) + 1))
    assert line.endswith(" is above 2**63 pages of 4 KiB; give a smaller size")
    assert line.startswith("--size: '")


def test_huge_page_larger_than_the_file_is_refused(refused) -> None:
    assert refused("compare", "--size", "64M", "--huge-page", "1G") == (
        "--huge-page: 1G is larger than the file of 64 MiB; give a larger --size"
    )


@pytest.mark.parametrize("size", ["1P", "1E", str(1 << 75)])
def test_size_that_does_not_fit_in_memory_says_the_need(refused, size: str) -> None:
    line = refused("compare", "--size", size)
    assert line.startswith("--size: needs ")
    assert " of memory for the nodes and folios of hugetlb-huge, " in line
    assert line.endswith("; give a smaller --size or fewer --designs")


def test_trace_that_does_not_fit_in_memory_says_the_need(refused, trace) -> None:
    line = refused("compare", "--trace", trace(f"0,1,add,8:1,5,0,{1 << 63},63"))
    assert line.startswith("--trace: needs 640 EiB of memory for the nodes and folios of base-4k,")


# What does not go together -----------------------------------------------------------------------


def test_order_that_no_design_takes_is_refused(refused, trace) -> None:
    given = ("--designs", "hugetlb-huge,hugetlb-4k-multi", "--orders", "3")
    told = "--orders: none of hugetlb-huge, hugetlb-4k-multi takes folios of order 3"
    assert refused("compare", "--trace", trace(ADD), *given) == told
    assert refused("compare", *given) == told


@pytest.mark.parametrize("orders", ["x", "1;2", "-1", "19", "", "1.5"])
def test_orders_that_are_none_are_refused(refused, orders: str) -> None:
    assert refused("compare", f"--orders={orders}") == (
        f"--orders: {orders!r} is not a list of orders from 0 to 18; give 0,2,4,5,9; "
        "see pagecache compare --help"
    )


def test_two_inputs_at_once_are_refused(refused, trace, tmp_path: Path) -> None:
    path, file = trace(ADD), tmp_path / "some.csv"
    assert refused("compare", "--size", "64M", "--trace", path) == (
        "--size and --trace do not go together; give one of them"
    )
    assert refused("compare", "--size", "64M", file).startswith("--size and FILE do not go")
    assert refused("compare", "--trace", path, file).startswith("--trace and FILE do not go")
    line = refused("compare", "--size", "64M", "--trace", path, file)
    assert line.startswith("--size and --trace and FILE do not go together")


# Files ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("option", [(), ("--trace",)])
def test_what_is_no_regular_file_is_refused_without_waiting(
    refused, fifo: Path, tmp_path: Path, option: tuple[str, ...]
) -> None:
    kinds = {
        tmp_path / "missing": "no such file; check the path",
        tmp_path: "it is a directory; name a regular file",
        fifo: "it is a FIFO; name a regular file",
        Path("/dev/zero"): "it is a character device; name a regular file",
        Path("/dev/tty"): "it is a character device; name a regular file",
    }
    for path, told in kinds.items():
        assert refused("compare", *option, path) == f"{path}: {told}"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_unreadable_file_is_refused(refused, tmp_path: Path) -> None:
    path = tmp_path / "closed"
    path.write_bytes(bytes(5000))
    path.chmod(0)
    told = f"{path}: permission denied; make it readable for this user"
    assert refused("compare", path) == told


def test_file_that_may_not_be_opened_is_refused(refused, monkeypatch, tmp_path: Path) -> None:
    path = tmp_path / "closed"
    path.write_bytes(bytes(5000))

    def deny(*_: object, **__: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pagecache.inputs.opening.os.open", deny)
    told = f"{path}: permission denied; make it readable for this user"
    assert refused("compare", path) == told


def test_empty_files_only_are_refused(refused, tmp_path: Path) -> None:
    paths = [tmp_path / "a", tmp_path / "b"]
    for path in paths:
        path.touch()
    assert refused("compare", *paths) == (
        f"{paths[0]}, {paths[1]}: no page is resident or has data; name a file with data"
    )


def test_names_of_any_letters_are_told_in_one_line(refused, tmp_path: Path) -> None:
    line = refused("compare", tmp_path / "two\nlines\x1b[31m\udcff[red]")
    assert line.endswith("two\\nlines\\x1b[31m\\udcff[red]: no such file; check the path")


# Traces -----------------------------------------------------------------------------------------


def test_trace_that_ends_in_mid_line_names_its_line(refused, trace) -> None:
    path = trace(ADD, "1,1,add,8:1", end="")
    line = refused("compare", "--trace", path)
    assert line == f"{path}:3: the file ends in mid-line; record the trace again"


def test_trace_without_a_column_names_it(refused, trace) -> None:
    path = trace(ADD, header="t_us,pid,ev,dev,ino,index,count\n")
    line = refused("compare", "--trace", path)
    assert line.startswith(f"{path}:1: column order is missing in the header; ")


@pytest.mark.parametrize(
    ("event", "told"),
    [
        ("1,1,add,8:1,5,-4,1,0", "index '-4' is negative"),
        ("1,1,add,8:1,5,0,1,64", "order '64' is not an order of 0 to 63"),
        ("1,1,add,8:1,5,3,1,2", "index '3' is not a multiple of 2**2, the folio's size"),
        ("1,1,add,8:1,5,x,1,0", "index 'x' is not a whole number from 0"),
    ],
)
def test_trace_with_a_bad_field_names_its_line(refused, trace, event: str, told: str) -> None:
    path = trace(ADD, event)
    line = refused("compare", "--trace", path)
    assert line == f"{path}:3: {told}; fix or drop the line"


def test_what_is_no_trace_is_refused(refused, tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("shopping list\nmilk\n")
    line = refused("compare", "--trace", path)
    assert line.startswith(f"{path}:1: this is not a trace of a known format; known: filemap-csv, ")
    assert line.endswith("; with --format NAME, of bare numbers: arc, lirs, u32, mqsim, disksim")


# --json -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("folder", ["missing", "/proc/self", "/sys/kernel"])
def test_json_where_no_file_can_be_is_refused_before_measuring(
    refused, tmp_path: Path, folder: str
) -> None:
    path = tmp_path / folder / "out.json"
    line = refused("compare", "--size", "64M", "--json", path)
    assert line.startswith(f"--json: {path} cannot be written (")
    assert line.endswith("); name another place")


def test_json_onto_a_directory_is_refused(refused, tmp_path: Path) -> None:
    line = refused("compare", "--size", "64M", "--json", tmp_path)
    assert line == f"--json: {tmp_path} is a directory; name a file"


@pytest.mark.parametrize("device", ["/dev/full", "/dev/null"])
def test_json_onto_a_device_is_refused_and_the_device_stays(refused, device: str) -> None:
    line = refused("compare", "--size", "64M", "--json", device)
    assert line == f"--json: {device} is no regular file; name another place"
    assert Path(device).is_char_device()


def test_json_onto_a_fifo_is_refused_without_waiting(refused, fifo: Path) -> None:
    line = refused("compare", "--size", "64M", "--json", fifo)
    assert line == f"--json: {fifo} is no regular file; name another place"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_json_into_a_read_only_directory_is_refused(refused, tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    line = refused("compare", "--size", "64M", "--json", tmp_path / "out.json")
    tmp_path.chmod(0o700)
    assert line.startswith(f"--json: {tmp_path / 'out.json'} cannot be written (Permission denied)")


def test_bad_input_leaves_an_older_json_alone(refused, tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    path.write_text("old")
    refused("compare", "--size", "x", "--json", path)
    assert path.read_text() == "old"


# Counts and commands ----------------------------------------------------------------------------


@pytest.mark.parametrize("option", ["--rounds", "--processes"])
def test_count_below_one_is_refused(refused, option: str) -> None:
    for count in ("0", "-3"):
        line = refused("compare", "--size", "64M", f"{option}={count}")
        assert line == f"{option}: {count} is too few; give 1 or more"


@pytest.mark.parametrize("option", ["--rounds", "--processes", "--seed"])
def test_count_that_is_no_number_is_refused(refused, option: str) -> None:
    line = refused("compare", option, "x")
    assert line == f"{option}: invalid int value: 'x'; see pagecache compare --help"


@pytest.mark.parametrize("seed", ["-1", str(1 << 64)])
def test_seed_out_of_range_is_refused(refused, seed: str) -> None:
    line = refused("compare", "--size", "64M", f"--seed={seed}")
    assert line == f"--seed: {seed} is out of range; give 0 to 2**64 - 1"


def test_no_command_and_unknown_ones_are_refused(refused) -> None:
    assert refused() == "the following arguments are required: COMMAND; see pagecache --help"
    line = refused("comprae")
    assert line.startswith("COMMAND: invalid choice: 'comprae' (choose from")
    assert line.endswith("; see pagecache --help")


@pytest.mark.parametrize("command", ["compare", "designs", "show"])
def test_unknown_option_is_refused(refused, command: str) -> None:
    given = ["x.json"] if command == "show" else []
    line = refused(command, *given, "--colour")
    assert line == "unrecognized arguments: --colour; see pagecache --help"


def test_option_that_is_gone_is_told_the_new_one(refused) -> None:
    line = refused("compare", "--size", "64M", "--supply", "fallback")
    assert line == (
        "unrecognized arguments: --supply; --supply is called --alloc now; see pagecache --help"
    )


@pytest.mark.parametrize("command", ["compare --trace", "show", "conformance"])
def test_file_that_opens_and_cannot_be_read_is_named(refused, command: str) -> None:
    """The output is not to blame: /proc/self/mem opens, and reading it fails."""
    line = refused(*command.split(), "/proc/self/mem")
    assert line.startswith("/proc/self/mem: cannot be read (")
    assert "Input/output error" in line


def test_shortened_option_is_refused(refused) -> None:
    assert "unrecognized arguments: --siz" in refused("compare", "--siz", "64M")


# show -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "this is no JSON; give a file that --json wrote"),
        ("{", "this is no JSON; give a file that --json wrote"),
        ("[" * 100_000, "this is no JSON; give a file that --json wrote"),
        ("[]", "not of format 3; give a file that --json wrote"),
        ('{"format": 4}', "not of format 3; give a file that --json wrote"),
        ('{"format": 1, "meta": {}}', "incomplete ('results'); give a file that --json wrote"),
    ],
)
def test_file_that_holds_no_results_is_refused(refused, tmp_path: Path, text, told) -> None:
    path = tmp_path / "r.json"
    path.write_text(text)
    assert refused("show", path) == f"{path}: {told}"


@pytest.mark.parametrize("name", ["missing", "fifo", ".", "/dev/zero"])
def test_results_that_cannot_be_read_are_refused_without_waiting(
    refused, fifo: Path, tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    line = refused("show", path)
    assert line.startswith(f"{path}: ")
    assert line.endswith(("no regular file; give a file that --json wrote", "; check it"))
