"""What strace's lines do to descriptors and positions, and what is made of lines it prints."""

from pathlib import Path

import pytest

from pagecache.errors import InputError
from pagecache.inputs import Trace, read_trace
from pagecache.inputs.formats.strace_lines import Lines
from pagecache.inputs.programs import NEEDS, NORMAL, RANDOM, READS, SEQUENTIAL, read_program

OPEN = 'openat(AT_FDCWD, "/f", O_RDWR) = 3'


def trace_of(tmp_path: Path, text: str) -> Trace:
    path = tmp_path / "calls"
    path.write_text(text + "\n")
    return read_trace(path)


def reads(tmp_path: Path, *lines: str) -> list[tuple[str, int, int]]:
    """(file, first page, pages) of each access."""
    trace = trace_of(tmp_path, "\n".join(lines))
    rows = zip(trace.file.tolist(), trace.index.tolist(), trace.count.tolist(), strict=True)
    return [(trace.files[file], index, count) for file, index, count in rows]


@pytest.mark.parametrize(
    ("line", "pages"),
    [
        ('read(3, ""..., 8192) = 8192', (0, 2)),
        ('read(3, ""..., 8192) = 100', (0, 1)),
        ('write(3, "a, 5) = 9", 5000) = 5000', (0, 2)),
        ('pread64(3, ""..., 4096, 4095) = 4096', (0, 2)),
        ('pwrite64(3, ""..., 1, 1099511627776) = 1', (1 << 28, 1)),
        ('readv(3, [{iov_base="a, b", iov_len=4096}, {iov_base="", iov_len=1}], 2) = 4097', (0, 2)),
        ('preadv(3, [{iov_base="a"..., iov_len=9}], 1, 8192) = 9', (2, 1)),
        ('preadv2(3, [{iov_base="a"..., iov_len=9}], 1, 8192, RWF_NOWAIT) = 9', (2, 1)),
        ('pwritev(3, [{iov_base="a", iov_len=1}], 1, 4096) = 1', (1, 1)),
        ("sendfile(1, 3, NULL, 9999) = 9999", (0, 3)),
        ("sendfile(1, 3, [4096] => [8192], 4096) = 4096", (1, 1)),
        ("copy_file_range(3, NULL, 9, NULL, 4096, 0) = 4096", (0, 1)),
        ("copy_file_range(3, [8192], 9, NULL, 4096, 0) = 4096", (2, 1)),
        ("mmap(NULL, 4097, PROT_READ, MAP_SHARED, 3, 0x2000) = 0x7f1200000000", (2, 2)),
        ('read(3</f>, ""..., 4096) = 4096 <0.000012>', (0, 1)),
    ],
)  # fmt: skip
def test_calls_that_access_pages(tmp_path: Path, line: str, pages: tuple[int, int]) -> None:
    assert reads(tmp_path, OPEN, line) == [("/f", *pages)]


@pytest.mark.parametrize(
    "line",
    [
        'read(3, "", 4096) = 0',
        "read(3, 0x7ffd, 4096) = -1 EIO (Input/output error)",
        "read(3, 0x7ffd, 4096) = ? ERESTARTSYS (To be restarted if SA_RESTART is set)",
        'read(9, "x"..., 4096) = 4096',
        "mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7fe4b2f41000",
        'getrandom("\\x1f", 1, GRND_NONBLOCK) = 1',
        "exit_group(0)                      = ?",
        "strace: Process 12 attached",
    ],
)
def test_calls_that_access_none(tmp_path: Path, line: str) -> None:
    after = 'pread64(3, ""..., 1, 0) = 1'
    assert reads(tmp_path, OPEN, line, after) == [("/f", 0, 1)]


