"""A module imports from lower floors only; this reads every import and cimport and holds that."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "pagecache"
SUFFIXES = (".py", ".pyx", ".pyi", ".pxd")

FLOORS = {
    0: [
        "xarray",
        "structures",
        "buddy",
        "page",
        "gfp",
        "inputs",
        "results",
        "writing",
        "chunks",
        "errors",
        "lazy",
        "picture",
        "printable",
        "relaxed",
        "sizes",
        "pointer",
        "apart",
    ],
    1: ["designs", "allocation"],
    2: ["mapping", "replaying"],
    3: ["live"],
    4: ["measure", "sweep", "conformance"],
    5: ["report", "studies", "explaining"],
    6: ["cli", "comparing"],
    7: ["__init__", "__main__"],
}
FLOOR_OF = {part: floor for floor, parts in FLOORS.items() for part in parts}
FOR_ALL = {
    "chunks",
    "errors",
    "lazy",
    "picture",
    "pointer",
    "printable",
    "relaxed",
    "results",
    "sizes",
    "writing",
    "__version__",
}
BESIDE = {("cli", "comparing"), ("studies", "report")}  # of one floor, and one of the other's users
NEVER = {"designs": {"inputs"}}  # lower, yet not for these: no input may favour a design

FROM = re.compile(r"^[ \t]*from[ \t]+([\w.]+)[ \t]+c?import[ \t]*(\([^)]*\)|.*)", re.MULTILINE)
PLAIN = re.compile(r"^[ \t]*c?import[ \t]+(\w.*)", re.MULTILINE)
DOCSTRING = re.compile(r'""".*?"""', re.DOTALL)


def python_imports(text: str) -> Iterator[tuple[int, str]]:
    """(line, dotted name) of all that is imported, inside functions too."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            yield from ((node.lineno, join(module, alias.name)) for alias in node.names)


def cython_imports(text: str) -> Iterator[tuple[int, str]]:
    """The same of Cython code: its import and cimport lines, docstrings left out."""
    code = DOCSTRING.sub(lambda found: "\n" * found[0].count("\n"), text)
    for found in FROM.finditer(code):
        yield from ((line_of(code, found), join(found[1], name)) for name in names_in(found[2]))
    for found in PLAIN.finditer(code):
        yield from ((line_of(code, found), name) for name in names_in(found[1]))


def line_of(code: str, found: re.Match[str]) -> int:
    return code.count("\n", 0, found.start()) + 1


def names_in(text: str) -> list[str]:
    """The names of ``a, b as c  # why``, between brackets or not."""
    bare = re.sub(r"#.*", "", text).strip("()\\ \t\n")
    return [name.split()[0] for name in bare.split(",") if name.strip()]


def join(module: str, name: str) -> str:
    return module + name if module.endswith(".") else f"{module}.{name}"


def absolute(name: str, importer: str) -> str:
    """A dotted name without its leading dots, each one step further up from the importer."""
    bare = name.lstrip(".")
    level = len(name) - len(bare)
    return ".".join([*importer.split(".")[:-level], bare]) if level else bare


def dotted_name(root: Path, path: Path) -> str:
    return ".".join([root.name, *path.relative_to(root).with_suffix("").parts])


def part_of(dotted: str) -> str:
    """The folder or top module of a dotted name: pagecache.xarray.node is part of index."""
    return [*dotted.split("."), "__init__"][1]


def imported_part(dotted: str) -> str:
    """The same of an imported name; a name that is no part is the package's own."""
    part = part_of(dotted)
    return part if part in FLOOR_OF.keys() | FOR_ALL else "__init__"


def file_of(root: Path, dotted: str) -> Path:
    """The file that a module, or a name of a module, is found in."""
    path = root.joinpath(*dotted.split(".")[1:])
    while True:
        files = [path.with_suffix(suffix) for suffix in SUFFIXES] + [path / "__init__.py"]
        found = [file for file in files if file.exists()]
        if found or path.is_dir():
            return [*found, path][0]
        path = path.parent


def allowed(importer: str, imported: str) -> bool:
    """May a part of the package import another?"""
    if imported in FOR_ALL | {importer} or (importer, imported) in BESIDE:
        return True
    lower = FLOOR_OF.get(importer, -1) > FLOOR_OF[imported]
    return lower and imported not in NEVER.get(importer, set())


def sources(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("*") if path.suffix in SUFFIXES)


def imports_of(root: Path, path: Path) -> Iterator[tuple[int, str]]:
    """(line, dotted name) of what one file imports from the package `root`."""
    read = python_imports if path.suffix in {".py", ".pyi"} else cython_imports
    for line, name in read(path.read_text()):
        target = absolute(name, dotted_name(root, path))
        if target.split(".")[0] == root.name:
            yield line, target


def placed(root: Path, path: Path, part: str, place: str = "") -> str:
    return f"{path.relative_to(root.parent)}{place} (floor {FLOOR_OF.get(part)})"


