"""The rules that the house keeps: sizes, words, essays, circles, and no room without a door.

Each rule yields a sentence for every place that breaks it. `EXCEPTIONS` may only shrink: a test
fails for one that is no longer needed.
"""

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from .test_layers import PACKAGE, dotted_name, imports_of, sources

ROOT = PACKAGE.parent
CODE = (".py", ".pyx", ".pxd", ".pyi")
FOLDERS = ("pagecache", "benchmarks", "tests", "tools", "docs", "examples")
MOST_LINES, MOST_FUNCTION_LINES, MOST_MODULES, MOST_SUMMARY_LINES = 400, 60, 24, 2
TABLES = {"pagecache/page/page_structs.pxd"}  # written by a script, from the tables of fields

EXCEPTIONS: dict[str, set[str]] = {}

# What the field calls otherwise, and what to write instead.
BANNED = {
    r"drawn anew|draw(s|ing)? anew|anew": "again, redrawn or reshuffled",
    r"loops? round nothing": "the empty loop",
    r"cannot be told from|can(not)? be told apart": "is not significantly different from",
    r"switched away": "involuntary context switches",
    r"thrown out": "discarded",
    r"\bto be had\b": "available",
    r"\bmend(s|ed|ing)?\b": "fix",
    r"\bputs?[ _]off\b": "deferred",
    r"\bthe article\b": "the 2018 list",
    r"\bcome by each leaf|comes? by each of\b": "visit",
    r"node_fault|find_fault": "violation",
    r"\bgrip_t\b|\bheld_t\b|\bways_t\b|\bgiven_back\b": "get_folio/put_folio, or the field's word",
    # Quoted or imported, it is the old name that is refused.
    r"(?<![-.\"'`])(?<!import )\bsuppl(y|ies)\b(?!=| of )": "allocation policy",
    r"what it raises comes out of": "exceptions propagate",
    r"\bwhat it is that\b": "what",
    r"(?<!there )\b(is|are) (?-i:none)\b(?! of)": "is invalid, or is unknown",
    r"of lists, orders and sparse files": "the plain list of what is meant",
    r"\bfor want of\b": "for lack of",
    r"\bone's own\b": "its own, your own",
    r"\bbut for\b": "except for",
    r"\bbe it\b|\bbe they\b": "even if, or both cases by name",
    r"\bin vain\b|\bof no avail\b": "without success",
    r"\b(has|have) it not\b|\bit has not\b(?! been)|\bit has none\b": "it lacks, it does not have",
    r"\bcomes? by\b|\bcame by\b": "visits, passes, or runs",
    r"\blet go\b|\blets go\b": "released, freed",
    r"\bobtain\(|\bput_back\(|\bdivide\(": "alloc, free, split",
    r"\b\w+\.ways\b": "behaviour, filesystem",
}


# What the rules read --------------------------------------------------------------------------


def files(*suffixes: str) -> Iterator[Path]:
    """The repository's own files with these suffixes."""
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in suffixes and "__pycache__" not in path.parts:
                yield path
    yield from (path for path in sorted(ROOT.glob("*")) if path.suffix in suffixes)


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def functions(path: Path) -> Iterator[tuple[str, int, int]]:
    """(name, line, lines) of each function of a file."""
    if path.suffix in {".py", ".pyi"}:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node.name, node.lineno, (node.end_lineno or node.lineno) - node.lineno + 1
    else:
        yield from cython_functions(path.read_text().splitlines())


HEADER = re.compile(r"^( *)(?:def|cdef|cpdef)\b(?! *(?:class|struct|enum|extern))[^=]*?(\w+)\(.*")


def cython_functions(lines: list[str]) -> Iterator[tuple[str, int, int]]:
    """The same of Cython code: a function ends before the next line that is not deeper in."""
    for start, line in enumerate(lines):
        found = HEADER.match(line)
        if found is None:
            continue
        indent, end, last = len(found[1]), start + 1, start
        while end < len(lines) and (not lines[end].strip() or depth(lines[end]) > indent):
            last = end if lines[end].strip() else last
            end += 1
        yield found[2], start + 1, last - start + 1


def depth(line: str) -> int:
    return len(line) - len(line.lstrip())


def docstring(path: Path) -> str:
    """The docstring that a module of either language begins with."""
    found = re.match(r'\s*(?:#[^\n]*\n)*\s*r?"""(.*?)"""', path.read_text(), re.DOTALL)
    return found[1].strip() if found else ""


