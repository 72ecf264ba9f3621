"""What loads the machine while trials run: on each processor a process that copies memory."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

COPY = "a = bytearray(64 << 20)\nwhile True: a[:] = bytes(a)"


@contextmanager
def busy(wanted: bool) -> Iterator[None]:
    """Keep every processor busy until the block ends; do nothing unless it is wanted."""
    with ExitStack() as stack:
        for _ in os.sched_getaffinity(0) if wanted else ():
            copying = subprocess.Popen([sys.executable, "-c", COPY])
            stack.callback(copying.wait)
            stack.callback(copying.kill)
        yield
