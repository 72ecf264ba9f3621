"""The command line: names of runs, or all of them; a page to put the tables into."""

import argparse
import fnmatch
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from . import catalogue, orders, page, search
from .batch import Batch


def main(argv: Sequence[str] | None = None) -> int:
    arguments = parsed(argv)
    proofs, faults = (named(runs, arguments.names) for runs in everything())
    if arguments.list:
        print(*(f"{run.name:36} {run.text}" for run in [*proofs, *faults]), sep="\n")
        return 0
    wanted = "orders" in arguments.names or not arguments.names
    if not (proofs or faults or wanted):
        return refused(f"no run is named {' '.join(arguments.names)}; see --list")
    lacking = (search.lacking() if proofs or faults else "") or (orders.lacking() if wanted else "")
    if lacking:
        return refused(lacking)
    began = time.perf_counter()
    batch = Batch([*proofs, *faults], arguments.jobs)
    try:
        wrong = report(proofs, faults, batch, not arguments.names) + (explored() if wanted else 0)
    finally:
        batch.close()
    print(
        f"{len(proofs) + len(faults)} searches, {time.perf_counter() - began:.0f} s; wrong: {wrong}"
    )
    if arguments.into and not wrong:
        write(arguments.into, proofs, faults, {name: batch[name] for name in batch})
    return 1 if wrong else 0


def parsed(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tools/check-models", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="runs, as count/cas or 'split/*'; orders"
    )
    parser.add_argument("--list", action="store_true", help="name the runs, and run nothing")
    parser.add_argument("--jobs", type=int, help="searches at once (default: one a processor)")
    parser.add_argument(
        "--into", type=Path, help="replace the tables of this page (docs/concurrency.md)"
    )
    arguments = parser.parse_args(argv)
    if arguments.into and arguments.names:
        parser.error("--into needs every run: give no names")
    return arguments


def everything() -> tuple[list[catalogue.Run], list[catalogue.Run]]:
    return catalogue.proofs(), catalogue.faults()


def named(runs: list[catalogue.Run], names: Sequence[str]) -> list[catalogue.Run]:
    """Those that a name or a pattern fits; all if there is none."""
    return [run for run in runs if not names or any(fnmatch.fnmatch(run.name, n) for n in names)]


def refused(why: str) -> int:
    print(f"tools/check-models: {why}", file=sys.stderr)
    return 2


def report(
    proofs: list[catalogue.Run], faults: list[catalogue.Run], batch: Batch, brief: bool
) -> int:
    """Print what each search came to, as it ends; returns how many came to something else."""
    wrong = 0
    for run in proofs:
        found = batch[run.name]
        wrong += found.story is not None
        print(
            f"{run.name}: {found.states:,} states, depth {found.depth}, {found.seconds:.1f} s",
            flush=True,
        )
        if found.story:
            print(f"a counterexample:\n{found.story}")
    for run in faults:
        story = batch[run.name].story
        wrong += story is None or story.end != run.found
        print(f"{run.name}: {len(story.steps) if story else 'NOT FOUND, no'} sentences", flush=True)
        if story and not (brief and story.end == run.found):
            print(f"{run.text}\n{story}\n")
    return wrong


def explored() -> int:
    """Explore the memory orders, right and too weak; returns how many came to something else."""
    wrong, protocols = 0, catalogue.protocols()
    with tempfile.TemporaryDirectory(prefix="check-models-") as place:
        program = orders.compiled(Path(place))
        for protocol in protocols:
            for test in protocol.runs:
                found = orders.explore(program, test, orders.right(protocol, protocols))
                wrong += not found.passed
                print(f"{protocol.name}: {test}: {found.executions:,} executions {found.why}")
            for step in protocol.steps:
                for weak in step.too_weak:
                    refuted = orders.refuted(program, step, weak, protocol, protocols)
                    wrong += refuted is None
                    why = refuted.why if refuted else "NOT REFUTED"
                    print(f"{protocol.name}: {step.name} {weak}: {why}")
    return wrong


def write(
    path: Path,
    proofs: list[catalogue.Run],
    faults: list[catalogue.Run],
    found: dict[str, search.Searched],
) -> None:
    text = path.read_text(encoding="utf-8")
    for name, part in (
        ("proofs", page.of_proofs(proofs, found)),
        ("faults", page.of_faults(faults, found)),
        ("stories", page.of_stories(faults, found)),
        ("orders", page.of_orders(catalogue.protocols())),
    ):
        text = page.replaced(text, name, part)
    path.write_text(text, encoding="utf-8")
