"""Dirty marks: setting them on clean folios, and finding the marked ones."""

from pagecache import designs

from .common import Built
from .insertion import Once, own


def clean(design: str, source: str) -> Built:
    """All folios inserted again: a folio enters clean."""
    if "mark" not in designs.find(design).provides:
        raise NotImplementedError(f"{design} has no marks")
    built = own(design, source)
    built.empty()
    built.fill()
    return built


def mark_all(built: Built) -> None:
    built.batch.mark(built.folios.file, built.folios.index)


class Mark(Once):
    """How long does it take to set every folio dirty?"""

    def setup(self, design: str, source: str) -> None:
        self.built = clean(design, source)

    def time_mark(self, design: str, source: str) -> None:
        mark_all(self.built)


class Scan(Once):
    """How long does writeback look for the dirty folios, where all are?"""

    def setup(self, design: str, source: str) -> None:
        self.built = clean(design, source)
        mark_all(self.built)

    def time_scan(self, design: str, source: str) -> None:
        self.built.batch.scan()
