from types import TracebackType
from typing import Self, SupportsIndex

from typing_extensions import disjoint_base

def window_areas() -> list[tuple[int, int]]: ...

@disjoint_base
class Failing:
    def __new__(
        cls, *, piece: bool = False, record: bool = False, page: SupportsIndex = -1
    ) -> Self: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
        /,
    ) -> None: ...
