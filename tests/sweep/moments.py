"""``pagecache`` with a hand on it: something is done to its processes at a moment of the sweep.

    python tests/sweep/moments.py '[["part", 3, "kill"]]' sweep GRID.toml -o DIR

Moments are counted by what is written and not by the clock, so that they are the same on every
machine.  Every outcome is a part of its own here.

    logged    attempts are in the manifest, their rows nowhere
    beside    a part is written, and not yet in its place
    part      a part is in its place
    sealed    the table is whole, and the parts are still there

What is done: "kill" or "stop" this process, kill a "worker" of it or a process of that number,
"ctrl-c", or from then on the disk is "full".  Before
it is killed its workers' numbers are written to DIR.workers.
"""

import json
import os
import resource
import signal
import sys
from collections import Counter
from pathlib import Path

import psutil

from pagecache.cli import main
from pagecache.sweep import sweeping, table
from pagecache.sweep.manifest import Manifest
from pagecache.sweep.task import Outcome

LITTLE = 1 << 10  # bytes of a file on a full disk
Plan = list[tuple[str, int, str | int]]


def workers_of(pid: int) -> list[psutil.Process]:
    """Its worker processes."""
    try:
        below = psutil.Process(pid).children(recursive=True)
        return [each for each in below if "spawn_main" in " ".join(each.cmdline())]
    except psutil.NoSuchProcess:
        return []


class Hand:
    """Counts moments, and does what the plan says at them."""

    def __init__(self, plan: Plan, out: Path) -> None:
        self.plan, self.out, self.reached = plan, out, Counter[str]()
        self.sync, self.add_outcomes = table.sync, Manifest.add_outcomes
        sweeping.KEEP_EVERY = 0
        table.sync = self.synced  # type: ignore[assignment]
        hand = self

        def logged(manifest: Manifest, outcomes: list[Outcome]) -> None:
            hand.add_outcomes(manifest, outcomes)
            hand.reach("logged")

        Manifest.add_outcomes = logged  # type: ignore[method-assign]

    def synced(self, path: Path) -> None:
        self.sync(path)
        if path.parent.name == "parts":
            self.reach("beside")
        elif path.name == "parts":
            self.reach("part")
        elif path.is_dir():
            self.reach("sealed")

    def reach(self, moment: str) -> None:
        self.reached[moment] += 1
        for name, count, deed in self.plan:
            if (name, count) == (moment, self.reached[moment]):
                self.do(deed)

    def do(self, deed: str | int) -> None:
        workers = workers_of(os.getpid())
        if deed == "kill":
            numbers = json.dumps([each.pid for each in workers])
            self.out.with_suffix(".workers").write_text(numbers)
            os.kill(os.getpid(), signal.SIGKILL)
        elif deed == "stop":
            os.kill(os.getpid(), signal.SIGSTOP)
        elif deed == "worker":
            workers[0].kill()
        elif deed == "full":
            resource.setrlimit(resource.RLIMIT_FSIZE, (LITTLE, LITTLE))
        elif deed == "ctrl-c":
            os.killpg(0, signal.SIGINT)  # as a terminal does
        else:
            os.kill(int(deed), signal.SIGKILL)


if __name__ == "__main__":
    # Even where the tests were started without it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    arguments = sys.argv[2:]
    Hand(json.loads(sys.argv[1]), Path(arguments[arguments.index("-o") + 1]))
    sys.exit(main(arguments))
