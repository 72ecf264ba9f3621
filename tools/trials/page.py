"""docs/accuracy.md: false alarms and power, simulated and of real trials."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from trial import PLANTED

from pagecache.measure.intervals import level_for, rank_for
from pagecache.measure.verdict import verdict
from pagecache.results import Interval

NUMBERS = (6, 9, 12, 20, 40, 60)
TEN_MINUTES = 600  # seconds
SPREADS = (0.01, 0.02, 0.05)  # of a process's ratio, as a share
SIMULATED = 2000
LEAST_GROUPS = 20
DRAWN_GROUPS = 400
ABOVE = 1  # percent: so small a slowdown may be called the same, so it has a column of its own
GATE, STOPPED = 3, 6  # percent: the limit of a gate, and the slowdown that it is to stop
REAL_NUMBER = 12  # what `pagecache compare` runs of so short a comparison
Rows = Sequence[dict[str, str]]

HEAD = """# How far the instrument can be believed

*Written by `python tools/trials page`. A framework is believed as far as its own errors are
known: how often it calls two equal things different (false alarms), and how often it sees a
difference that is there (power).*

A **false alarm** is the same design twice that is called faster or slower. **Power** is the share
of comparisons in which a design that is slower by so much is called slower. What decides is the
number of processes, since each is one independent sample, and by how much processes differ from
each other; more time only buys more processes.

A difference below 2 % that is measured well enough is called the same: beyond some number of
processes a slowdown of 1 % is called slower less often, not more. So one column says how often the
whole interval of that slowdown lies above 1, whatever it is called.

A **gate** of 3 % (`--fail-above 3%`) stops what is slower by more with its whole interval. The last
two columns say how often it stops a slowdown of 6 %, and the same design twice. To show that 6 %
exceed 3 % takes more processes than to show that they exceed 0: give a gate `--processes 20`.

## Simulated

Processes are drawn from a normal distribution of the ratio's logarithm with the spread given;
everything after that is the real code: intervals, verdicts. {count:,} comparisons a number,
seeded; a test holds false alarms at 5 %, within two standard errors of such a sample, for skewed
and heavy-tailed distributions too.

"""
REAL = """## Real trials

Each process times one design against itself in one event, `get` of `hugetlb-huge`, as `pagecache
compare` does, with a delay planted in its loop (`tools/trials/trial.py`). Rows marked `real` are
disjoint groups of processes in the order in which they ran; in those marked `drawn` the processes
of each group are drawn from all that were recorded. Seconds are those of the processors that so
many processes take, their start included. In brackets what the simulation says of the spread that
was recorded.

"""
NONE_YET = """None have been recorded yet. On a quiet machine:

