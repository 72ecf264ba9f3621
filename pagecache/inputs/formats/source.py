"""The bytes of a trace: decompressed as they come, in blocks of whole lines.

Memory stays bounded whatever the length: one block is held at a time. A file's compression is
known by its first bytes; no file name matters.
"""

import bz2
import gzip
import lzma
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Any, BinaryIO

from pagecache.errors import InputError

BLOCK = 1 << 17  # bytes, a few thousand lines; more are slower, for the garbage collector
LONGEST_LINE = 1 << 20
HEAD = 1 << 16
COMPRESSIONS: tuple[tuple[bytes, str, Callable[[BinaryIO], Any]], ...] = (
    (b"\x1f\x8b", "gzip", gzip.open),
    (b"\xfd7zXZ\x00", "xz", lzma.open),
    (b"BZh", "bzip2", bz2.open),
)
_BROKEN = (EOFError, gzip.BadGzipFile, zlib.error, lzma.LZMAError)


class Source:
    """A trace as its reader sees it.

    Attributes
    ----------
    path
        What errors name.
    done
        Lines, or records, given out so far; the reader counts them.
    """

    def __init__(self, path: str, file: BinaryIO) -> None:
        self.path = path
        self.done = 0
        magic = file.read(8)
        file.seek(0)
        found = [entry for entry in COMPRESSIONS if magic.startswith(entry[0])]
        self.compression = found[0][1] if found else None
        self.stream: IO[bytes] = found[0][2](file) if found else file

    def error(self, line: int, what: str, remedy: str) -> InputError:
        """The error for a line: place, what is wrong there, remedy."""
        return InputError(f"{self.path}:{line}: {what}; {remedy}")

    def head(self) -> bytes:
        """The first bytes, 64 KiB at most; reading begins with them all the same."""
        with self._broken_is_said():
            head = self.stream.read(HEAD)
            self.stream.seek(0)
            return head

    def blocks(self) -> Iterator[bytes]:
        """Blocks of whole lines, each ended by a line feed.

        Raises
        ------
        InputError
            The compressed data are damaged, a line is above 1 MiB, or the last one has no end.
        """
        rest = b""
        while block := self._read():
            cut = block.rfind(b"\n") + 1
            if cut:
                yield rest + block[:cut]
                rest = block[cut:]
            else:
                rest += block
            if len(rest) > LONGEST_LINE:
                raise self.error(self.done + 1, "the line is above 1 MiB", "give a trace")
        if rest:
            raise self.error(self.done + 1, "the file ends in mid-line", "record the trace again")

    def lines(self) -> Iterator[list[str]]:
        """The lines of each block as text, without their line feeds.

        Bytes that are no text become fields that are no numbers, which have a line to report.
        """
        for number, block in enumerate(self.blocks()):
            text = block.decode("utf-8-sig" if number == 0 else "utf-8", "replace")
            yield text[:-1].split("\n")

    def _read(self) -> bytes:
        with self._broken_is_said():
            return self.stream.read(BLOCK)

    @contextmanager
    def _broken_is_said(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            # bz2 says so with an OSError that has no number; one with a number is the disk's.
            if error.errno is not None and not isinstance(error, gzip.BadGzipFile):
                raise
            raise self._broken() from None
        except _BROKEN:
            raise self._broken() from None

    def _broken(self) -> InputError:
        what = f"the {self.compression} data break off or are damaged"
        return self.error(self.done + 1, what, "copy the file again")
