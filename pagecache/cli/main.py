"""``pagecache COMMAND``: 0 when all is well, 1 when a design answers wrongly, 2 for bad input."""

import argparse
import importlib.metadata
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from pagecache.cli import compare, conformance, designs, report, show
from pagecache.errors import InputError
from pagecache.measure.runner import WorkerDied
from pagecache.measure.subject import WrongAnswer
from pagecache.report.screen import printable

DESCRIPTION = "What a page-cache design costs: lookup, insertion and memory, side by side."
COMMANDS = (compare, designs, show, report, conformance)


class Parser(argparse.ArgumentParser):
    """A parser whose complaints are one line, as all others are."""

    def error(self, message: str) -> NoReturn:
        raise InputError(f"{message.removeprefix('argument ')}; see {self.prog} --help")


def parser() -> argparse.ArgumentParser:
    top = Parser(prog="pagecache", description=DESCRIPTION, allow_abbrev=False)
    version = importlib.metadata.version("pagecache")
    top.add_argument("--version", action="version", version=f"pagecache {version}")
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
    replace_closed_streams()
    try:
        options = parser().parse_args(arguments)
        code = int(options.run(options))
        sys.stdout.flush()  # here, where a reader that has gone or a full disk can be answered
        return code
    except InputError as error:
        return complain(str(error), 2)
    except (WrongAnswer, WorkerDied, MemoryError) as error:
        return complain(str(error) or "out of memory; give a smaller --size", 1)
    except OSError as error:
        return write_failed(error)
    except KeyboardInterrupt:
        return complain("interrupted before anything was measured", 130)


def replace_closed_streams() -> None:
    """Give a stream that the caller closed (``>&-``) a place that swallows all."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115


def complain(text: str, code: int) -> int:
    """Say what is wrong in one line, whatever names it holds."""
    sys.stderr.write(f"pagecache: {printable(text, sys.stderr.encoding or 'ascii')}\n")
    return code


def write_failed(error: OSError) -> int:
    """A reader that has gone away is no error; a full disk is."""
    # What is still buffered would fail once more when the interpreter ends.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if isinstance(error, BrokenPipeError):
        return 0
    return complain(f"{error.filename or 'output'}: {error.strerror or error}", 2)
