"""Starting is quick, and can be interrupted: what is imported when, and Ctrl-C meanwhile."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import pagecache as pc
from pagecache.cli.program import COMMANDS
from pagecache.measure import worker

HEAVY = {"numpy", "rich", "psutil", "pandas", "importlib.metadata", "multiprocessing", "asyncio"}
LOADED = "; import json, sys; sys.stderr.write(json.dumps(sorted(sys.modules)))"


def modules_after(code: str, *arguments: str) -> set[str]:
    """What is loaded after some code, its exit caught."""
    text = f"try:\n    {code}\nexcept SystemExit:\n    pass\n{LOADED[2:]}"
    ran = subprocess.run(
        [sys.executable, "-c", text, *arguments], capture_output=True, text=True, check=True
    )
    return set(json.loads(ran.stderr))


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_and_version_load_nothing_heavy(option: str) -> None:
    loaded = modules_after("from pagecache.cli import main; main()", option)
    assert loaded & HEAVY == set()
    assert {name for name in loaded if name.startswith("pagecache.")} <= {
        "pagecache.cli",
        "pagecache.cli.interrupt",
        "pagecache.cli.program",
        "pagecache.errors",
        "pagecache.lazy",
        "pagecache.printable",
    }


def test_next_to_nothing_is_loaded_before_ctrl_c_is_answered() -> None:
    """Each module loaded before that is a moment in which Ctrl-C is a traceback."""
    before = modules_after("pass")
    assert modules_after("import pagecache.cli") - before <= {
        "__future__",
        "importlib",
        "importlib._bootstrap",
        "importlib._bootstrap_external",
        "importlib.machinery",
        "pagecache",
        "pagecache.cli",
        "pagecache.cli.interrupt",
        "pagecache.lazy",
        "warnings",
    }


def test_import_alone_loads_no_module_of_the_package() -> None:
    loaded = modules_after("import pagecache")
    assert loaded & HEAVY == set()
    assert {name for name in loaded if name.startswith("pagecache.")} == {"pagecache.lazy"}


def test_xarray_loads_no_more_than_it_needs() -> None:
    loaded = modules_after("import pagecache as pc; pc.XArray()")
    assert loaded & HEAVY <= {"numpy"}
    rooms = {name.split(".")[1] for name in loaded if name.startswith("pagecache.")}
    assert rooms <= {"xarray", "chunks", "errors", "lazy", "pointer", "_cyutility"}


def test_worker_of_bare_indexes_loads_nothing_of_mappings_and_of_what_is_installed() -> None:
    job = '{"cases": [], "seed": 0, "process": 0, "cpu": 0}'
    code = (
        f"import io, sys; sys.stdin = io.StringIO({job!r}); from pagecache.measure import worker; "
        "worker.KINDS['indexes']; from pagecache import designs; designs.find('thp-multi'); "
        "worker.main()"
    )
    loaded = modules_after(code)
    assert "pagecache.measure.bench" in loaded
    assert not loaded & {"pagecache.measure.mapping_bench", "importlib.metadata", "rich"}


def test_look_at_files_loads_no_reader_of_traces_and_no_pictures() -> None:
    loaded = modules_after("import pagecache.cli.live")
    rooms = ("inputs.formats", "inputs.trace", "inputs.files", "live.fallback", "live.experiment")
    assert "pagecache.live.look" in loaded
    assert not loaded & {
        "numpy.random",
        "pagecache.picture.svg",
        *(f"pagecache.{r}" for r in rooms),
    }


def test_kinds_of_cases_have_their_names() -> None:
    assert {name: kind.kind for name, kind in worker.KINDS.items()} == {
        name: name for name in ("indexes", "mappings", "threads")
    }


def test_names_of_the_package_are_all_there() -> None:
    code = (
        "from pagecache import *; import pagecache; print(dir(pagecache)); print(sorted(globals()))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    listed, imported = map(eval, ran.stdout.splitlines())
    assert set(pc.__all__) <= set(listed) & set(imported)
    assert {name for name in listed if not name.startswith("_")} == set(pc.__all__)
    for name in pc.__all__:
        assert getattr(pc, name) is getattr(pc, name)


def test_stub_names_what_the_package_has() -> None:
    """Type checkers read the stub; every name in it comes from where the package takes it."""
    lines = Path(pc.__file__).with_name("__init__.pyi").read_text().splitlines()
    found = {}
    for line in lines:
        if line.startswith("from "):
            _, module, _, name, _, shown = line.split()
            assert name == shown
            found[name] = module if module == "pagecache" else f"{module}:{name}"
    modules = {name: f"pagecache.{name}" for name, where in found.items() if where == "pagecache"}
    assert {**found, **modules} == pc.NAMES


def test_modules_are_attributes_without_being_imported_first() -> None:
    code = "import pagecache as pc; print(pc.gfp.Gfp(0xCC0), pc.xarray.__name__)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "GFP_KERNEL pagecache.xarray\n"


@pytest.mark.parametrize(
    ("name", "now"), [("supply", "allocation"), ("index", "xarray"), ("memory", "buddy")]
)
def test_name_that_is_gone_is_told_the_new_one(name: str, now: str) -> None:
    with pytest.raises(AttributeError, match=f"'{name}'; it is called pagecache.{now}"):
        getattr(pc, name)
    assert not hasattr(pc, "nothing")


@pytest.mark.parametrize(
    ("line", "now"),
    [
        ("import pagecache.supply", "pagecache.allocation"),
        ("import pagecache.supply.registry", "pagecache.allocation"),
        ("from pagecache import supply", "pagecache.allocation"),
        ("from pagecache.supply import make", "pagecache.allocation"),
        ("import pagecache.index.xarray", "pagecache.xarray"),
        (
            "from pagecache.memory.gfp import Gfp",
            "pagecache.buddy, pagecache.page or pagecache.gfp",
        ),
        ("from pagecache.mapping.replay import replay", "pagecache.replaying.replay"),
        ("import pagecache.mapping.operations", "pagecache.replaying"),
        ("import pagecache.mapping.filesystems", "pagecache.mapping.storage.filesystems"),
        ("from pagecache.report.comparison import compare", "pagecache.compare"),
    ],
)
def test_import_of_a_module_that_is_gone_says_what_it_is_called_now(line: str, now: str) -> None:
    with pytest.raises(ImportError, match=f"is called {now} now"):
        exec(line)
    with pytest.raises(ImportError, match=r"No module named .pagecache\.nothing"):
        exec("import pagecache.nothing")


# Interrupted ------------------------------------------------------------------------------------

INTERRUPTED = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.{handler})  # what runs in the background ignores it
class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == {name!r}:
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Interrupting())
from pagecache.cli import main
sys.argv = ["pagecache", *{arguments!r}]
sys.exit(main())
"""
IMPORTS = {
    "compare": ("numpy", "rich.console", "psutil", "pagecache.designs.registry"),
    "show": ("pagecache.cli.program", "argparse", "pagecache.errors", "rich.console"),
    "conformance": ("pagecache.conformance",),
}


