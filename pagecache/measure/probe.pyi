from typing import SupportsIndex

from typing_extensions import Buffer

CAN_FLUSH: bool
COMMIT: str | None

def dependent_adds(n: SupportsIndex) -> int: ...
def flush(address: SupportsIndex, size: SupportsIndex) -> None: ...
def zero(buffer: Buffer) -> None: ...
