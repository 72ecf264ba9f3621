"""``pagecache COMMAND``: 0 when all is well, 1 when a design answers wrongly, 2 for bad input."""

import argparse
import os
import sys
from collections.abc import Sequence

from pagecache.cli import compare, designs, show
from pagecache.errors import InputError
from pagecache.measure.runner import WorkerDied
from pagecache.measure.subject import WrongAnswer

DESCRIPTION = "What a page-cache design costs: lookup, insertion and memory, side by side."
COMMANDS = (compare, designs, show)


class Parser(argparse.ArgumentParser):
    """A parser whose complaints are one line, as all others are."""

    def error(self, message: str) -> None:  # type: ignore[override]
        raise InputError(f"{message}; see {self.prog} --help")


def parser() -> argparse.ArgumentParser:
    top = Parser(prog="pagecache", description=DESCRIPTION, allow_abbrev=False)
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for command in COMMANDS:
        name = command.__name__.rpartition(".")[2]
        help_ = (command.__doc__ or "").splitlines()[0]
        sub = commands.add_parser(name, help=help_, description=help_, allow_abbrev=False)
        command.add_arguments(sub)
        sub.set_defaults(run=command.run)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code."""
    try:
        options = parser().parse_args(arguments)
        return int(options.run(options))
    except InputError as error:
        return complain(str(error), 2)
    except (WrongAnswer, WorkerDied, MemoryError) as error:
        return complain(str(error) or "out of memory; give a smaller --size", 1)
    except OSError as error:
        return write_failed(error)
    except KeyboardInterrupt:
        return 130


def complain(text: str, code: int) -> int:
    sys.stderr.write(f"pagecache: {text}\n")
    return code


def write_failed(error: OSError) -> int:
    """A reader that has gone away is no error; a full disk is."""
    if isinstance(error, BrokenPipeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return complain(f"{error.filename or 'output'}: {error.strerror or error}", 2)