def graph() -> dict[str, set[str]]:
    """Which module imports which, of both languages; a .pxd and its .pyx are one module."""
    modules = {dotted_name(PACKAGE, path).removesuffix(".__init__") for path in sources(PACKAGE)}
    arrows: dict[str, set[str]] = {module: set() for module in modules}
    for path in sources(PACKAGE):
        if path.suffix == ".pyi":
            continue
        importer = dotted_name(PACKAGE, path).removesuffix(".__init__")
        for _, target in imports_of(PACKAGE, path):
            module = next(name for name in prefixes(target) if name in modules)
            arrows[importer] |= {module} - {importer}
    return arrows


def prefixes(dotted: str) -> Iterator[str]:
    """a.b.c, a.b, a."""
    parts = dotted.split(".")
    return (".".join(parts[:end]) for end in range(len(parts), 0, -1))


# The rules ------------------------------------------------------------------------------------


def long_files() -> Iterator[str]:
    for path in files(*CODE):
        lines = len(path.read_text().splitlines())
        if lines > MOST_LINES and name_of(path) not in TABLES:
            yield f"{name_of(path)} has {lines} lines; at most {MOST_LINES}"


def long_functions() -> Iterator[str]:
    for path in files(*CODE):
        for name, line, lines in functions(path):
            if lines > MOST_FUNCTION_LINES and not is_face(path, name):
                yield f"{name_of(path)}:{line} {name} has {lines} lines; at most 60"


def is_face(path: Path, name: str) -> bool:
    """A public function whose numpydoc text fills the screen, not its code."""
    text = path.read_text()
    found = re.search(rf'def {name}\(.*?"""(.*?)"""', text, re.DOTALL)
    shown = next(lines for each, _, lines in functions(path) if each == name)
    return found is not None and shown - len(found[1].splitlines()) <= MOST_FUNCTION_LINES


def crowded_folders() -> Iterator[str]:
    for folder in [PACKAGE, *(path for path in PACKAGE.rglob("*") if path.is_dir())]:
        stems = {p.stem for p in folder.iterdir() if p.suffix in CODE} - {"__init__", "__main__"}
        if len(stems) > MOST_MODULES:
            yield f"{name_of(folder)} has {len(stems)} modules; at most {MOST_MODULES}"


def circles() -> Iterator[str]:
    """Each pair of modules that import one another, directly or through others."""
    arrows = graph()
    reached = {module: reach(arrows, arrows[module]) for module in arrows}
    for module in sorted(arrows):
        if module in reached[module]:
            yield f"{module} imports itself through {', '.join(sorted(arrows[module]))}"


def reach(arrows: dict[str, set[str]], start: Iterable[str]) -> set[str]:
    """All modules that can be come to from some."""
    found: set[str] = set()
    left = list(start)
    while left:
        module = left.pop()
        if module not in found:
            found.add(module)
            left += arrows.get(module, set())
    return found


def unreached_modules() -> Iterator[str]:
    """Modules that neither the package's face, nor the CLI, nor the benchmarks come to."""
    arrows = graph()
    text = "\n".join(path.read_text() for path in files(".py") if "benchmarks" in path.parts)
    doors = {module for module in arrows if module.startswith(("pagecache.cli", "pagecache.__"))}
    doors |= {"pagecache"} | named_in(text, arrows)
    for path in (path for path in sources(PACKAGE) if path.suffix == ".py"):
        arrows[dotted_name(PACKAGE, path).removesuffix(".__init__")] |= named_in(
            path.read_text(), arrows
        )
    reached = reach(arrows, doors)
    for module in sorted(arrows.keys() - reached):
        if not any(name.startswith(f"{module}.") for name in reached):
            yield f"{module} is not reached from pagecache, the CLI or benchmarks"


def named_in(text: str, modules: Iterable[str]) -> set[str]:
    """Modules whose dotted name stands in a text: imports inside functions, ``-m``, lazy names."""
    words = set(re.findall(r"pagecache(?:\.\w+)+", text))
    imported = re.findall(r"from (pagecache[\w.]*) c?import (?:\(([^)]*)\)|([^\n(]*))", text)
    for module, enclosed, plain in imported:
        words |= {f"{module}.{name.strip()}" for name in (enclosed or plain).split(",")}
    return {name for word in words for name in prefixes(word) if name in set(modules)}


def misplaced_essays() -> Iterator[str]:
    for path in sources(PACKAGE):
        body = path.with_suffix(".pyx")
        if path.suffix != ".pxd" or name_of(path) in TABLES:
            continue
        if not docstring(path):
            yield f"{name_of(path)} begins with no essay"
        if body.exists() and len(docstring(body).splitlines()) > MOST_SUMMARY_LINES:
            yield f"{name_of(body)} holds the essay; it belongs into {path.name}"


