"""Filling and emptying.  A body changes what it works on, so each has its own and runs once.

Nodes and struct pages have been touched before the first sample, and frames are made beforehand:
neither page faults nor allocation of data pages are in these times.
"""

from functools import cache

from .common import DESIGNS, FILLS, SOURCES, Benchmark, Built


@cache
def own(design: str, source: str) -> Built:
    return Built(design, SOURCES[source])


class Once(Benchmark):
    """One run a sample, after a setup: right in all versions of asv's runner."""

    number = 1
    warmup_time = 0.0
    repeat = (5, 40, 3.0)
    params = (DESIGNS, FILLS)


class Populate(Once):
    """How long does it take to insert every folio of an empty file?"""

    def setup(self, design: str, source: str) -> None:
        self.built = own(design, source)
        self.built.empty()

    def time_populate(self, design: str, source: str) -> None:
        self.built.fill()


class Truncate(Once):
    """How long does it take to remove every folio of a full file?"""

    def setup(self, design: str, source: str) -> None:
        self.built = own(design, source)
        self.built.empty()
        self.built.fill()

    def time_truncate(self, design: str, source: str) -> None:
        self.built.empty()
