"""Memory, counted: the same in every run on every machine."""

from .common import COUNTED_FILLS, DESIGNS, Benchmark, shared

STRUCT_PAGE = 64  # bytes, of each page cached


class Memory(Benchmark):
    """What do a design's nodes and struct pages take?"""

    params = (DESIGNS, COUNTED_FILLS)

    def setup(self, design: str, source: str) -> None:
        self.built = shared(design, source)

    def track_nodes(self, design: str, source: str) -> int:
        return sum(index.nodes for index in self.built.indexes)

    def track_index_bytes(self, design: str, source: str) -> int:
        return sum(index.index_bytes for index in self.built.indexes)

    def track_struct_page_bytes(self, design: str, source: str) -> int:
        return self.built.folios.pages * STRUCT_PAGE

    track_nodes.unit = "nodes"  # type: ignore[attr-defined]
    track_index_bytes.unit = "bytes"  # type: ignore[attr-defined]
    track_struct_page_bytes.unit = "bytes"  # type: ignore[attr-defined]
