"""Ctrl-C while modules are still being imported.

An exception there would be a traceback, or be swallowed by what happens to run, so that until a
command begins the signal ends the process itself: nothing has been started and no file written.
"""

import os
import signal
from types import FrameType

SENTENCE = "interrupted before anything was measured"
CODE = 130


def end_at_once() -> None:
    """Let Ctrl-C end the process with one line, unless the caller has it ignored or handled."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _end)


def raise_again() -> None:
    """Let Ctrl-C raise KeyboardInterrupt as usual, if `end_at_once` changed that."""
    if signal.getsignal(signal.SIGINT) is _end:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _end(number: int, frame: FrameType | None) -> None:
    try:
        os.write(2, f"pagecache: {SENTENCE}\n".encode())
    finally:
        os._exit(CODE)
