"""Sizes and kvmalloc from somebody's Cython: structs that end in an array, checked by gcc."""

import subprocess
import sys
from pathlib import Path

import pytest

import pagecache as pc

USER = """
# cython: language_level=3
from libc.stdint cimport SIZE_MAX, uint32_t, uint64_t
from pagecache.gfp.bits cimport GFP_KERNEL
from pagecache.gfp.kvmalloc cimport (
    flex_size, in_window, kv_free, kv_malloc, kvfree, kvmalloc_array, kvmalloc_struct, kvzalloc)

cdef struct table_t:
    uint32_t count
    uint64_t items[0]
    MORE

def answers(size_t count):
    cdef table_t* table = <table_t*>kvzalloc(flex_size(table, table.MEMBER, count), GFP_KERNEL)
    cdef size_t k
    if table is NULL:
        return None
    total = table.count + sum(table.items[k] for k in range(count))
    placed = in_window(table)
    kvfree(table)
    return total, placed

def sizes(size_t count):
    cdef table_t* table = NULL
    return flex_size(table, table.MEMBER, count)

def refused(size_t count):
    cdef void* array = kvmalloc_array(count, 8, GFP_KERNEL)
    cdef void* table = kvmalloc_struct(16, 8, count, GFP_KERNEL)
    cdef void* small = kv_malloc(8)
    found = array is NULL, table is NULL, small is NULL
    kvfree(array)
    kvfree(table)
    kv_free(small)
    return found
"""

BUILD = """
import sys
from Cython.Build import cythonize
from setuptools import Extension, setup

user = Extension("pc_kv_user", ["pc_kv_user.pyx"], extra_compile_args=["-O1"])
setup(
    script_args=["build_ext", "--inplace"],
    ext_modules=cythonize([user], include_path=sys.argv[1:], language_level=3),
)
"""

CALLS = """
from pc_kv_user import answers, refused, sizes
print(answers(10), answers(1 << 20), answers(1 << 61), answers(1 << 31))
print(sizes(0), sizes(3), sizes(1 << 61) == 2**64 - 1, sizes((1 << 61) - 1) == 2**64 - 1)
print(refused(100), refused(1 << 61), refused(1 << 60))
"""


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command], cwd=folder, capture_output=True, text=True, check=False
    )


def build(folder: Path, member: str, more: str = "pass") -> subprocess.CompletedProcess[str]:
    lines = USER.replace("MEMBER", member).replace("    MORE\n", more)
    (folder / "pc_kv_user.pyx").write_text(lines)
    return run(folder, "-c", BUILD, str(Path(pc.__file__).parents[1]))


@pytest.mark.slow
def test_struct_with_array_is_sized_by_its_type(tmp_path: Path) -> None:
    built = build(tmp_path, "items", "")
    assert built.returncode == 0, built.stdout + built.stderr
    ran = run(tmp_path, "-c", CALLS)
    assert ran.stdout.splitlines() == [
        "(0, False) (0, True) None None",
        "8 32 True True",
        "(False, False, False) (True, True, False) (True, True, False)",
    ], ran.stderr


@pytest.mark.slow
def test_member_that_is_no_array_does_not_compile(tmp_path: Path) -> None:
    built = build(tmp_path, "tail", "    uint64_t* tail\n")
    assert built.returncode != 0
    assert "member_is_an_array" in built.stdout + built.stderr
