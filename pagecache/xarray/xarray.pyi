from collections.abc import Callable, Iterator
from typing import SupportsIndex

import numpy as np
import numpy.typing as npt

from pagecache.picture.walk import Walk
from pagecache.pointer import Pointer as Pointer
from pagecache.xarray.convert import LIKES as LIKES
from pagecache.xarray.convert import SUBTREE as SUBTREE
from pagecache.xarray.convert import _Entry
from pagecache.xarray.cursor import Cursor
from pagecache.xarray.entries import Entries

class XArray(Entries):
    def find(
        self, index: SupportsIndex, max: SupportsIndex | None = None, mark: int | None = None
    ) -> tuple[int, _Entry] | None: ...
    def find_after(
        self, index: SupportsIndex, max: SupportsIndex | None = None, mark: int | None = None
    ) -> tuple[int, _Entry] | None: ...
    def items(
        self, start: SupportsIndex = 0, stop: int | None = None, mark: int | None = None
    ) -> Iterator[tuple[int, _Entry]]: ...
    def __iter__(self) -> Iterator[tuple[int, _Entry]]: ...
    def cursor(self, index: SupportsIndex = 0, order: SupportsIndex = 0) -> Cursor: ...
    def load_many(
        self,
        indices: npt.NDArray[np.uint64],
        out: npt.NDArray[np.uint64] | None = None,
        *,
        default: SupportsIndex = ...,
        raw: bool = False,
    ) -> npt.NDArray[np.uint64]: ...
    def store_many(
        self,
        indices: npt.NDArray[np.uint64],
        entries: npt.NDArray[np.uint64],
        order: SupportsIndex = 0,
    ) -> None: ...
    def erase_many(self, indices: npt.NDArray[np.uint64]) -> None: ...
    def extract(
        self,
        start: SupportsIndex = 0,
        stop: int | None = None,
        *,
        limit: int | None = None,
        mark: int | None = None,
        out: tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]] | None = None,
        raw: bool = False,
    ) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]: ...
    def mark_range(
        self, first: SupportsIndex, last: SupportsIndex, mark: int, *, on: bool = True
    ) -> None: ...
    def walk(self, index: SupportsIndex, between: Callable[[], object] | None = None) -> Walk: ...
    def _repr_svg_(self) -> str: ...
