"""Somebody else's Cython code: a module of ten lines that uses the array without the GIL."""

import importlib
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import pagecache as pc

MODULE = '''
from libc.stdint cimport uint64_t
from pagecache.xarray.entry cimport is_value, mk_value, to_value
from pagecache.xarray.xarray cimport XArray, xa_erase, xa_load, xa_set_mark, xa_store

def squares(XArray xa not None, uint64_t n, unsigned int order=0):
    """Store k**2 for each k below n, mark the even, erase every fourth; the sum of what is left."""
    cdef uint64_t k, entry, total = 0
    with nogil:
        for k in range(n):
            xa_store(&xa.xa, k << order, order, mk_value(k * k))
            if k % 2 == 0: xa_set_mark(&xa.xa, k << order, 1)
            if k % 4 == 3: xa_erase(&xa.xa, k << order)
        for k in range(n):
            entry = xa_load(&xa.xa, (k << order) + (1 << order) - 1)
            if is_value(entry): total += to_value(entry)
    return total
'''

BUILD = """
import sys
from Cython.Build import cythonize
from setuptools import Extension, setup

module = Extension("pc_squares", ["pc_squares.pyx"], extra_compile_args=["-O1"])
setup(
    script_args=["build_ext", "--inplace"],
    ext_modules=cythonize([module], include_path=sys.argv[1:], language_level=3),
)
"""


@pytest.fixture(scope="module")
def squares(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The module, compiled as its author would, with the installed package on the include path."""
    folder = tmp_path_factory.mktemp("squares")
    (folder / "pc_squares.pyx").write_text(MODULE)
    build = [sys.executable, "-c", BUILD, str(Path(pc.__file__).parents[1])]
    ran = subprocess.run(build, cwd=folder, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    sys.path.insert(0, str(folder))
    try:
        return importlib.import_module("pc_squares").squares
    finally:
        sys.path.remove(str(folder))


@pytest.mark.slow
@pytest.mark.parametrize("order", [0, 6, 9])
def test_module_of_ten_lines_stores_loads_marks_and_erases(squares: Any, order: int) -> None:
    xa = pc.XArray()
    left = [k for k in range(100) if k % 4 != 3]
    assert squares(xa, 100, order) == sum(k * k for k in left)
    assert dict(xa.items()) == {k << order: k * k for k in left}
    assert [index >> order for index, _ in xa.items(mark=1)] == list(range(0, 100, 2))
    assert all(xa.order(k << order) == order for k in left)
    xa.check()


@pytest.mark.slow
def test_module_of_others_takes_no_none(squares: Any) -> None:
    with pytest.raises(TypeError):
        squares(None, 1)
