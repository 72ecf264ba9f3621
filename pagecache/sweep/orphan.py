"""Worker processes that end with their parent, however that ends, and never with Ctrl-C.

Light on purpose: a worker imports this before anything else, so that it is never without the rule.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from contextlib import contextmanager
from multiprocessing.context import SpawnContext, SpawnProcess
from types import ModuleType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

PR_SET_PDEATHSIG = 1


def begin(parent: int, meter: Any) -> None:
    """Begin a worker's life: under the rule, then with its pool's meter of bytes read."""
    end_with(parent)
    from pagecache.sweep.task import METERS  # noqa: PLC0415 - heavy

    METERS.append(meter)


def end_with(parent: int) -> None:
    """From now on the kernel kills this process when `parent` is gone; at once if it is already."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what Ctrl-C does
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


class Worker(SpawnProcess):
    """A process that imports the package and not its parent's script, and is deaf to Ctrl-C."""

    def start(self) -> None:
        with deaf(), without_script():
            super().start()


class Workers(SpawnContext):
    """Makes workers, and remembers them."""

    def __init__(self) -> None:
        super().__init__()
        self.made: list[Worker] = []

    def Process(self, *arguments: Any, **options: Any) -> Worker:  # type: ignore[override]
        worker = Worker(*arguments, **options)
        self.made.append(worker)
        return worker

    def kill(self) -> None:
        """End all that live."""
        for worker in self.made:
            if worker.pid is not None and worker.is_alive():
                worker.kill()


@contextmanager
def deaf() -> Iterator[None]:
    """SIGINT waits; a process started meanwhile never hears it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def without_script() -> Iterator[None]:
    """A process started meanwhile does not run the script that this one was started with."""
    script = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = script