```sh
python tools/trials run && python tools/trials page
```
"""


def write_page(path: Path, rows: Rows) -> None:
    """The whole page."""
    path.write_text(HEAD.format(count=SIMULATED) + simulated() + "\n\n" + REAL + real(rows))


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---:"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def titles() -> list[str]:
    seen = [f"sees {share} %" for share in PLANTED[1:]]
    gate = [f"gate of {GATE} % stops {share} %" for share in (STOPPED, 0)]
    return ["false alarms", *seen, f"{ABOVE} % lies above", *gate]


def simulated() -> str:
    """A row for each spread and number of processes."""
    rows = []
    for spread in SPREADS:
        for number in NUMBERS:
            cells = [f"{spread:.0%}", str(number), f"{level_for(number):.1%}"]
            rows.append([*cells, *map(percent, simulate(spread, number))])
    return table(["spread", "processes", "level", *titles()], rows)


def percent(share: float) -> str:
    return f"{share:.1%}"


def simulate(spread: float, number: int) -> list[float]:
    """The shares of a row."""
    normal = np.random.default_rng([1, number]).normal(size=(SIMULATED, number))
    return shares({share: (1 + share / 100) * np.exp(spread * normal) for share in PLANTED})


def shares(groups: dict[int, np.ndarray]) -> list[float]:
    """The numbers below `titles`, each a share of the groups."""
    intervals = {share: intervals_of(each) for share, each in groups.items()}
    seen = [
        float(np.mean([verdict(each) in ({"slower"} if share else WRONG) for each in found]))
        for share, found in intervals.items()
    ]
    lows = {share: np.array([each.low for each in found]) for share, found in intervals.items()}
    above = [lows[ABOVE] > 1, *(lows[share] > 1 + GATE / 100 for share in (STOPPED, 0))]
    return [*seen, *(float(np.mean(each)) for each in above)]


WRONG = {"faster", "slower"}


def intervals_of(groups: np.ndarray) -> list[Interval]:
    """The `interval` of each row, quicker: a verdict asks only how many processes there are."""
    number, ordered = groups.shape[1], np.sort(groups)
    rank, those = rank_for(number), (1.0,) * number
    bounds = np.median(ordered, axis=1), ordered[:, rank - 1], ordered[:, -rank]
    return [Interval(*each, those) for each in zip(*(of.tolist() for of in bounds), strict=True)]


def real(rows: Rows) -> str:
    """A table for each machine and load that there are enough processes of."""
    kinds = dict.fromkeys((row["machine"], row["load"], row["size"]) for row in rows)
    found = [text for kind in kinds for text in of_kind(kind, rows)]
    return "\n\n".join(found) + "\n" if found else NONE_YET


def of_kind(kind: tuple[str, str, str], rows: Rows) -> Iterator[str]:
    machine, load, size = kind
    own = [row for row in rows if (row["machine"], row["load"], row["size"]) == kind]
    if len(own) // REAL_NUMBER < LEAST_GROUPS:
        return
    seconds = float(np.median([float(row["seconds"]) for row in own]))
    spread = spread_of(own)
    discarded = sum(int(r["discarded"]) for r in own) / sum(int(r["rounds"]) for r in own)
    commits = ", ".join(dict.fromkeys(row["commit"][:12] for row in own))
    yield (
        f"**{load}**, {machine}, Linux {own[0]['kernel']}, {size}, at {commits}: {len(own):,} "
        f"processes of {seconds:.2f} s, {discarded:.0%} of their rounds discarded, spread "
        f"{spread:.1%}."
    )
    lines = [cells_of(number, own, seconds, spread) for number in numbers_of(seconds, len(own))]
    yield table(["processes", "seconds", "groups", "", *titles()], lines)


def numbers_of(seconds: float, count: int) -> list[int]:
    """Numbers of processes: the usual ones and those of ten minutes, if there are so many."""
    wanted = [*NUMBERS, round(TEN_MINUTES / seconds)]
    return [number for number in wanted if number <= count]


def spread_of(rows: Rows) -> float:
    """A standard deviation of the A/A ratio's logarithm, from quartiles: a few are far out."""
    low, high = np.quantile(np.log([float(row["planted_0"]) for row in rows]), (0.25, 0.75))
    return float(high - low) / 1.349


def cells_of(number: int, rows: Rows, seconds: float, spread: float) -> list[str]:
    """A line of the table: what was measured, and in brackets what the spread alone lets expect."""
    is_real = number == REAL_NUMBER
    groups = disjoint(number, rows) if is_real else drawn(number, rows)
    cells = [str(number), f"{number * seconds:.0f}", str(len(groups[0]))]
    cells.append("real" if is_real else "drawn")
    pairs = zip(shares(groups), simulate(spread, number), strict=True)
    return [*cells, *(f"{percent(found)} ({percent(told)})" for found, told in pairs)]


def disjoint(number: int, rows: Rows) -> dict[int, np.ndarray]:
    """Groups of so many processes, in the order they ran."""
    groups = len(rows) // number
    return {
        share: values[: groups * number].reshape(groups, number)
        for share, values in ratios(rows).items()
    }


def drawn(number: int, rows: Rows) -> dict[int, np.ndarray]:
    """Groups of so many different processes each, drawn from all."""
    rng = np.random.default_rng([2, number])
    places = np.array([rng.permutation(len(rows))[:number] for _ in range(DRAWN_GROUPS)])
    return {share: values[places] for share, values in ratios(rows).items()}


def ratios(rows: Rows) -> dict[int, np.ndarray]:
    """By the slowdown that was planted."""
    return {share: np.array([float(r[f"planted_{share}"]) for r in rows]) for share in PLANTED}
