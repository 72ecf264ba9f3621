"""The bytes of a trace: decompressed as they come, in blocks of whole lines or of whole records.

Memory stays bounded whatever the length: one block is held at a time. A file's compression is
known by its first bytes; no file name matters. What cannot be read is counted here, and the first
three lines of it are kept.
"""

import bz2
import gzip
import lzma
import os
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Any, BinaryIO

from pagecache.errors import InputError

BLOCK = 1 << 17  # bytes, a few thousand lines; more are slower, for the garbage collector
LONGEST_LINE = 1 << 20
HEAD = 1 << 16
SHOWN = 3  # unreadable lines
MOST_UNREADABLE = 0.01  # of all lines; more are an error
Progress = Callable[[int, int], None]


def _open_zstd(file: BinaryIO) -> Any:
    from pagecache.inputs.formats.zstd import ZstdFile  # noqa: PLC0415

    return ZstdFile(file)


COMPRESSIONS: tuple[tuple[bytes, str, Callable[[BinaryIO], Any]], ...] = (
    (b"\x1f\x8b", "gzip", gzip.open),
    (b"\xfd7zXZ\x00", "xz", lzma.open),
    (b"BZh", "bzip2", bz2.open),
    (b"\x28\xb5\x2f\xfd", "zstd", _open_zstd),
)
_BROKEN = (EOFError, gzip.BadGzipFile, zlib.error, lzma.LZMAError)


class Source:
    """A trace as its reader sees it.

    Parameters
    ----------
    path
        What errors name.
    file
        The bytes, compressed or not.
    progress
        Is told how many bytes of the file were read, and how many it has.

    Attributes
    ----------
    done
        Lines, or records, given out so far; the reader counts them.
    bad
        How many of them could not be read.
    notes
        What else must be known of the trace, a sentence each.
    """

    def __init__(self, path: str, file: BinaryIO, progress: Progress | None = None) -> None:
        self.path, self.file, self.progress = path, file, progress
        self.done = self.bad = 0
        self.shown: list[str] = []
        self.notes: list[str] = []
        self.size = os.fstat(file.fileno()).st_size
        magic = file.read(8)
        file.seek(0)
        found = [entry for entry in COMPRESSIONS if magic.startswith(entry[0])]
        self.compression = found[0][1] if found else None
        try:
            self.stream: IO[bytes] = found[0][2](file) if found else file
        except InputError as error:
            raise InputError(f"{path}: {error}") from None
        self._ahead = b""

    def error(self, line: int, what: str, remedy: str) -> InputError:
        """The error for a line: place, what is wrong there, remedy."""
        return InputError(f"{self.path}:{line}: {what}; {remedy}")

    def unreadable(self, line: int, text: bytes | str) -> None:
        """Count a line, or a record, that cannot be read; the first three are kept."""
        self.bad += 1
        if len(self.shown) < SHOWN:
            text = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
            self.shown.append(f"line {line}: {text.strip()[:60]!r}")

    def settle(self, name: str, known: str) -> tuple[str, ...]:
        """After the last line: what to say of what was read.

        Raises
        ------
        InputError
            Over 1 % of the lines cannot be read as `name`, one of the `known` formats.
        """
        if not self.bad:
            return tuple(self.notes)
        told = f"{self.bad:,} of {self.done:,} lines cannot be read as {name} ({self._first()})"
        if self.bad > MOST_UNREADABLE * self.done:
            first = self.shown[0].split(":")[0].removeprefix("line ")
            raise self.error(int(first), f"{told}, over 1 %", f"give a trace of {known}")
        return (f"{self.path}: {told}; they are left out.", *self.notes)

    def _first(self) -> str:
        return "; ".join(self.shown) + ("; ..." if self.bad > len(self.shown) else "")

    def head(self) -> bytes:
        """The first bytes, 64 KiB at most; reading begins with them all the same."""
        while len(self._ahead) < HEAD and (block := self._decompressed(HEAD - len(self._ahead))):
            self._ahead += block
        return self._ahead

    def blocks(self, *, whole: bool = True) -> Iterator[bytes]:
        """Blocks of whole lines, each ended by a line feed.

        `whole` refuses a last line without one. Else it is taken, and a note says so.

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
                remedy = "give a trace of text, or name its format with --format"
                raise self.error(self.done + 1, "the line is above 1 MiB", remedy)
        if rest and whole:
            raise self.error(self.done + 1, "the file ends in mid-line", "record the trace again")
        if rest:
            place = f"{self.path}:{self.done + 1}"
            self.notes.append(f"{place}: the last line has no line feed; it may be cut off.")
            yield rest + b"\n"

    def lines(self, *, whole: bool = True) -> Iterator[list[str]]:
        """The lines of each block as text, without their line feeds.

        Bytes that are no text become fields that are no numbers, which have a line to report.
        """
        for number, block in enumerate(self.blocks(whole=whole)):
            text = block.decode("utf-8-sig" if number == 0 else "utf-8", "replace")
            yield text[:-1].split("\n")

    def records(self, size: int) -> Iterator[bytes]:
        """Blocks of whole records of `size` bytes; a last one that is cut off is unreadable."""
        rest = b""
        while block := self._read():
            rest += block
            cut = len(rest) // size * size
            if cut:
                yield rest[:cut]
                rest = rest[cut:]
        if rest:
            self.unreadable(self.done + 1, f"{len(rest)} bytes of {size}")

    def _read(self) -> bytes:
        if self._ahead:
            block, self._ahead = self._ahead[:BLOCK], self._ahead[BLOCK:]
            return block
        return self._decompressed(BLOCK)

    def _decompressed(self, size: int) -> bytes:
        with self._broken_is_said():
            block = self.stream.read(size)
        if self.progress is not None:
            self.progress(self.file.tell(), self.size)
        return block

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