def test_positions_move_and_are_shared_by_dup_and_fork(tmp_path: Path) -> None:
    found = reads(
        tmp_path,
        f"1 {OPEN}",
        '1 read(3, ""..., 4096) = 4096',
        "1 dup(3) = 4",
        '1 read(4, ""..., 4096) = 4096',
        "1 fcntl(3, F_DUPFD_CLOEXEC, 10) = 10",
        "1 clone(child_stack=NULL, flags=SIGCHLD) = 2",
        '2 read(10, ""..., 4096) = 4096',
        '1 read(3, ""..., 4096) = 4096',
        "2 close(3) = 0",
        '1 read(3, ""..., 4096) = 4096',
        "1 lseek(3, 81920, SEEK_SET) = 81920",
        '2 read(4, ""..., 4096) = 4096',
        '1 openat(AT_FDCWD, "/f", O_RDONLY) = 5',
        '1 read(5, ""..., 4096) = 4096',
    )
    assert [index for _, index, _ in found] == [0, 1, 2, 3, 4, 20, 0]


def test_threads_share_the_table_and_exec_closes(tmp_path: Path) -> None:
    found = reads(
        tmp_path,
        "1 clone3({flags=CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_THREAD, stack=0x7f}, 88) = 2",
        '2 openat(AT_FDCWD, "/kept", O_RDONLY) = 3',
        '2 openat(AT_FDCWD, "/shut", O_RDONLY|O_CLOEXEC) = 4',
        '2 openat(AT_FDCWD, "/shut too", O_RDONLY) = 5',
        "1 fcntl(5, F_SETFD, FD_CLOEXEC) = 0",
        '1 read(4, ""..., 4096) = 4096',
        '1 execve("/bin/cat", ["cat"], 0x7ffc /* 9 vars */) = 0',
        '1 read(3, ""..., 4096) = 4096',
        '1 read(4, ""..., 4096) = 4096',
        '1 read(5, ""..., 4096) = 4096',
    )
    assert found == [("/shut", 0, 1), ("/kept", 0, 1)]


def test_child_that_speaks_before_its_parents_fork_returns(tmp_path: Path) -> None:
    found = reads(
        tmp_path,
        f"7 {OPEN}",
        "7 vfork( <unfinished ...>",
        '8 read(3, ""..., 4096) = 4096',
        '8 chdir("/srv") = 0',
        '8 openat(AT_FDCWD, "b", O_RDONLY) = 4',
        "7 <... vfork resumed>) = 8",
        '8 read(4, ""..., 4096) = 4096',
        '8 read(3, ""..., 4096) = 4096',
    )
    assert found == [("/f", 0, 1), ("/srv/b", 0, 1), ("/f", 1, 1)]


def test_paths_come_from_the_folder_or_from_what_y_prints(tmp_path: Path) -> None:
    found = reads(
        tmp_path,
        'open("/a/../b", O_RDONLY) = 3',
        'openat(AT_FDCWD, "/srv", O_RDONLY|O_DIRECTORY) = 4',
        'openat(4, "x", O_RDONLY) = 5',
        'openat(AT_FDCWD</home>, "y", O_RDONLY) = 6',
        'openat(AT_FDCWD</home>, "z", O_RDONLY) = 7</data/z>',
        'openat(AT_FDCWD, "/proc/self/maps", O_RDONLY) = 8',
        *(f'read({fd}, ""..., 4096) = 4096' for fd in (3, 5, 6, 7, 8)),
    )
    assert [name for name, _, _ in found] == ["/b", "/srv/x", "/home/y", "/data/z"]


def test_appended_bytes_go_to_the_end(tmp_path: Path) -> None:
    found = reads(
        tmp_path,
        'openat(AT_FDCWD, "/log", O_WRONLY|O_APPEND) = 3',
        "fstat(3, {st_mode=S_IFREG|0644, st_size=40960, ...}) = 0",
        'write(3, "x", 4096) = 4096',
        'write(3, "x", 1) = 1',
    )
    assert found == [("/log", 10, 1), ("/log", 11, 1)]


