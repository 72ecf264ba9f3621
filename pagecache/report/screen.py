"""The one way of printing: colours on a terminal, plain ASCII everywhere else.

Names of files go through `printable`: they may hold line breaks, escape codes or bytes that are
no text, and none of these may reach a terminal or break a line in two.
"""

import textwrap
from typing import IO

from rich.console import Console
from rich.table import Table

from pagecache.printable import printable

WIDTH = 100
UNBOUNDED = 10_000  # columns; no table is wider


class Screen(Console):
    """A file to print on; no text is read as markup or as the name of an emoji.

    `plain` is for files and pipes: ASCII, no colours, 100 columns.
    """

    def __init__(self, file: IO[str]) -> None:
        self.plain = not file.isatty()
        self.text_encoding = "ascii" if self.plain else getattr(file, "encoding", "ascii")
        super().__init__(
            file=file,
            width=WIDTH if self.plain else None,
            force_terminal=not self.plain,
            force_jupyter=False,
            markup=False,
            emoji=False,
            highlight=False,
        )

    def on_broken_pipe(self) -> None:
        """Pass it on: what a reader that went away means is for the command line to say."""
        raise  # noqa: PLE0704 - called within an except block

    def text(self, text: str, style: str | None = None) -> None:
        """Print a paragraph, wrapped."""
        shown = printable(text, self.text_encoding)
        width = min(self.width, WIDTH)
        lines = textwrap.fill(shown, width, subsequent_indent="  ", break_on_hyphens=False)
        self.print(lines, style=None if self.plain else style)

    def table(self, table: Table) -> None:
        """Print a table as wide as its numbers are: half a number would be a wrong one."""
        width, self.width = self.width, UNBOUNDED
        self.print(table, crop=False)
        self.width = width
