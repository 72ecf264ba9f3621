"""The command line: arguments, progress and exit codes; everything else is a floor below.

program         the commands by name, and what every one of them has: complaints and exit codes
interrupt       Ctrl-C before there is anything to lose
output          where --json goes

A command a file, its arguments and what it calls: compare, explain, sweep, show, report, designs,
traces, readahead, live, record, verify, conformance, study.

Knows nothing of how anything is measured. Nothing heavy is imported before a command is known:
--help and --version load neither numpy nor what draws tables.
"""

from __future__ import annotations

from pagecache.cli.interrupt import end_at_once

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code."""
    end_at_once()
    from pagecache.cli.program import run  # noqa: PLC0415 - Ctrl-C may come while it is imported

    return run(arguments)
