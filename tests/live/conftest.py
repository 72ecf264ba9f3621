"""Filesystems with files whose caching is known; skipped with the reason where they cannot be."""

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pagecache.errors import InputError
from pagecache.live.walk import Walker

MIB = 1 << 20
Mount = Callable[..., Path]


def hears_ctrl_c() -> None:
    """For a child: even where the tests themselves were started without it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture(scope="session")
def may_walk() -> None:
    """Skip where the kernel lets this user's programs not in."""
    try:
        Walker().close()
    except InputError as error:
        pytest.skip(f"no walk here: {error}")


@pytest.fixture
def walker(may_walk: None) -> Iterator[Walker]:
    with Walker() as walker:
        yield walker


@pytest.fixture
def mount(tmp_path: Path) -> Iterator[Mount]:
    """Mount something at a new directory; unmounted at the end."""
    mounted: list[Path] = []

    def at(*arguments: object) -> Path:
        place = tmp_path / f"mount{len(mounted)}"
        place.mkdir()
        ran = subprocess.run(
            ["mount", *map(str, arguments), str(place)], capture_output=True, text=True, check=False
        )
        if ran.returncode:
            pytest.skip(f"cannot mount {' '.join(map(str, arguments))}: {ran.stderr.strip()}")
        mounted.append(place)
        return place

    yield at
    for place in reversed(mounted):
        subprocess.run(["umount", str(place)], check=True)


@pytest.fixture
def image(tmp_path: Path, mount: Mount) -> Callable[[str, str], Path]:
    """A new filesystem in a file, mounted."""

    def of(kind: str, size: str = "512M") -> Path:
        path = tmp_path / f"{kind}.img"
        with path.open("wb") as file:
            file.truncate(int(size.removesuffix("M")) * MIB)
        try:
            subprocess.run([f"mkfs.{kind}", "-q", str(path)], check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError) as error:
            pytest.skip(f"no mkfs.{kind} that works: {error}")
        return mount("-o", "loop", path)

    return of


@pytest.fixture
def huge_pages() -> Iterator[None]:
    """A pool of 4 huge pages more; the pool is as before afterwards."""
    pool = Path("/proc/sys/vm/nr_hugepages")
    before = pool.read_text() if pool.exists() else ""
    try:
        pool.write_text(str(int(before) + 4))
        granted = int(pool.read_text()) - int(before)
    except (OSError, ValueError) as error:
        pytest.skip(f"no pool of huge pages: {error}")
    try:
        if granted < 4:
            pytest.skip(f"{granted} of 4 huge pages")
        yield
    finally:
        pool.write_text(before)


def fill(path: Path, size: int) -> None:
    """A file of `size` bytes, all of them cached."""
    with path.open("wb") as file:
        for start in range(0, size, MIB):
            file.write(bytes(min(MIB, size - start)))


def evict(path: Path) -> None:
    fd = os.open(path, os.O_RDWR)
    os.fsync(fd)
    os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(fd)
