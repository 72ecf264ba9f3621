"""Break the code on purpose, one small change at a time, and see which test notices.

    python tools/mutants [--work DIR] [--list FILE] [--again] [NAME...]

Each mutant of mutants.toml is applied to a copy of the tree, the modules that it touches are built
again, and its tests are run. A mutant whose tests all pass has survived: the exit status is 1.
What was killed is kept in DIR/results.jsonl and not run again, so a run that was cut short goes on
where it stopped; one that survived, or whose lines in the list have changed, is tried once more.
--again forgets what is there.

Needs git, gcc and an environment in which `pip install -e ".[test]"` has been run.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
COMPILED = {".pyx", ".pxd"}
FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+)", re.MULTILINE)
TIMEOUT = 900  # seconds, for tests of the code as it is
LONGER = 10  # times as long, and a minute more: a mutant that never ends is killed by that


@dataclass(frozen=True)
class Mutant:
    """One change: `old` stands once in `file` and becomes `new`; `tests` must notice."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]


def read_list(path: Path) -> list[Mutant]:
    """The mutants of a list; a SystemExit that names the first one that does not apply."""
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    mutants = [Mutant(**{**fields, "tests": tuple(fields["tests"])}) for fields in table["mutant"]]
    for mutant in mutants:
        count = (ROOT / mutant.file).read_text(encoding="utf-8").count(mutant.old)
        if count != 1:
            sys.exit(
                f"{path.name}: {mutant.name}: the old text stands {count} times in {mutant.file}"
            )
    names = [mutant.name for mutant in mutants]
    for name in names:
        if names.count(name) > 1:
            sys.exit(f"{path.name}: two mutants are called {name}")
    return mutants


@contextmanager
def applied(tree: Path, mutant: Mutant) -> Iterator[None]:
    """The tree with the change made; as before afterwards, whatever happens."""
    path = tree / mutant.file
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(mutant.old, mutant.new), encoding="utf-8")
    try:
        yield
    finally:
        path.write_text(text, encoding="utf-8")


def build(tree: Path) -> bool:
    """Bring the compiled modules up to date; whether that worked."""
    command = [sys.executable, "setup.py", "-q", "build_ext", "--inplace"]
    done = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)
    if done.returncode:
        print(done.stderr[-2000:], file=sys.stderr)
    return done.returncode == 0


def run_tests(tree: Path, tests: tuple[str, ...], timeout: float = TIMEOUT) -> str | None:
    """The first test that failed; None if all passed."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests]
    # The path is for what the tests start, too.
    env = {**os.environ, "PYTHONPATH": str(tree), "HYPOTHESIS_PROFILE": "mutants"}
    try:
        done = subprocess.run(
            command, cwd=tree, env=env, capture_output=True, text=True, check=False, timeout=timeout
        )
    except subprocess.TimeoutExpired:
        return f"(no end after {timeout:.0f} s)"
    if done.returncode == 0:
        return None
    if done.returncode < 0:
        return f"(signal {-done.returncode})"
    found = FAILED.search(done.stdout)
    if found is None:
        sys.exit(
            f"pytest ended with {done.returncode}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
        )
    return found[1]


def try_mutant(tree: Path, mutant: Mutant) -> dict[str, object]:
    """Apply, build, test, undo: what to note down."""
    started = time.monotonic()
    usual = check_unbroken(tree, mutant.tests)
    with applied(tree, mutant):
        touched = Path(mutant.file).suffix in COMPILED
        if touched and not build(tree):
            sys.exit(f"{mutant.name} does not compile; change its new text")
        killer = run_tests(tree, mutant.tests, LONGER * usual + 60)
    if touched:
        build(tree)
    seconds = round(time.monotonic() - started, 1)
    return {**asdict(mutant), "killed_by": killer, "seconds": seconds}


@cache
def check_unbroken(tree: Path, tests: tuple[str, ...]) -> float:
    """The seconds that these tests take; SystemExit if they fail without any mutant.

    They would seem to kill it.
    """
    started = time.monotonic()
    failed = run_tests(tree, tests)
    if failed:
        sys.exit(f"{failed} fails without any mutant")
    return time.monotonic() - started


def prepare(work: Path) -> Path:
    """A copy of the tree, built."""
    tree = work / "tree"
    subprocess.run([ROOT / "tools" / "copy-tree", tree], check=True)
    if not build(tree):
        sys.exit("the tree itself does not build")
    return tree


def read_killed(path: Path, mutants: list[Mutant]) -> dict[str, dict[str, object]]:
    """What an earlier run killed, by name, of the mutants as the list has them now."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    found = {result["name"]: result for result in map(json.loads, lines) if result["killed_by"]}
    same = [m.name for m in mutants if asdict(m).items() <= as_read(found.get(m.name, {})).items()]
    return {name: found[name] for name in same}


def as_read(result: dict[str, object]) -> dict[str, object]:
    """A result with its tests as a tuple, which JSON has not."""
    return {**result, "tests": tuple(result.get("tests", ()))}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python tools/mutants", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these")
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "mutants")
    parser.add_argument("--list", type=Path, default=Path(__file__).with_name("mutants.toml"))
    parser.add_argument("--again", action="store_true", help="forget earlier results")
    given = parser.parse_args()
    mutants = [m for m in read_list(given.list) if not given.names or m.name in given.names]
    work = given.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    notes = work / "results.jsonl"
    if given.again:
        notes.unlink(missing_ok=True)
    results = read_killed(notes, mutants)
    left = [mutant for mutant in mutants if mutant.name not in results]
    tree = prepare(work) if left else work
    for mutant in left:
        results[mutant.name] = try_mutant(tree, mutant)
        with notes.open("a", encoding="utf-8") as out:
            out.write(json.dumps(results[mutant.name]) + "\n")
        print(f"{mutant.name}: {results[mutant.name]['killed_by'] or 'SURVIVED'}", flush=True)
    killed = [m for m in mutants if results[m.name]["killed_by"]]
    print(f"{len(killed)} of {len(mutants)} killed")
    for mutant in mutants:
        if mutant not in killed:
            print(f"survived: {mutant.name}: {mutant.file}: {mutant.old!r} became {mutant.new!r}")
    return int(len(killed) < len(mutants))


if __name__ == "__main__":
    sys.exit(main())
