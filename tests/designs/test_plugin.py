"""Somebody else's layout: ten lines of Cython, built against the installed package."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import pagecache as pc
from pagecache.designs import registry
from pagecache.designs.contract import Batch, PageIndex

LAYOUT = '''
from libc.stdint cimport uint64_t
from pagecache.xarray.entry cimport is_error, mk_value, to_value
from pagecache.xarray.node cimport NodePool
from pagecache.designs.contract cimport PageIndex
from pagecache.xarray.store cimport xa_init
from pagecache.xarray.trim cimport xa_destroy
from pagecache.xarray.walk cimport xa_load, xarray_t
from pagecache.xarray.xarray cimport xa_erase, xa_store

cdef class FrameNumbers(PageIndex):
    """Entries are frame numbers, in one multi-index entry a folio."""
    cdef xarray_t xa
    cdef readonly NodePool pool
    def __cinit__(self, frames, pool=None, **options):
        self.pool = NodePool() if pool is None else pool
        xa_init(&self.xa, &self.pool.pool, self.pool.chunk_shift, 0)
    def __dealloc__(self):
        xa_destroy(&self.xa)
    cdef uint64_t load(self, uint64_t index) noexcept nogil:
        return to_value(xa_load(&self.xa, index))
    cdef int insert(self, uint64_t index, unsigned int order, uint64_t pfn) noexcept nogil:
        return -12 if is_error(xa_store(&self.xa, index, order, mk_value(pfn))) else 0
    cdef uint64_t remove(self, uint64_t index) noexcept nogil:
        return xa_erase(&self.xa, index) != 0
    cdef uint64_t truncate(self) noexcept nogil:
        return self.remove(64) + self.remove(512)
'''

DESIGN = """
from pagecache.designs import Design
from pc_frame_numbers import FrameNumbers

design = Design("frame-numbers", FrameNumbers, "thp", "Frame numbers.", "No more.", (0, 6, 9))
"""

BUILD = """
import sys
from Cython.Build import cythonize
from setuptools import Extension, setup

layout = Extension("pc_frame_numbers", ["pc_frame_numbers.pyx"], extra_compile_args=["-O1"])
setup(
    script_args=["build_ext", "--inplace"],
    ext_modules=cythonize([layout], include_path=sys.argv[1:], language_level=3),
)
"""


def build(folder: Path) -> None:
    """Compile the layout as its author would, with the installed package on the include path."""
    (folder / "pc_frame_numbers.pyx").write_text(LAYOUT)
    (folder / "pc_frame_numbers_design.py").write_text(DESIGN)
    installed = Path(pc.__file__).parents[1]
    ran = subprocess.run(
        [sys.executable, "-c", BUILD, str(installed)],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The layout built, and its design named in the entry points of a distribution."""
    build(tmp_path)
    info = tmp_path / "pc_frame_numbers-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: pc_frame_numbers\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[pagecache.designs]\nframe-numbers = pc_frame_numbers_design:design\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    registry._registered.cache_clear()
    yield
    registry._registered.cache_clear()


@pytest.mark.slow
@pytest.mark.usefixtures("plugin")
def test_layout_of_ten_lines_builds_registers_and_answers_batches() -> None:
    index = pc.designs.make("frame-numbers")
    assert isinstance(index, PageIndex)
    batch, file = Batch([index]), np.zeros(2, np.uint32)
    orders = np.uint8([6, 9])
    assert batch.populate(file, np.uint64([64, 512]), orders, np.uint64([7, 1 << 40])) == 2
    assert index.pool.nodes == 1
    assert batch.load(file, np.uint64([100, 1023])) == (1 << 40) + 7
    assert batch.get(file, np.uint64([100, 1023])) == 0  # an event it does not have
    assert batch.truncate() == 2
    assert index.pool.nodes == 0
