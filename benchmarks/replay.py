"""Replay of recorded traces, from the events in memory to what the indexes hold."""

from pagecache import replay
from pagecache.mapping.history import History

from .common import DESIGNS, TRACES, Benchmark, trace


class Replay(Benchmark):
    """How long does a user wait for `pagecache.replay`?"""

    params = (tuple(name for name in DESIGNS if name != "page-hash"), TRACES)  # half a minute each
    param_names = ("design", "trace")

    def setup(self, design: str, name: str) -> None:
        self.trace = trace(name)

    def time_replay(self, design: str, name: str) -> None:
        replay(self.trace, design)


class ThroughMapping(Benchmark):
    """How fast does what programs asked run through mappings, which read ahead themselves?"""

    number = 1
    warmup_time = 0.0
    params = (("base-4k", "thp-slots-head", "thp-multi"), TRACES)
    param_names = ("design", "trace")

    def setup(self, design: str, name: str) -> None:
        self.history = History(trace(name), recorded=False)
        self.mappings = self.history.mappings(design, readahead_kb=8192)

    def time_run(self, design: str, name: str) -> None:
        self.history.run_through(self.mappings)
