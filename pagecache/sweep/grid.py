"""A grid of studies as TOML: a key is a list of choices, a cell takes one of each.

    designs  = ["thp-multi", "base-4k"]          names of `pagecache designs`
    sizes    = ["64M", "1G"]                     generated files; or traces = ["traces/*.csv.gz"]
    alloc    = ["compound", "fallback"]          allocation policies
    holes    = ["zero-pages", "zero-entries"]    makes half of a generated file hole
    blocks   = ["4K", "64K", "2M"]               of the filesystem
    fragment = ["none", "keep-one-of:8:80%"]     how free memory is scattered
    memory   = ["256M"]                          that frames come from; else room for the file
    seeds    = [0, 1, 2, 3]

All but `sizes` or `traces` may be left out.  A complaint names the line and the key.
"""

import glob
import math
import os
import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Any

from pagecache import designs
from pagecache.allocation.arguments import pages, parse_fragment
from pagecache.allocation.memory import Memory
from pagecache.allocation.registry import POLICIES
from pagecache.errors import InputError, did_you_mean, unknown
from pagecache.inputs import PAGE_SIZE, bundled, parse_size
from pagecache.inputs.traces import find_trace
from pagecache.mapping.file import block_of
from pagecache.sweep.cell import NO_FRAGMENT, Cell, short, unfit

KEYS = ("designs", "sizes", "traces", "alloc", "holes", "blocks", "fragment", "memory", "seeds")
MOST_CELLS = 10_000_000
Left = list[tuple[Cell, str]]


@dataclass(frozen=True)
class Grid:
    """What a file asks for; None for a key that is not there.

    Attributes
    ----------
    path : str
    text : str
        The file as it is.
    values : dict
        The values by key, checked, in the order of the file.
    """

    path: str
    text: str
    values: dict[str, tuple[Any, ...]]

    @cached_property
    def crossed(self) -> tuple[list[Cell], Left]:
        """The cells that fit, numbered from 0, and the others with the reason.  O(cells)

        Raises
        ------
        InputError
            Nothing is left.
        """
        fit: list[Cell] = []
        left: Left = []
        known: dict[tuple[object, ...], str | None] = {}
        for cell in self._all():
            if cell.choices not in known:
                known[cell.choices] = unfit(cell)
            why = known[cell.choices]
            if why is None:
                fit.append(cell.numbered(len(fit)))
            else:
                left.append((cell, why))
        if not fit:
            line = line_of(self.text, next(iter(self.values)))
            raise InputError(f"{self.path}:{line}: no combination is left; the first: {left[0][1]}")
        return fit, left

    @property
    def cells(self) -> list[Cell]:
        """The cells that fit, numbered from 0."""
        return self.crossed[0]

    @property
    def left_out(self) -> Left:
        """The combinations that do not fit, with the reason."""
        return self.crossed[1]

    @property
    def traces(self) -> dict[str, str]:
        """Where each trace lies, by the name that cells have."""
        folder = os.path.dirname(os.path.abspath(self.path))
        return {name: place(name, folder) for name in self.values.get("traces", ())}

    def _all(self) -> Iterator[Cell]:
        """Every combination; seeds vary fastest."""
        sources = [("size", size) for size in self.values.get("sizes", ())]
        sources += [("trace", name) for name in self.values.get("traces", ())]
        rest = ("designs", "alloc", "holes", "blocks", "fragment", "memory", "seeds")
        lists = {name: self.values.get(name, USUAL[name]) for name in rest}
        half = "holes" in self.values
        for chosen in product(lists["designs"], sources, *(lists[name] for name in rest[1:])):
            design, (kind, source), alloc, holes, block, fragment, memory, seed = chosen
            yield Cell.of(
                design,
                **{kind: source},
                alloc=alloc,
                holes=holes,
                half_hole=half,
                block=block,
                fragment=fragment,
                memory=memory,
                seed=seed,
            )


USUAL: dict[str, tuple[Any, ...]] = {
    "designs": ("thp-multi",),
    "alloc": (None,),
    "holes": (None,),
    "blocks": (None,),
    "fragment": (NO_FRAGMENT,),
    "memory": (None,),
    "seeds": (0,),
}


def read_grid(path: str | Path) -> Grid:
    """Read and check a grid.

    Raises
    ------
    InputError
        ``GRID.toml:LINE: KEY: what is wrong; remedy``.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.NamedTemporaryFile("w", suffix=".toml") as file:
    ...     _ = file.write('sizes = ["1M", "2M"]\\nalloc = ["compound", "fallback"]\\n')
    ...     file.flush()
    ...     len(read_grid(file.name).cells)
    4
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise InputError(f"{path}: this is no text; give a grid in TOML") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); check it") from None
    return parse_grid(text, str(path))


def parse_grid(text: str, path: str) -> Grid:
    """The same of a text, of a file at `path`."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(broken(path, text, str(error))) from None
    checking = Checking(path, text)
    values = {key: checking.values(key, given) for key, given in table.items()}
    if "sizes" not in values and "traces" not in values:
        raise InputError(f'{path}:1: sizes: it is missing, and so is traces; add sizes = ["1G"]')
    if "traces" in values and "sizes" in values:
        raise checking.error("sizes", "traces are given already; leave one of the two out")
    if "traces" in values and "holes" in values:
        raise checking.error("holes", "a trace says nothing of holes; leave the key out")
    count = math.prod(map(len, values.values()))
    if count > MOST_CELLS:
        what = f"{count:,} cells are over {MOST_CELLS:,}; split the grid"
        raise checking.error(next(iter(values)), what)
    return Grid(path, text, values)


