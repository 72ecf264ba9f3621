"""Instructions an event, counted by callgrind: work, not latency, and equal in every run."""

from pagecache.measure.counting.instructions import Instructions as Counts
from pagecache.measure.counting.instructions import count_instructions

from .common import DESIGNS, Benchmark


class Instructions(Benchmark):
    """How many instructions does an event take?"""

    params = (DESIGNS,)
    param_names = ("design",)
    unit = "instructions"

    def setup_cache(self) -> Counts:
        return count_instructions(DESIGNS) or {}

    def setup(self, counts: Counts, design: str) -> None:
        if not counts:
            raise NotImplementedError("valgrind is not installed; apt install valgrind")

    def track_instructions_populate(self, counts: Counts, design: str) -> float:
        return counts[design, "populate"]

    def track_instructions_get(self, counts: Counts, design: str) -> float:
        return counts[design, "get"]

    def track_instructions_index_load(self, counts: Counts, design: str) -> float:
        return counts[design, "index-load"]
