from numpy.typing import NDArray

def parse_lines(
    block: bytes,
    numbers: dict[object, int],
    columns: tuple[NDArray[object], ...],  # type: ignore[type-var]
    line: int,
) -> tuple[int, int, int, list[tuple[int, bytes]]]: ...
