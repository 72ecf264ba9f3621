from typing import SupportsFloat, SupportsIndex

from pagecache.buddy.buddy import Buddy

PATTERNS: tuple[str, ...]

def fill(memory: Buddy) -> None: ...
def release(memory: Buddy) -> int: ...
def fragment(
    memory: Buddy,
    pattern: str,
    *,
    k: SupportsIndex = 2,
    share: SupportsFloat = 1.0,
    free: int | None = None,
    seed: int = 0,
) -> None: ...
def plan(
    blocks: int, size: int, freed: float, share: float, free: int | None
) -> tuple[int, int]: ...
