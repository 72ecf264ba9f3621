"""Ctrl-C while modules are still being imported.

An exception there would be a traceback, or be swallowed by what happens to run, so that until a
command begins the signal ends the process itself: nothing has been started and no file written.
"""

from __future__ import annotations

import os

# Not `signal`, which loads enum first; typeshed has no stub of it.
from _signal import (  # type: ignore[import-not-found]
    SIGINT,
    default_int_handler,
    getsignal,
    signal,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType

SENTENCE = "interrupted before anything was measured"
CODE = 130


def end_at_once() -> None:
    """Let Ctrl-C end the process with one line, unless the caller has it ignored or handled."""
    if getsignal(SIGINT) is default_int_handler:
        signal(SIGINT, _end)


def raise_again() -> None:
    """Let Ctrl-C raise KeyboardInterrupt as usual, if `end_at_once` changed that."""
    if getsignal(SIGINT) is _end:
        signal(SIGINT, default_int_handler)


def _end(number: int, frame: FrameType | None) -> None:
    try:
        os.write(2, f"pagecache: {SENTENCE}\n".encode())
    finally:
        os._exit(CODE)
