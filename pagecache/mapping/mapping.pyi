from typing import Any

from typing_extensions import disjoint_base

from pagecache.mapping.file import File
from pagecache.mapping.pages import Pages
from pagecache.mapping.readahead.kernels import NEWEST as NEWEST
from pagecache.mapping.readahead.rules import ReadaheadRules
from pagecache.mapping.storage.filesystems import REFUSED as REFUSED
from pagecache.xarray.node import NodePool

OPERATIONS: dict[str, int]
HOLES: tuple[str, ...]

@disjoint_base
class Mapping(Pages):
    def __init__(
        self,
        index: str = "thp-multi",
        memory: Any = None,
        holes: str | None = None,
        file: File | int | str = "1G",
        *,
        kernel: str | ReadaheadRules = ...,
        readahead_kb: int = 128,
        max_io_kb: int = 1280,
        min_order: int | None = None,
        max_order: int | None = None,
        zero_order: int = 18,
        non_uniform_split: bool = True,
        limit: int | str | None = None,
        entries: str = "pointers",
        pool: NodePool | None = None,
        content: bool = False,
    ) -> None: ...
    @property
    def design(self) -> str: ...
    @property
    def holes(self) -> str: ...
    @property
    def memory(self) -> Any: ...
    @property
    def entry_kind(self) -> str: ...
    def clone(self, **options: Any) -> Mapping: ...
