"""What a round ran under: clock, steal, switches, faults; and which rounds are discarded.

The rule is fixed here, before anything is measured: a round is discarded if

* more than 2 % of its time was stolen from the processor it was pinned to,
* its clock probe ran more than 5 % slower than the process's median probe,
* it had more than 100 involuntary context switches a second, or
* it waited for a page from disk.
"""

import os
import resource
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from pagecache.measure.probe import dependent_adds

RULE = (
    "a round is discarded if over 2 % of it was stolen, its clock ran over 5 % slower than the "
    "process's median, it had over 100 involuntary context switches a second, or it waited for a "
    "disk"
)
PROBE_ADDS = 200_000
MOST_STEAL = 0.02
MOST_SLOWDOWN = 1.05
MOST_SWITCHES_A_SECOND = 100
TICK_S = 1 / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Conditions:
    """One round's conditions: seconds, ns per dependent addition, and counts."""

    seconds: float
    clock_ns: float
    steal_s: float
    switches: int
    major_faults: int
    minor_faults: int

    def to_dict(self) -> dict[str, float]:
        return asdict(self)


def clock_probe() -> float:
    """ns for one dependent addition: a cycle of the core, the best of three tries."""
    best = float("inf")
    for _ in range(3):
        start = time.perf_counter_ns()
        dependent_adds(PROBE_ADDS)
        best = min(best, (time.perf_counter_ns() - start) / PROBE_ADDS)
    return best


def stolen_seconds(cpu: int) -> float:
    """Seconds that the hypervisor kept from this processor since boot; 0 where nothing says."""
    try:
        with open("/proc/stat", encoding="ascii") as stat:
            for line in stat:
                if line.startswith(f"cpu{cpu} "):
                    return int(line.split()[8]) * TICK_S
    except OSError:
        pass
    return 0.0


class Watch:
    """Notes a round's conditions between `start` and `stop`."""

    def __init__(self, cpu: int) -> None:
        self.cpu = cpu

    def start(self) -> None:
        self._clock = clock_probe()
        self._steal = stolen_seconds(self.cpu)
        self._usage = resource.getrusage(resource.RUSAGE_SELF)
        self._begin = time.perf_counter()

    def stop(self) -> Conditions:
        seconds = time.perf_counter() - self._begin
        usage = resource.getrusage(resource.RUSAGE_SELF)
        return Conditions(
            seconds,
            max(self._clock, clock_probe()),
            stolen_seconds(self.cpu) - self._steal,
            usage.ru_nivcsw - self._usage.ru_nivcsw,
            usage.ru_majflt - self._usage.ru_majflt,
            usage.ru_minflt - self._usage.ru_minflt,
        )


def fault_of(round_: Conditions, usual_clock_ns: float) -> str | None:
    """Why this round is discarded, by the rule; None keeps it."""
    if round_.steal_s > max(MOST_STEAL * round_.seconds, TICK_S / 2):
        return "steal"
    if round_.clock_ns > MOST_SLOWDOWN * usual_clock_ns:
        return "clock"
    if round_.switches > max(MOST_SWITCHES_A_SECOND * round_.seconds, 2):
        return "switches"
    return "disk" if round_.major_faults else None


def judge(rounds: Sequence[Conditions]) -> list[str | None]:
    """`fault_of` for all the rounds of one process."""
    usual = median(round_.clock_ns for round_ in rounds) if rounds else 0.0
    return [fault_of(round_, usual) for round_ in rounds]


def huge_page_share(ranges: Iterable[tuple[int, int]]) -> float:
    """The share of the resident memory in these (address, bytes) that lies in huge pages.

    From /proc/self/smaps; 1 if nothing is resident yet or the kernel does not say.
    """
    spans = list(ranges)
    resident = huge = 0
    try:
        text = Path("/proc/self/smaps").read_text(encoding="utf-8")
    except OSError:
        return 1.0
    for fields in f"\n{text}".split("VmFlags:"):  # each mapping's last line
        _, _, mapping = fields.partition("\n")  # not line by line: it is read for every row
        ends = mapping.partition(" ")[0].split("-")
        if len(ends) == 2 and overlaps(int(ends[0], 16), int(ends[1], 16), spans):
            resident += kib_of("Rss", mapping)
            huge += kib_of("AnonHugePages", mapping)
    return huge / resident if resident else 1.0


def overlaps(low: int, high: int, spans: Sequence[tuple[int, int]]) -> bool:
    return any(low < at + size and at < high for at, size in spans)


def kib_of(name: str, mapping: str) -> int:
    """A field of one mapping, in KiB; 0 if it lacks that name.

    Examples
    --------
    >>> kib_of("Rss", "7f00-7f01 rw-p\\nSize: 8 kB\\nRss:   4 kB\\n"), kib_of("Rss", "")
    (4, 0)
    """
    _, _, rest = mapping.partition(f"\n{name}:")
    return int(rest.split(maxsplit=1)[0]) if rest else 0
