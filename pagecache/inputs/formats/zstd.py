"""Decompression of zstd, which Python has from 3.14 on; until then the extra `data` brings it."""

from typing import BinaryIO

from pagecache.errors import InputError

_CHUNK = 1 << 16


class ZstdFile:
    """Frames of zstd, one after another, read as one stream.

    Damaged data, and data that break off, raise EOFError.
    """

    def __init__(self, file: BinaryIO) -> None:
        try:
            import zstandard  # noqa: PLC0415
        except ImportError:
            raise InputError("it is compressed by zstd; pip install 'pagecache[data]'") from None
        self._module, self._file = zstandard, file
        self._frame = zstandard.ZstdDecompressor().decompressobj()
        self._left, self._fresh = b"", True

    def read(self, size: int) -> bytes:
        """At most `size` bytes; none at the end."""
        while not self._left and self._more():
            pass
        found, self._left = self._left[:size], self._left[size:]
        return found

    def _more(self) -> bool:
        """Decompress another chunk; False at the end of the file."""
        chunk = self._frame.unused_data if self._frame.eof else b""
        if self._frame.eof:
            self._frame = self._module.ZstdDecompressor().decompressobj()
            self._fresh = True
        chunk = chunk or self._file.read(_CHUNK)
        if not chunk:
            if not self._fresh:
                raise EOFError
            return False
        self._fresh = False
        try:
            self._left = self._frame.decompress(chunk)
        except self._module.ZstdError as error:
            raise EOFError from error
        return True