def broken(path: str, text: str, message: str) -> str:
    """The line for what is no TOML."""
    found = re.search(r"^(.*?) \(at (?:line (\d+), column \d+|end of document)\)$", message)
    what, line = (found[1], found[2]) if found else (message, None)
    line = line or str(max(len(text.splitlines()), 1))
    row = text.splitlines()[int(line) - 1] if text else ""
    key = row.partition("=")[0].strip()
    return f"{path}:{line}: {f'{key}: ' if key.isidentifier() else ''}{what}; write KEY = [...]"


class Checking:
    """Checks what a grid says, key by key; complaints name the line."""

    def __init__(self, path: str, text: str) -> None:
        self.path, self.text = path, text
        self.checks: dict[str, Callable[[Any], Any]] = {
            "designs": check_design,
            "sizes": check_size,
            "alloc": lambda given: check_name("policy", given, tuple(POLICIES)),
            "holes": lambda given: check_name("hole policy", given, designs.HOLES),
            "blocks": check_block,
            "fragment": check_fragment,
            "memory": check_memory,
            "seeds": check_seed,
        }

    def values(self, key: str, given: Any) -> tuple[Any, ...]:
        """The values of a key as cells have them."""
        if key not in KEYS:
            known = f"{did_you_mean(key, KEYS)}known: {', '.join(KEYS)}"
            raise self.error(key, f"unknown key; {known}")
        if not isinstance(given, list):
            raise self.error(key, f"{given!r} is no list; write {key} = [...]")
        if not given:
            raise self.error(key, "the list is empty; name one, or leave the key out")
        found = [one for value in given for one in self._one(key, value)]
        for place_, value in enumerate(found):
            if value in found[:place_]:
                raise self.error(key, f"{value!r} is there twice; leave one out")
        return tuple(found)

    def _one(self, key: str, value: Any) -> list[Any]:
        try:
            if key == "traces":
                return check_traces(value, os.path.dirname(os.path.abspath(self.path)))
            return [self.checks[key](value)]
        except (InputError, ValueError) as error:
            raise self.error(key, str(error), value) from None

    def error(self, key: str, what: str, value: Any = None) -> InputError:
        return InputError(f"{self.path}:{line_of(self.text, key, value)}: {key}: {what}")


def line_of(text: str, key: str, value: Any = None) -> int:
    """The line that a key, or a value in its list, stands in.

    Examples
    --------
    >>> line_of('seeds = [1]\\nsizes = [\\n  "1M",\\n  "x",\\n]\\n', "sizes", "x")
    4
    """
    found = re.search(rf"^[ \t]*[\"'\[]*{re.escape(key)}\b", text, re.MULTILINE)
    at = found.start() if found else 0
    if value is not None:
        written = rf"[\"']{re.escape(value)}[\"']" if isinstance(value, str) else rf"{value!r}"
        inside = re.compile(written).search(text, at)
        at = inside.start() if inside else at
    return text.count("\n", 0, at) + 1


def check_text(value: Any, such: str) -> str:
    if not isinstance(value, str):
        raise InputError(f"{value!r} is no text; write {such}")
    return value


def check_name(what: str, value: Any, known: tuple[str, ...]) -> str:
    name = check_text(value, f'"{known[0]}"')
    if name not in known:
        raise InputError(unknown(what, name, known))
    return name


def check_design(value: Any) -> str:
    return designs.find(check_text(value, '"thp-multi"')).name


def bare(error: InputError, option: str) -> InputError:
    """The complaint without the name of an argument that nobody gave."""
    return InputError(str(error).removeprefix(f"{option}: "))


def check_size(value: Any) -> int:
    """Bytes of a generated file."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise InputError(f'{value!r} is not a size; write "512M" or "1G"')
    try:
        return parse_size(value)
    except InputError as error:
        raise bare(error, "--size") from None


def check_block(value: Any) -> str:
    """A block as rows have it: 4K, 64K, 2M, 1G."""
    try:
        size = parse_size(check_text(value, '"64K"'), "block")
        order = block_of(size, huge=size == 1 << 30)
    except InputError as error:
        raise bare(error, "block") from None
    return short(PAGE_SIZE << order)


def check_memory(value: Any) -> int:
    """Bytes of memory, whole pages of them."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise InputError(f'{value!r} is not a size; write "512M" or "4G"')
    try:
        return pages(value, "memory") * PAGE_SIZE
    except InputError as error:
        raise bare(error, "memory") from None


def check_fragment(value: Any) -> str:
    """How memory is scattered, tried on a small one."""
    text = check_text(value, f'"{NO_FRAGMENT}" or "keep-one-of:8:80%"')
    if text != NO_FRAGMENT:
        try:
            pattern, k, share = parse_fragment(text, "fragment")
            Memory("16M", min_free=0).fragment(pattern, k=k, share=share)
        except InputError as error:
            raise bare(error, "fragment") from None
        except ValueError as error:
            raise InputError(f"{error}; write keep-one-of:8:80% or {NO_FRAGMENT}") from None
    return text


def check_seed(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 1 << 63:
        raise InputError(f"{value!r} is no seed; give a whole number from 0 to 2**63 - 1")
    return value


def check_traces(value: Any, folder: str) -> list[str]:
    """The traces that a pattern names, as the grid's folder has them."""
    pattern = check_text(value, '"traces/*.csv.gz"')
    found = sorted(
        name
        for name in glob.glob(pattern, root_dir=folder, recursive=True)
        if os.path.isfile(os.path.join(folder, name))
    )
    if not found and pattern in bundled():
        return [pattern]
    if not found:
        raise InputError(f"{pattern!r} names no file in {folder}; give a trace or a glob of traces")
    return found


def place(name: str, folder: str) -> str:
    """Where a trace of that name lies."""
    path = os.path.join(folder, name)
    return path if os.path.lexists(path) else find_trace(name)
