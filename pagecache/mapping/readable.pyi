from pagecache.mapping.core import Core
from pagecache.mapping.readahead.rules import ReadaheadRules

ADVICE: dict[str, int]

class Readable(Core):
    def set_readahead(
        self,
        kernel: str | ReadaheadRules,
        readahead_kb: int,
        max_io_kb: int,
        min_order: int | None,
        max_order: int | None,
    ) -> None: ...
    def advise(self, advice: str) -> None: ...
    def raise_overridden(self) -> None: ...
    @property
    def kernel(self) -> str: ...
    def marked(self) -> list[int]: ...