def upward_imports(root: Path) -> list[str]:
    """A sentence for each import that does not go down, naming both files."""
    sentences = []
    for path in sources(root):
        importer = part_of(dotted_name(root, path))
        for line, target in imports_of(root, path):
            imported = imported_part(target)
            if not allowed(importer, imported):
                above = placed(root, path, importer, f":{line}")
                sentences.append(f"{above} imports {placed(root, file_of(root, target), imported)}")
    return list(dict.fromkeys(sentences))


def test_every_part_of_the_package_stands_on_a_floor() -> None:
    parts = {part_of(dotted_name(PACKAGE, path)) for path in sources(PACKAGE)}
    assert parts - FLOOR_OF.keys() == set()


def test_every_import_goes_down() -> None:
    upward = upward_imports(PACKAGE)
    assert not upward, "\n".join(upward)


def test_checker_reads_the_imports_of_this_package() -> None:
    entries = {name for _, name in imports_of(PACKAGE, PACKAGE / "xarray" / "entries.pyx")}
    assert {"pagecache.xarray.walk.xa_load", "pagecache.errors.EntryExists"} <= entries
    init = {name for _, name in imports_of(PACKAGE, PACKAGE / "__init__.pyi")}
    assert "pagecache.xarray.xarray.XArray" in init


def package(tmp_path: Path, files: dict[str, str]) -> Path:
    """A small package of that name, to be checked."""
    for name, text in files.items():
        path = tmp_path / "pagecache" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "pagecache"


UPWARD = [
    "import pagecache.designs.slots",
    "import os, pagecache.designs.slots as slots",
    "from pagecache.designs.slots import Slots",
    "from pagecache.designs import slots",
    "from pagecache.designs.slots import (\n    Slots,\n    other,\n)",
    "from ..designs.slots import Slots",
    "from ..designs import slots",
]


@pytest.mark.parametrize("line", [*UPWARD, "def late():\n    import pagecache.designs.slots"])
@pytest.mark.parametrize("suffix", ["py", "pyi", "pyx", "pxd"])
def test_upward_import_is_caught_and_names_both_files(
    tmp_path: Path, line: str, suffix: str
) -> None:
    root = package(tmp_path, {f"xarray/node.{suffix}": line, "designs/slots.pyx": ""})
    number = 1 + line.startswith("def")
    assert upward_imports(root) == [
        f"pagecache/xarray/node.{suffix}:{number} (floor 0) "
        "imports pagecache/designs/slots.pyx (floor 1)"
    ]


@pytest.mark.parametrize("line", UPWARD)
@pytest.mark.parametrize("suffix", ["pyx", "pxd"])
def test_upward_cimport_is_caught_and_names_both_files(
    tmp_path: Path, line: str, suffix: str
) -> None:
    text = f'"""First,\n\nthe docs."""\n\n{line.replace("import", "cimport")}  # why\n'
    root = package(tmp_path, {f"xarray/node.{suffix}": text, "designs/slots.pxd": ""})
    assert upward_imports(root) == [
        f"pagecache/xarray/node.{suffix}:5 (floor 0) imports pagecache/designs/slots.pxd (floor 1)"
    ]


@pytest.mark.parametrize(
    ("importer", "imported"),
    [
        ("xarray", "buddy"),
        ("buddy", "page"),
        ("page", "gfp"),
        ("gfp", "inputs"),
        ("inputs", "live"),
        ("errors", "xarray"),
        ("structures", "xarray"),
        ("designs", "allocation"),
        ("designs", "inputs"),
        ("measure", "sweep"),
        ("report", "studies"),
    ],
)
def test_import_from_a_neighbour_is_caught(tmp_path: Path, importer: str, imported: str) -> None:
    line = f"from pagecache.{imported}.b import c"
    root = package(tmp_path, {f"{importer}/a.py": line, f"{imported}/b.py": ""})
    (sentence,) = upward_imports(root)
    assert f"pagecache/{importer}/a.py:1 " in sentence
    assert f"pagecache/{imported}/b.py " in sentence


@pytest.mark.parametrize(
    ("importer", "line"),
    [
        ("designs", "from pagecache.xarray.xarray import XArray"),
        ("designs", "from pagecache.page.frames import Frames"),
        ("mapping", "from pagecache import designs, inputs"),
        ("xarray", "from pagecache.errors import InputError"),
        ("buddy", "from pagecache.results import Results"),
        ("xarray", "from . import node"),
        ("cli", "from pagecache import __version__"),
        ("xarray", "import numpy\nfrom os import path"),
        ("xarray", '"""An example.\n\nfrom pagecache.designs import slots\n"""'),
    ],
)
def test_import_that_goes_down_or_stays_passes(tmp_path: Path, importer: str, line: str) -> None:
    files = {f"{importer}/a.py": line, f"{importer}/b.pyx": line}
    assert upward_imports(package(tmp_path, files)) == []


def test_names_of_the_package_itself_are_its_top_floor(tmp_path: Path) -> None:
    files = {"cli/a.py": "from pagecache import XArray", "__init__.py": "", "__main__.py": ""}
    assert upward_imports(package(tmp_path, files)) == [
        "pagecache/cli/a.py:1 (floor 6) imports pagecache/__init__.py (floor 7)"
    ]
