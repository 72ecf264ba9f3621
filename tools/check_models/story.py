"""A counterexample as plain sentences: what spin's replay prints, step by step.

Each step of a model prints ``@who number: what it did``, and a broken property ``!what is wrong``.
"""

import textwrap
from typing import NamedTuple

DEADLOCK = "nobody can take another step"
NUMBERED = {"reader"}  # of the others there is one
BUFFER = "a store buffer"
LONGEST = 60  # sentences that are printed; a shortest story has fewer


class Story(NamedTuple):
    """Sentences in order, and what is wrong at their end."""

    steps: tuple[str, ...]
    end: str

    def __str__(self) -> str:
        first = max(0, len(self.steps) - LONGEST)
        lines = [f"{number:3}. {step}" for number, step in enumerate(self.steps, 1)][first:]
        if first:
            lines.insert(0, f"  ... {first} steps before")
        wrapped = [textwrap.fill(line, 100, subsequent_indent=" " * 5) for line in lines]
        return "\n".join([*wrapped, f"  => {self.end}"])


def told(replay: str) -> Story:
    """The story of a replay: it ends at the first broken property, or where nobody can go on."""
    steps: list[str] = []
    for line in replay.splitlines():
        if line.startswith("!"):
            return Story(tuple(steps), line[1:].strip())
        if line.startswith("@"):
            steps.append(sentence(line[1:]))
    return Story(tuple(steps), DEADLOCK)


def sentence(line: str) -> str:
    process, _, deed = line.partition(": ")
    who, _, number = process.partition(" ")
    subject = f"{who} {number}" if who in NUMBERED else BUFFER if who == "buffer" else f"the {who}"
    return f"{subject} {deed.strip()}"