@pytest.mark.parametrize(
    ("command", "name"), [(command, name) for command in IMPORTS for name in IMPORTS[command]]
)
def test_ctrl_c_during_any_import_is_one_line(command: str, name: str) -> None:
    """Wherever it comes: the signal is sent as the module is looked for."""
    code = INTERRUPTED.format(name=name, arguments=[command], handler="default_int_handler")
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (130, "")
    assert ran.stderr == "pagecache: interrupted before anything was measured\n"


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("wait", [0.0, 0.05, 0.12, 0.25, 0.5])
def test_ctrl_c_soon_after_the_start_is_no_traceback(command: str, wait: float) -> None:
    """Real signals, from the moment on that the command line begins to import what it needs."""
    given = {"compare": ["--size", "1G"], "show": ["-"], "conformance": ["-"]}.get(command, [])
    process = subprocess.Popen(
        [sys.executable, "-X", "importtime", "-m", "pagecache", command, *given],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    )
    assert process.stderr is not None
    # Before the interpreter has come so far, it answers itself: that is not ours.
    assert any(line.split()[-1] == b"argparse" for line in process.stderr)
    time.sleep(wait)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    said = [line for line in err.splitlines() if not line.startswith(b"import time:")]
    assert b"Traceback" not in out + err
    assert process.returncode in {0, 2, 130, -signal.SIGINT}  # the last: as the interpreter ends
    if process.returncode == 130:
        assert said in ([], [b"pagecache: interrupted before anything was measured"])


def test_caller_who_ignores_ctrl_c_is_not_overruled() -> None:
    code = INTERRUPTED.format(name="argparse", arguments=["--version"], handler="SIG_IGN")
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout.startswith("pagecache ")) == (0, True)
