"""Build of the compiled modules; everything else is in pyproject.toml.

Environment (for work on pagecache itself):
    PAGECACHE_SANITIZE=address,undefined   build with these sanitizers
    PAGECACHE_JOBS=N                       threads of the .pyx -> .c half
"""

import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from setuptools import Extension, setup

# Every .pyx of the package: a new module needs no line here.
MODULES = sorted(".".join(path.with_suffix("").parts) for path in Path("pagecache").rglob("*.pyx"))

COMPILING = {"build", "build_ext", "bdist_wheel", "develop", "editable_wheel", "install"}

sanitize = os.environ.get("PAGECACHE_SANITIZE", "")
compile_args = ["-O3", "-fvisibility=hidden", "-g0"]
link_args = []
if sanitize:  # CPython's own flags carry -fwrapv, which would hide signed overflow
    compile_args = ["-O1", "-g", "-fno-omit-frame-pointer", "-fno-wrapv"]
    compile_args += [f"-fsanitize={sanitize}", "-fno-sanitize-recover=all"]
    link_args = [f"-fsanitize={sanitize}"]

checked = bool(sanitize)
directives = {
    "language_level": 3,
    "boundscheck": checked,
    "wraparound": False,
    "initializedcheck": checked,
    "cdivision": not checked,
    "embedsignature": True,
}
UTILITY = "pagecache._cyutility"  # Cython's helpers, compiled once instead of once a module


def commit() -> str:
    """The commit that is built, which results name; empty outside a checkout."""
    if not os.path.exists(".git"):
        return ""
    head = ["git", "rev-parse", "HEAD"]
    try:
        return subprocess.run(head, check=True, capture_output=True, text=True).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""


def extension(name: str, suffix: str = ".pyx") -> Extension:
    source = name.replace(".", "/") + suffix
    macros = [("PC_COMMIT", f'"{commit()}"')] if name.endswith(".probe") else []
    return Extension(
        name,
        [source],
        define_macros=macros,
        include_dirs=["pagecache/include"],
        extra_compile_args=compile_args,
        extra_link_args=link_args,
    )


def check_compiler() -> None:
    """Say what is missing before the first of many modules fails to compile."""
    if not COMPILING & set(sys.argv):
        return
    for word in shlex.split(os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc"):
        if word.startswith("-"):
            break
        if shutil.which(word) is None:
            sys.exit(
                f"pagecache: {word} is not installed, and pagecache needs a C compiler; install "
                "one (apt install gcc, dnf install gcc, apk add gcc musl-dev) and run this again"
            )
    header = Path(sysconfig.get_path("include"), "Python.h")
    if not header.exists():
        sys.exit(
            f"pagecache: {header} is missing, and pagecache needs Python's headers; install "
            "them (apt install python3-dev, dnf install python3-devel) and run this again"
        )


def extensions() -> list[Extension]:
    """The modules; their C made only if a command goes on to compile it."""
    found = [*map(extension, MODULES), extension(UTILITY, ".c")]
    if not COMPILING & set(sys.argv):
        return found
    from Cython.Build import cythonize  # noqa: PLC0415 - a missing compiler is said without it, too

    made: list[Extension] = cythonize(
        found,
        compiler_directives=directives,
        shared_utility_qualified_name=UTILITY,
        nthreads=int(os.environ.get("PAGECACHE_JOBS", os.cpu_count() or 1)),
        emit_linenums=checked,
        force=checked,
    )
    return made


check_compiler()
setup(ext_modules=extensions())