def silent_folders() -> Iterator[str]:
    """Folders whose ``__init__`` does not name each of their modules, or what they do not know.

    A module that the folder's registry names is named.
    """
    for path in PACKAGE.rglob("__init__.py"):
        if path.parent == PACKAGE:
            continue
        text = docstring(path)
        modules = {p.stem for p in path.parent.iterdir() if p.suffix in CODE and p.stem[0] != "_"}
        modules |= {p.parent.name for p in path.parent.glob("*/__init__.py")}
        registry = path.with_name("registry.py")
        said = path.read_text() + (registry.read_text() if registry.exists() else "")
        missing = sorted(name for name in modules if not re.search(rf"\b{name}\b", said))
        if missing:
            yield f"{name_of(path)} does not name {', '.join(missing)}"
        if stale := sorted(listed(text) - modules - {path.parent.name}):
            yield f"{name_of(path)} names {', '.join(stale)}, which is not there"
        if not re.search(r"\bknows?\b", text, re.IGNORECASE):
            yield f"{name_of(path)} does not say what the folder knows nothing of"


def listed(text: str) -> set[str]:
    """Modules that a folder's text lists: the words before the spaces that end a first column."""
    columns = re.findall(r"^ *([a-z_]+(?:, [a-z_]+)*)/?  +\S", text, re.MULTILINE)
    return {name for column in columns for name in column.split(", ")}


def empty_stubs() -> Iterator[str]:
    for path in sources(PACKAGE):
        if path.suffix == ".pyi":
            body = ast.parse(path.read_text()).body
            seen = [n for n in body if not isinstance(n, ast.Import | ast.ImportFrom | ast.Expr)]
            if not seen and path.stem != "__init__":
                yield f"{name_of(path)} says nothing; leave it out"


SEEN = re.compile(r"^(def|cpdef|cdef class|class|async def)\b", re.MULTILINE)


def missing_stubs() -> Iterator[str]:
    for path in sources(PACKAGE):
        bare = path.suffix == ".pyx" and not path.with_suffix(".pyi").exists()
        if bare and SEEN.search(path.read_text()):
            yield f"{name_of(path)} shows Python something and has no stub"


def banned_words() -> Iterator[str]:
    """Words of the first edition, in code, messages, tests and documents."""
    patterns = [(re.compile(old, re.IGNORECASE), new) for old, new in BANNED.items()]
    for path in files(*CODE, ".md", ".toml"):
        if path == Path(__file__) or path.name == "CHANGELOG.md":  # which says what is gone
            continue
        text = path.read_text()
        # Few stand anywhere in a file: a tenth of the time of asking every line for each.
        there = [(pattern, new) for pattern, new in patterns if pattern.search(text)]
        for number, line in enumerate(text.splitlines() if there else [], 1):
            for pattern, new in there:
                if found := pattern.search(line):
                    yield f"{name_of(path)}:{number}: {found[0]!r}; say: {new}"


PATH = re.compile(r"(?<![\w/.*-])((?:[\w-]+/)*[\w-]+\.(?:pxd|pyx|pxi|py|md))\b(?![\w(])")


def stale_paths() -> Iterator[str]:
    """Files that the code or a document names, and that are not there."""
    there = {name_of(path) for path in files(".pxd", ".pyx", ".pxi", ".py", ".md")}
    for path in files(*CODE, ".md"):
        if {"tests", "benchmarks"} & {*path.parts} or path.name == "CHANGELOG.md":
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            for named in PATH.findall(line):
                if not any(name == named or name.endswith(f"/{named}") for name in there):
                    yield f"{name_of(path)}:{number} names {named}, which is not there"


RULES: list[Callable[[], Iterator[str]]] = [
    long_files,
    long_functions,
    crowded_folders,
    circles,
    unreached_modules,
    misplaced_essays,
    silent_folders,
    empty_stubs,
    missing_stubs,
    stale_paths,
    banned_words,
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_house_keeps_the_rule(rule: Callable[[], Iterator[str]]) -> None:
    excepted = EXCEPTIONS.get(rule.__name__, set())
    broken = [sentence for sentence in rule() if not any(e in sentence for e in excepted)]
    assert not broken, "\n".join(broken)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_no_exception_is_left_over(rule: Callable[[], Iterator[str]]) -> None:
    sentences = list(rule()) if rule.__name__ in EXCEPTIONS else []
    unused = [e for e in EXCEPTIONS.get(rule.__name__, set()) if not any(e in s for s in sentences)]
    assert not unused, f"take these out of EXCEPTIONS: {unused}"
