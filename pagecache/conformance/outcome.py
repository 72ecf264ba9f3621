"""What comes of replaying a record: lines and trees that agreed, or the first that did not."""

import json
from dataclasses import dataclass

from pagecache.conformance.records import Line
from pagecache.printable import counted


@dataclass(frozen=True)
class Difference:
    """The first line of a record that a structure answered otherwise."""

    path: str
    line: int
    operation: Line
    expected: object
    got: object
    tree: str

    @property
    def sentence(self) -> str:
        """All of it but the tree."""
        return (
            f"{self.path}:{self.line}: {json.dumps(self.operation)}: "
            f"expected {self.expected}, got {self.got}"
        )

    def __str__(self) -> str:
        return f"{self.sentence}\ntree: {self.tree}"


@dataclass(frozen=True)
class Replay:
    """What came of one record: the lines replayed and the first difference, if there is one.

    `skipped` is the reason why it was not replayed to its end.
    """

    path: str
    lines: int
    trees: int
    difference: Difference | None = None
    skipped: str | None = None

    def __str__(self) -> str:
        if self.difference:
            return str(self.difference)
        if self.skipped:
            return f"{self.path}: skipped, {self.skipped}"
        lines, trees = counted(self.lines, "line"), counted(self.trees, "tree")
        return f"{self.path}: {lines} and {trees}, no difference"
