from typing import Self, SupportsIndex

from typing_extensions import disjoint_base

from pagecache.designs.file_index import FileIndex
from pagecache.page.frames import Frames
from pagecache.xarray.grace import Readers
from pagecache.xarray.node import NodePool

@disjoint_base
class XArrayIndex(FileIndex):
    def __new__(
        cls,
        frames: Frames,
        pool: NodePool | None = None,
        **options: object,
    ) -> Self: ...
    @property
    def pool(self) -> NodePool: ...
    @staticmethod
    def make_pool(
        *,
        chunk_shift: SupportsIndex = 6,
        huge: bool = False,
        readers: Readers | None = None,
        **options: object,
    ) -> NodePool: ...
    def raw(self, key: SupportsIndex) -> int: ...
    def name_entry(self, word: SupportsIndex) -> tuple[str, str]: ...
    @property
    def nodes(self) -> int: ...
    @property
    def slots(self) -> int: ...
    @property
    def height(self) -> int: ...
    @property
    def index_bytes(self) -> int: ...
    def dump(self) -> str: ...
    def check(self) -> None: ...