@pytest.mark.parametrize(
    ("line", "pid", "t_us"),
    [
        ("close(3) = 0", 0, 0),
        ("[pid  42] close(3) = 0", 42, 0),
        ("42 close(3) = 0", 42, 0),
        ("42 01:00:00 close(3) = 0", 42, 3_600_000_000),
        ("42 00:00:01.000002 close(3) = 0", 42, 1_000_002),
        ("1700000000.123456 close(3) = 0", 0, 1_700_000_000_123_456),
        ("42      0.000076 close(3) = 0", 42, 76),
    ],
)
def test_what_stands_before_a_call(line: str, pid: int, t_us: int) -> None:
    call = Lines().read(line)
    assert call is not None
    assert (call.pid, call.t_us, call.name, call.text, call.result) == (pid, t_us, "close", "3", 0)


def test_relative_times_add_up() -> None:
    lines = Lines()
    calls = [lines.read(f"     0.{k:06d} close(3) = 0") for k in (5, 7, 9)]
    assert [call.t_us for call in calls if call] == [5, 12, 21]


def test_calls_that_began_before_the_trace_are_left_out(tmp_path: Path) -> None:
    assert reads(
        tmp_path, '9 <... read resumed>"x", 4096) = 4096', f"9 {OPEN}", '9 read(3, "", 9) = 9'
    )


def test_what_is_left_out_is_said(tmp_path: Path) -> None:
    lines = [OPEN, 'read(0, "x", 1) = 1', "mmap(NULL, 4096, PROT_READ, MAP_SHARED, 3, 0) = 0x7f00"]
    trace = trace_of(tmp_path, "\n".join(lines))
    unseen, mapped = trace.notes
    assert "1 reads and writes went through descriptors that were not opened in it" in unseen
    assert "1 mappings are taken for accesses to all of their pages" in mapped


def test_program_of_calls_has_bytes_descriptions_advice_and_sizes(tmp_path: Path) -> None:
    path = tmp_path / "calls"
    lines = [
        OPEN,
        'openat(AT_FDCWD, "/f", O_RDONLY) = 4',
        "fadvise64(3, 0, 0, POSIX_FADV_SEQUENTIAL) = 0",
        'read(3, ""..., 100) = 100',
        'pread64(4, ""..., 65536, 10) = 30',
        "fadvise64(4, 0, 0, POSIX_FADV_RANDOM) = 0",
        "fadvise64(4, 0, 0, POSIX_FADV_NORMAL) = 0",
        "fadvise64(3, 4096, 8192, POSIX_FADV_WILLNEED) = 0",
        "readahead(3, 0, 4096) = 0",
        "fstat(3, {st_mode=S_IFREG|0644, st_size=50000, ...}) = 0",
        'write(3, "x", 1) = 1',
        "mmap(NULL, 4096, PROT_READ, MAP_SHARED, 3, 0) = 0x7f00",
    ]
    path.write_text("\n".join(lines) + "\n")
    use = read_program(path)
    (file,) = use.files
    assert (file.name, file.size, file.read) == ("/f", 50000, 100 + 49990)
    assert file.steps.tolist() == [
        [SEQUENTIAL, 0, 0, 0],
        [READS, 0, 0, 100],
        [READS, 1, 10, 65536],
        [RANDOM, 1, 0, 0],
        [NORMAL, 1, 0, 0],
        [NEEDS, 0, 4096, 8192],
        [NEEDS, 0, 0, 4096],
    ]
    assert [note.split(": ", 1)[1][:10] for note in use.notes] == ["1 mappings", "1 writes a"]


def test_a_short_read_tells_the_size(tmp_path: Path) -> None:
    path = tmp_path / "calls"
    path.write_text(f'{OPEN}\npread64(3, ""..., 9000, 8192) = 1000\n')
    assert read_program(path).files[0].size == 9192


def test_trace_that_reads_nothing_is_no_program(tmp_path: Path) -> None:
    path = tmp_path / "calls"
    path.write_text(f"{OPEN}\n")
    with pytest.raises(InputError, match="nothing in it reads a file"):
        read_program(path)
