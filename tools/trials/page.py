"""docs/accuracy.md: false alarms and power, simulated and of real trials."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from trial import PLANTED

from pagecache.measure.intervals import interval, level_for
from pagecache.measure.verdict import verdict

NUMBERS = (6, 9, 12, 20, 40, 120)
SPREADS = (0.01, 0.02, 0.05)  # of a process's ratio, as a share
SIMULATED = 2000
LEAST_GROUPS = 20
Share = tuple[int, int]

HEAD = """# How far the instrument can be believed

*Written by `python tools/trials page`. A framework is believed as far as its own errors are
known: how often it calls two equal things different (false alarms), and how often it sees a
difference that is there (power).*

A **false alarm** is the same design twice that is called faster or slower. **Power** is the share
of comparisons in which a design that is slower by so much is called slower. What decides is the
number of processes, since each is one independent sample, and by how much processes differ from
each other; more time only buys more processes.

## Simulated

Processes are drawn from a normal distribution of the ratio's logarithm with the spread given;
everything after that is the real code: intervals, verdicts. {count:,} comparisons a number,
seeded; a test holds false alarms at 5 %, within two standard errors of such a sample, for skewed
and heavy-tailed distributions too. A difference below 2 % that is measured well enough is called
the same, so beyond some number of processes a slowdown of 1 % is seen less often, not more.

"""
REAL = """## Real trials

Each process times one design against itself in one event, `get` of `hugetlb-huge`, as `pagecache
compare` does, with a delay planted in its loop (`tools/trials/trial.py`). Groups are disjoint.
The numbers of processes that were asked for as groups are marked `real`; others are drawn from
the same recorded processes and marked `drawn`.

"""
NONE_YET = """None have been recorded yet. On a quiet machine:

```sh
python tools/trials run && python tools/trials page
```
"""


def write_page(path: Path, rows: Sequence[dict[str, str]]) -> None:
    """The whole page."""
    path.write_text(HEAD.format(count=SIMULATED) + simulated() + "\n\n" + REAL + real(rows))


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---:"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def simulated() -> str:
    """A row for each spread and number of processes."""
    heads = ["spread", "processes", "level", *titles()]
    rows = []
    for spread in SPREADS:
        for number in NUMBERS:
            shares = [simulate(spread, number, share) for share in PLANTED]
            cells = [f"{spread:.0%}", str(number), f"{level_for(number):.1%}"]
            rows.append([*cells, *(f"{share:.1%}" for share in shares)])
    return table(heads, rows)


def titles() -> list[str]:
    return ["false alarms", *(f"sees {share} %" for share in PLANTED[1:])]


def simulate(spread: float, number: int, share: int) -> float:
    """How many of the comparisons call it faster or slower (0 %), or slower."""
    rng = np.random.default_rng([1, number, share])
    trials = (1 + share / 100) * np.exp(spread * rng.normal(size=(SIMULATED, number)))
    return called(trials, share)


def called(trials: np.ndarray, share: int) -> float:
    wrong = {"slower"} if share else {"faster", "slower"}
    return float(np.mean([verdict(interval(row.tolist())) in wrong for row in trials]))


def real(rows: Sequence[dict[str, str]]) -> str:
    """A table for each machine and load that there are enough processes of."""
    kinds = dict.fromkeys((row["machine"], row["load"], row["size"]) for row in rows)
    found = [text for kind in kinds for text in of_kind(kind, rows)]
    return "\n\n".join(found) + "\n" if found else NONE_YET


def of_kind(kind: tuple[str, str, str], rows: Sequence[dict[str, str]]) -> Iterator[str]:
    machine, load, size = kind
    own = [row for row in rows if (row["machine"], row["load"], row["size"]) == kind]
    numbers = [number for number in NUMBERS if len(own) // number >= LEAST_GROUPS]
    if not numbers:
        return
    seconds = float(np.median([float(row["seconds"]) for row in own]))
    commits = ", ".join(dict.fromkeys(row["commit"][:12] for row in own))
    yield (
        f"**{load}**, {machine}, Linux {own[0]['kernel']}, {size}, at {commits}: {len(own):,} "
        f"processes of {seconds:.2f} s, "
        f"{sum(int(r['discarded']) for r in own) / sum(int(r['rounds']) for r in own):.0%} of "
        f"their rounds discarded."
    )
    heads = ["processes", "seconds", "groups", "", *titles()]
    yield table(heads, [of_number(number, own, seconds) for number in numbers])


def of_number(number: int, rows: Sequence[dict[str, str]], seconds: float) -> list[str]:
    """Disjoint groups of that many processes, in the order they ran."""
    groups = len(rows) // number
    cells = [str(number), f"{number * seconds:.0f}", str(groups)]
    cells.append("real" if number == REAL_NUMBER else "drawn")
    for share in PLANTED:
        values = np.array([float(row[f"planted_{share}"]) for row in rows[: groups * number]])
        cells.append(f"{called(values.reshape(groups, number), share):.1%}")
    return cells


REAL_NUMBER = 12  # what `pagecache compare` runs of so short a comparison
