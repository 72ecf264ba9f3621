"""The kernel's trace of page-cache events, in a tracefs instance of its own.

tracefs is mounted nowhere: its mount is a descriptor. The instance is removed by a child that
waits for the end of this process, however that comes; it holds the end of a pipe.
"""

import contextlib
import os
import signal
import threading
import time
from pathlib import Path
from typing import IO, NoReturn

from pagecache.errors import InputError
from pagecache.live.detached import fork, mount_detached

CHANGES = ("mm_filemap_add_to_page_cache", "mm_filemap_delete_from_page_cache")
ACCESSES = ("mm_filemap_get_pages", "mm_filemap_fault", "mm_filemap_map_pages")  # Linux 6.12
FORK = "sched/sched_process_fork"
BUFFER_KB = 32 << 10  # a processor
CHUNK = 1 << 20
PATIENCE = 0.02  # s between two looks at an empty buffer
NICE = 10
TRIES = 1500  # to remove an instance
ENDINGS = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}  # Ctrl-C, say: it is for the parent


class Tracing:
    """Events of all processes from its beginning to `stop`, as text in `out`.

    Raises
    ------
    InputError
        tracefs cannot be mounted or has no such events.
    """

    def __init__(self, out: IO[bytes]) -> None:
        try:
            self._root = mount_detached("tracefs", {})
        except OSError as error:
            raise InputError(f"no tracefs ({error.strerror}); run as root") from None
        self.name = f"instances/pagecache-{os.getpid()}"
        self._guard, self._keep = _guarded(self._root, self.name)
        self._out, self._ended = out, threading.Event()
        self.lost = 0
        try:
            self._start()
        except OSError as error:
            self.close()
            raise InputError(f"tracefs: {error.strerror}; is another tracer using it?") from None
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _start(self) -> None:
        os.mkdir(self.name, dir_fd=self._root)
        self._write("trace_clock", "global")
        self._write("buffer_size_kb", str(BUFFER_KB))
        for event in CHANGES:
            self._write(f"events/filemap/{event}/enable", "1")
        for event in ACCESSES:
            with contextlib.suppress(FileNotFoundError):  # before Linux 6.12
                self._write(f"events/filemap/{event}/enable", "1")
        self._write(f"events/{FORK}/enable", "1")

    def _path(self, file: str) -> str:
        return f"/proc/self/fd/{self._root}/{self.name}/{file}"

    def _write(self, file: str, text: str) -> None:
        with open(self._path(file), "w", encoding="ascii") as out:
            out.write(text)

    def _read(self) -> None:
        """Copy events while they come, so that the buffer does not fill; the program goes first."""
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)  # of this thread alone
        fd = os.open(self._path("trace_pipe"), os.O_RDONLY | os.O_NONBLOCK)
        try:
            while True:
                ended = self._ended.is_set()
                try:
                    self._out.write(os.read(fd, CHUNK))
                except BlockingIOError:
                    if ended:
                        return
                    time.sleep(PATIENCE)
        finally:
            os.close(fd)

    def mark(self, text: bytes) -> None:
        """Add a line to the events, as a marker."""
        with open(self._path("trace_marker"), "wb", buffering=0) as out:
            out.write(text)

    def stop(self) -> None:
        """Stop tracing; `out` then holds all events that arrived, and `lost` how many did not."""
        self._write("tracing_on", "0")
        self._ended.set()
        self._reader.join()
        for path in Path(self._path("per_cpu")).iterdir():
            for line in (path / "stats").read_text(encoding="ascii").splitlines():
                name, _, count = line.partition(":")
                self.lost += int(count) if name in {"overrun", "dropped events"} else 0

    def close(self) -> None:
        """Remove the instance."""
        self._ended.set()
        if hasattr(self, "_reader"):
            self._reader.join()
        os.close(self._keep)
        os.waitpid(self._guard, 0)
        with contextlib.suppress(OSError):  # it is gone, unless somebody killed the guard too
            os.rmdir(self.name, dir_fd=self._root)
        os.close(self._root)

    def __enter__(self) -> "Tracing":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _guarded(root: int, name: str) -> tuple[int, int]:
    """A child that removes an instance once the descriptor returned beside it is closed."""
    wait, keep = os.pipe()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ENDINGS)  # the child outlives them
    try:
        child = fork()
        if child == 0:
            os.close(keep)
            _remove_at_end(wait, root, name)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    os.close(wait)
    return child, keep


def _remove_at_end(wait: int, root: int, name: str) -> NoReturn:
    try:
        os.setsid()
        os.read(wait, 1)
        for _ in range(TRIES):
            try:
                os.rmdir(name, dir_fd=root)
                break
            except FileNotFoundError:
                break
            except OSError:  # busy until the last reader is gone
                time.sleep(PATIENCE)
    finally:
        os._exit(0)
