"""Instructions an event, counted by callgrind, so that one sample is enough.

Counted are the loops of `called.py`: the loop over a list, taken from the loop over twice as much,
leaves what an event costs and no start-up.  Runs in one environment agreed to the last digit; some
150 instructions a call differ between environments, and between designs of the same code: below
0.01 %.  It counts work, not latency: a cache miss costs what a hit does.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from pagecache.measure import loops
from pagecache.measure.counting.called import LOOPS

MODULE = "pagecache.measure.counting.called"
# The name that Cython gives to a method of Batch; the digits count the methods before it.
SYMBOL = r"__pyx_pw_9pagecache_7measure_5loops_5Batch_\d+%s(?=\0)"
# Callgrind's output has a part for each dump; those that end a loop hold that loop alone.
PART = re.compile(r"^desc: Trigger: --dump-after=.*?^totals: (\d+)", re.MULTILINE | re.DOTALL)

Instructions = dict[tuple[str, str], float]


def count_instructions(designs: Sequence[str]) -> Instructions | None:
    """Instructions an event, by design and event; None where valgrind is not installed."""
    if not shutil.which("valgrind"):
        return None
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "callgrind.out"
        printed = run(designs, out)
        totals = [int(part[1]) for part in PART.finditer(out.read_text())]
    return per_event(printed.splitlines(), totals)


def run(designs: Sequence[str], out: Path) -> str:
    """What `called` prints; callgrind writes parts to `out`, a loop in one."""
    valgrind = ["valgrind", "-q", "--tool=callgrind", "--combine-dumps=yes"]
    for name in map(symbol, LOOPS):
        # --toggle-collect would be shorter, but of several such options one alone is obeyed.
        valgrind += [f"--dump-before={name}", f"--dump-after={name}"]
    command = [*valgrind, f"--callgrind-out-file={out}", sys.executable, "-P", "-m", MODULE]
    # Dicts of strings are laid out alike in every run.
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    done = subprocess.run(
        [*command, *designs], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"callgrind ended with {done.returncode}: {done.stderr[-1000:]}")
    return done.stdout


def symbol(loop: str) -> str:
    """The whole name of a loop in the compiled module: callgrind dumps at no pattern."""
    found = re.search((SYMBOL % loop).encode(), Path(loops.__file__).read_bytes())
    if not found:
        raise RuntimeError(f"{loops.__file__} names no loop {loop}; build it without strip")
    return found[0].decode()


def per_event(lines: Sequence[str], totals: Sequence[int]) -> Instructions:
    """Instructions an event: of the last two of each three loops, the difference."""
    if len(totals) != len(lines):
        raise RuntimeError(f"{len(lines)} loops, {len(totals)} parts in callgrind's output")
    counts = {}
    for k in range(0, len(lines), 3):
        (design, loop, once), (_, _, twice) = (line.split() for line in lines[k + 1 : k + 3])
        counts[design, LOOPS[loop]] = (totals[k + 2] - totals[k + 1]) / (int(twice) - int(once))
    return counts
