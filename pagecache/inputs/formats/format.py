"""What a format of traces is."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import ClassVar

from pagecache.inputs.formats.source import Source
from pagecache.inputs.sizes import PAGE_SIZE
from pagecache.inputs.trace import Trace


class Format(ABC):
    """Recognises a file by its first bytes, and reads it piece by piece.

    Attributes
    ----------
    name
        What errors, `pagecache traces` and ``--format`` call it.
    holds
        What its traces record, in a few words.
    bare
        Its files are bare numbers, for which any other could be taken: it is never recognised and
        must be asked for by its name.
    unit
        Bytes of what a position counts, where ``--format NAME:BYTES`` may say otherwise; else None.
    """

    name: ClassVar[str]
    holds: ClassVar[str]
    bare: ClassVar[bool] = False
    unit: int | None = None

    @abstractmethod
    def recognises(self, head: bytes) -> bool:
        """Tell whether these are the first bytes of such a file, decompressed; 64 KiB at most.

        A damaged file of this format is recognised too: `read` then names the damage and its place.
        """

    @abstractmethod
    def read(self, source: Source) -> Iterator[Trace]:
        """Give the events as traces that follow each other, of some thousand events each.

        All of them share one list of files, which may grow from piece to piece. A line that is
        not an event raises `source.error`, or is left out and counted by `source.unreadable`;
        order and alignment are left to `Trace.check`, which the caller calls on each piece.
        """


class BareFormat(Format):
    """A format of bare numbers."""

    bare = True
    unit = PAGE_SIZE

    def recognises(self, head: bytes) -> bool:
        """Never: any file of numbers would pass."""
        return False
