"""Build of the compiled modules; everything else is in pyproject.toml.

Environment (for work on pagecache itself):
    PAGECACHE_SANITIZE=address,undefined   build with these sanitizers
    PAGECACHE_JOBS=N                       threads of the .pyx -> .c half
"""

import os
import subprocess
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup

# Every .pyx of the package: a new module needs no line here.
MODULES = sorted(".".join(path.with_suffix("").parts) for path in Path("pagecache").rglob("*.pyx"))

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
    "freethreading_compatible": True,
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
        extra_compile_args=compile_args,
        extra_link_args=link_args,
    )


setup(
    ext_modules=cythonize(
        [*map(extension, MODULES), extension(UTILITY, ".c")],
        compiler_directives=directives,
        shared_utility_qualified_name=UTILITY,
        nthreads=int(os.environ.get("PAGECACHE_JOBS", os.cpu_count() or 1)),
        emit_linenums=checked,
        force=checked,
    )
)
