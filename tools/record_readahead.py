"""Run random programs of reads on the running kernel, and compare its folios with the rules.

    python tools/record_readahead.py DIRECTORY [--programs N] [--seed N] [--kernel 6.18]

Needs root, tracefs, and a directory on ext4 or xfs. Each program reads a file that nobody has
cached, through one description; the folios are those that the trace event
mm_filemap_add_to_page_cache names. A mismatch is recorded again, a few times; one that stays names
the program and the first page that differs, and the exit status is then 1.
"""

import argparse
import os
import random
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pagecache as pc

SIZE = 16 << 20
REPEATS = 4  # a page that was in use could not be evicted before
TRACEFS = ("/sys/kernel/tracing", "/sys/kernel/debug/tracing")
EVENT = re.compile(r"mm_filemap_add_to_page_cache: .* ino ([0-9a-f]+) .*ofs=(\d+)(?: order=(\d+))?")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("directory", type=Path)
    parser.add_argument("--programs", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kernel", default=".".join(os.uname().release.split(".")[:2]))
    options = parser.parse_args()
    chance, wrong, unstable = random.Random(options.seed), 0, 0
    with file_in(options.directory) as path, tracing() as tracefs:
        device = device_of(path)
        for number in range(options.programs):
            program = make_program(chance)
            asked = pc.readahead(options.kernel, program, SIZE, **device).folios
            found = [record(path, tracefs, program)]
            while found[-1] != asked and len(found) < REPEATS:
                found.append(record(path, tracefs, program))
            if found[-1] != asked:
                wrong += 1
                print(f"program {number}, {difference(found[-1], asked)}: {program}")
            unstable += len(found) > 1 and found[-1] == asked
    agree = options.programs - wrong
    print(f"{agree} of {options.programs} programs agree, {unstable} not at once, {device}")
    return int(wrong > 0)


def difference(found: list[tuple[int, int]], asked: list[tuple[int, int]]) -> str:
    """The first page that lies in another folio, or in none."""
    page = min(page for page, _ in set(found) ^ set(asked))
    return f"page {page}: recorded {dict(found).get(page)}, asked for {dict(asked).get(page)}"


def make_program(chance: random.Random) -> str:
    """A few steps of reads and advice."""
    steps = []
    for _ in range(chance.randint(1, 5)):
        length = chance.choice([4096, 4097, 10007, 16384, 65536, 131072, 200000, 1 << 20])
        position = chance.choice([0, chance.randrange(0, SIZE), chance.randrange(SIZE >> 12) << 12])
        step = chance.choice([length, length, length, 2 * length, -length])
        steps.append(f"read {position} {length} x{chance.randint(1, 60)} {step}")
        if chance.random() < 0.2:
            steps.append(f"fadvise {chance.choice(['seq', 'normal', 'random'])}")
        if chance.random() < 0.2:
            pages = " ".join(str(chance.randrange(SIZE >> 12)) for _ in range(6))
            steps.append(f"pages {pages}")
    return "; ".join(steps)


@contextmanager
def file_in(directory: Path) -> Iterator[Path]:
    """A file of random bytes that is on the disk, for as long as it is needed."""
    with tempfile.NamedTemporaryFile(dir=directory, prefix="readahead.") as file:
        file.write(os.urandom(SIZE))
        file.flush()
        os.fsync(file.fileno())
        yield Path(file.name)


@contextmanager
def tracing() -> Iterator[Path]:
    """An instance of tracefs with the one event on."""
    root = next((Path(p) for p in TRACEFS if (Path(p) / "events").exists()), None)
    if root is None:
        sys.exit("tracefs is not mounted; mount -t tracefs nodev /sys/kernel/tracing")
    instance = root / "instances" / f"readahead-{os.getpid()}"
    instance.mkdir()
    event = instance / "events/filemap/mm_filemap_add_to_page_cache/enable"
    try:
        (instance / "buffer_size_kb").write_text("16384")
        event.write_text("1")
        yield instance
    finally:
        event.write_text("0")
        instance.rmdir()


def device_of(path: Path) -> dict[str, int]:
    """What the file's device says of readahead; a partition has the queue of its disk."""
    number = path.stat().st_dev
    device = Path(f"/sys/dev/block/{os.major(number)}:{os.minor(number)}").resolve()
    queue = device / "queue" if (device / "queue").exists() else device.parent / "queue"
    kb = {name: int((queue / name).read_text()) for name in ("read_ahead_kb", "max_sectors_kb")}
    return {"readahead_kb": kb["read_ahead_kb"], "max_io_kb": kb["max_sectors_kb"]}


def record(path: Path, tracefs: Path, program: str) -> list[tuple[int, int]]:
    """Run the program: the folios that the kernel added, in file order."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        (tracefs / "trace").write_text("")
        for step in program.split(";"):
            perform(handle, step.split())
        lines = (tracefs / "trace").read_text()
    finally:
        os.close(handle)
    inode = f"{path.stat().st_ino:x}"
    added = [match.groups() for match in EVENT.finditer(lines) if match[1] == inode]
    return sorted((int(offset) >> 12, int(order or 0)) for _, offset, order in added)


def perform(handle: int, words: list[str]) -> None:
    """One step of a program, for real."""
    if words[0] == "fadvise":
        names = {"seq": "SEQUENTIAL", "normal": "NORMAL", "random": "RANDOM"}
        os.posix_fadvise(handle, 0, 0, getattr(os, f"POSIX_FADV_{names[words[1]]}"))
    elif words[0] == "pages":
        for page in words[1:]:
            os.pread(handle, 4096, int(page) << 12)
    else:
        position, length, step = int(words[1]), int(words[2]), int(words[4])
        for _ in range(int(words[3][1:])):
            if position >= 0:
                os.pread(handle, length, position)
            position += step


if __name__ == "__main__":
    sys.exit(main())
