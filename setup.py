"""Build of the compiled modules; everything else is in pyproject.toml.

Environment (for work on pagecache itself):
    PAGECACHE_SANITIZE=address,undefined   build with these sanitizers
    PAGECACHE_JOBS=N                       threads of the .pyx -> .c half
"""

import os
import subprocess

from Cython.Build import cythonize
from setuptools import Extension, setup

# The one list of compiled modules, lower floors first.
MODULES = [
    "pagecache.index.node",
    "pagecache.index.marks",
    "pagecache.index.trim",
    "pagecache.index.store",
    "pagecache.index.find",
    "pagecache.index.text",
    "pagecache.index.api",
    "pagecache.index.alloc",
    "pagecache.index.split",
    "pagecache.index.step",
    "pagecache.index.range",
    "pagecache.index.batch",
    "pagecache.index.batch_store",
    "pagecache.index.batch_scan",
    "pagecache.index.convert",
    "pagecache.index.cursor",
    "pagecache.index.xarray",
    "pagecache.index.loops",
    "pagecache.index.page_index",
    "pagecache.memory.scope",
    "pagecache.memory.scope_loops",
    "pagecache.memory.window",
    "pagecache.memory.kvmalloc",
    "pagecache.memory.frames",
    "pagecache.memory.records",
    "pagecache.memory.counts",
    "pagecache.memory.mapcount",
    "pagecache.memory.bitset",
    "pagecache.memory.blocks",
    "pagecache.memory.pcp",
    "pagecache.memory.measures",
    "pagecache.memory.compact",
    "pagecache.memory.zone",
    "pagecache.memory.check",
    "pagecache.memory.buddy",
    "pagecache.memory.fragment",
    "pagecache.memory.ageing",
    "pagecache.memory.loading",
    "pagecache.memory.moves",
    "pagecache.memory.loops",
    "pagecache.supply.supply",
    "pagecache.designs.file_index",
    "pagecache.designs.entries",
    "pagecache.supply.buddy_supply",
    "pagecache.supply.pages",
    "pagecache.supply.compound",
    "pagecache.supply.fallback",
    "pagecache.supply.min_order",
    "pagecache.supply.huge_pool",
    "pagecache.supply.loops",
    "pagecache.designs.xarray_index",
    "pagecache.designs.one_entry",
    "pagecache.designs.multi_entry",
    "pagecache.designs.pfn_entry",
    "pagecache.designs.slots",
    "pagecache.designs.record_index",
    "pagecache.mapping.operations",
    "pagecache.mapping.extents",
    "pagecache.mapping.readahead",
    "pagecache.mapping.sharing",
    "pagecache.mapping.core",
    "pagecache.mapping.writeback",
    "pagecache.mapping.evict",
    "pagecache.mapping.populate",
    "pagecache.mapping.breaking",
    "pagecache.mapping.holes",
    "pagecache.mapping.access",
    "pagecache.mapping.truncate",
    "pagecache.mapping.faults",
    "pagecache.mapping.loop",
    "pagecache.mapping.view",
    "pagecache.mapping.mapping",
    "pagecache.measure.probe",
]

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
