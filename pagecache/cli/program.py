"""``pagecache COMMAND``: 0 all is well, 1 a wrong answer, 2 bad input, 3 slower than allowed."""

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any, NoReturn

from pagecache import __version__
from pagecache.cli.interrupt import CODE, SENTENCE, raise_again
from pagecache.errors import InputError, WorkerDied, WrongAnswer
from pagecache.printable import printable

DESCRIPTION = "What a page-cache design costs: lookup, insertion and memory, side by side."
COMMANDS = {
    "compare": "compare designs: on the usual inputs, on files, a trace or a generated file",
    "designs": "list the designs: what each is, what it cannot do, and what goes with what",
    "sweep": "run a grid of counted studies, on all cores or a Dask cluster",
    "traces": "list the bundled traces and the trace formats",
    "study": "run a worked study: struct page, map counts, allocation scopes, sizes",
    "readahead": "which folios an access pattern gets, under each kernel's readahead rules",
    "explain": "the walk of one lookup, node by node, slot by slot",
    "show": "show results that --json wrote, or compare two of them",
    "report": "write one HTML page from results that --json wrote, a sweep, or asv's history",
    "live": "what the running kernel's page cache holds, beside the models",
    "record": "run a program and record what it does to the page cache",
    "verify": "replay a trace and compare with what the kernel held after it",
    "conformance": "replay recorded XArray behaviour and show the first difference",
}
RENAMED = {"--supply": "--alloc"}


class Parser(argparse.ArgumentParser):
    """A parser whose complaints are one line, as all others are."""

    def error(self, message: str) -> NoReturn:
        now = [f"{old} is called {new} now" for old, new in RENAMED.items() if old in message]
        remedy = "; ".join([*now, f"see {self.prog} --help"])
        raise InputError(f"{message.removeprefix('argument ')}; {remedy}")


class Command(Parser):
    """Imports its module, and with it all that is heavy, when it is the one that is asked for."""

    def __init__(self, *, module: str, **options: Any) -> None:
        super().__init__(**options, allow_abbrev=False)
        self.module = module

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        module = import_module(self.module)
        module.add_arguments(self)
        self.set_defaults(run=module.run)
        return super().parse_known_args(args, namespace)


def parser() -> argparse.ArgumentParser:
    top = Parser(prog="pagecache", description=DESCRIPTION, allow_abbrev=False)
    top.add_argument("--version", action="version", version=f"pagecache {__version__}")
    commands = top.add_subparsers(
        dest="command", metavar="COMMAND", required=True, parser_class=Command
    )
    for name, text in COMMANDS.items():
        commands.add_parser(name, module=f"pagecache.cli.{name}", help=text, description=text)
    return top


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code."""
    replace_closed_streams()
    try:
        options = parser().parse_args(arguments)
        raise_again()
        code = int(options.run(options))
        sys.stdout.flush()  # here, where a reader that has gone or a full disk can be answered
        return code
    except InputError as error:
        return complain(str(error), 2)
    except (WrongAnswer, WorkerDied) as error:
        return complain(str(error), 1)
    except MemoryError as error:
        why = f" ({error})" if str(error) else ""
        return complain(f"out of memory{why}; give a smaller --size or trace", 1)
    except OSError as error:
        return write_failed(error)
    except KeyboardInterrupt:
        return complain(SENTENCE, CODE)


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
