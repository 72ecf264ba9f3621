"""Replay of recorded traces, from the events in memory to what the indexes hold."""

from pagecache import replay

from .common import DESIGNS, TRACES, Benchmark, trace


class Replay(Benchmark):
    """How long does a user wait for `pagecache.replay`?"""

    params = (DESIGNS, TRACES)
    param_names = ("design", "trace")

    def setup(self, design: str, name: str) -> None:
        self.trace = trace(name)

    def time_replay(self, design: str, name: str) -> None:
        replay(self.trace, design)
