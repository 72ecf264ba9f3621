"""Files are whole or not there: also when the disk is full, and when the process is killed."""

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pagecache import writing
from pagecache.errors import InputError
from pagecache.writing import check_writable, replacing, write_text

KILLED = """
import os, signal, sys
from pathlib import Path
from pagecache.writing import replacing
with replacing(Path(sys.argv[1])) as unfinished:
    Path(unfinished).write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(params=["unnamed", "hidden"])
def filesystem(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """A filesystem that has files without names, and one that does not."""
    usual = os.open

    def refuse(path: str, flags: int, *mode: int, **folder: int) -> int:
        if flags & os.O_TMPFILE == os.O_TMPFILE:
            raise OSError(errno.EOPNOTSUPP, "Operation not supported")
        return usual(path, flags, *mode, **folder)

    if request.param == "hidden":
        monkeypatch.setattr(writing.os, "open", refuse)
    return str(request.param)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_file_appears_when_it_is_whole(filesystem: str, tmp_path: Path) -> None:
    path = tmp_path / "out"
    for text in ("first", "second"):  # the second takes the place of the first
        before = names(tmp_path)
        with replacing(path) as unfinished:
            Path(unfinished).write_text(text)
            hidden = [name for name in names(tmp_path) if name not in before]
            assert len(hidden) == (filesystem == "hidden")
            assert all(name.startswith(writing.PREFIX) for name in hidden)
        assert (names(tmp_path), path.read_text()) == (["out"], text)


def test_file_that_breaks_off_leaves_the_old_one(filesystem: str, tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_text("old")
    with pytest.raises(UnicodeEncodeError), replacing(path) as unfinished:
        Path(unfinished).write_text("new \udcff", encoding="utf-8")
    assert (names(tmp_path), path.read_text()) == (["out"], "old")


def test_place_that_is_refused_at_the_end_is_left_as_it_was(
    filesystem: str, tmp_path: Path
) -> None:
    path = tmp_path / "out"
    with pytest.raises(OSError, match="directory"), replacing(path):
        path.mkdir()
    assert (names(tmp_path), names(path)) == (["out"], [])


def test_link_stays_a_link(filesystem: str, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "out")
    write_text("text", tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "out").read_text() == "text"


def test_others_may_read_what_the_umask_allows(filesystem: str, tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_text("text", tmp_path / "out")
    finally:
        os.umask(before)
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o640


def test_asking_leaves_nothing(filesystem: str, tmp_path: Path) -> None:
    check_writable(tmp_path / "out")
    assert names(tmp_path) == []
    with pytest.raises(InputError, match=r"cannot be written \(No such file or directory\)"):
        check_writable(tmp_path / "missing" / "out")


def test_other_processes_can_open_an_unfinished_file(filesystem: str, tmp_path: Path) -> None:
    with replacing(tmp_path / "out") as unfinished:
        subprocess.run(["sh", "-c", 'echo text > "$1"', "sh", unfinished], check=True)
    assert (tmp_path / "out").read_text() == "text\n"


def test_killed_process_leaves_nothing(tmp_path: Path) -> None:
    try:
        os.close(os.open(tmp_path, os.O_TMPFILE | os.O_RDWR))
    except OSError as error:
        pytest.skip(f"no files without names here: {error}")
    command = [sys.executable, "-c", KILLED, str(tmp_path / "out")]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    assert names(tmp_path) == []


def test_without_proc_files_have_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What has no name gets one through it."""
    monkeypatch.setattr(writing, "DESCRIPTORS", str(tmp_path / "none"))
    with replacing(tmp_path / "out"):
        assert len(names(tmp_path)) == 1
    assert names(tmp_path) == ["out"]
