from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Self, SupportsIndex

from typing_extensions import disjoint_base

@disjoint_base
class Readers:
    def __new__(cls, most: SupportsIndex = 64) -> Self: ...
    def reading(self) -> AbstractContextManager[Callable[[], None]]: ...

def quiet() -> None: ...
