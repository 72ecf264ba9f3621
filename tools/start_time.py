"""How long it takes to start: medians of 20 processes each, in turn.

    python tools/start_time.py [RUNS]

Ends with 1 if a limit is not met: an XArray 60 ms beyond numpy alone, --help and --version 150 ms.
A machine that is busy with other work makes all of them longer: the first row says how long an
empty Python takes.
"""

import statistics
import subprocess
import sys
import time

COMMANDS = {
    "python": ["-c", "pass"],
    "import numpy": ["-c", "import numpy"],
    "import pagecache": ["-c", "import pagecache"],
    "pc.XArray()": ["-c", "import pagecache as pc; pc.XArray()"],
    "pagecache --help": ["-m", "pagecache", "--help"],
    "pagecache --version": ["-m", "pagecache", "--version"],
}
BEYOND_NUMPY_MS, COMMAND_MS = 60, 150


def started(arguments: list[str]) -> float:
    """Milliseconds from the start of a Python to its end."""
    begun = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    return 1000 * (time.perf_counter() - begun)


def medians(runs: int) -> dict[str, float]:
    """By command; they take turns, so that a busy moment falls on all of them."""
    times = {name: [0.0] * runs for name in COMMANDS}
    for run in range(runs):
        for name, arguments in COMMANDS.items():
            times[name][run] = started(arguments)
    return {name: statistics.median(found) for name, found in times.items()}


def main() -> int:
    found = medians(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
    for name, median in found.items():
        print(f"{name:20} {median:7.1f} ms")
    beyond = found["pc.XArray()"] - found["import numpy"]
    print(f"{'XArray beyond numpy':20} {beyond:7.1f} ms")
    slow = [name for name in found if name.startswith("pagecache ") and found[name] > COMMAND_MS]
    return int(beyond > BEYOND_NUMPY_MS or bool(slow))


if __name__ == "__main__":
    sys.exit(main())
