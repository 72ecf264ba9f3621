"""Readers of bare numbers, which must be asked for by name: ``--format arc``.

Positions count pages of 4 KiB unless ``--format arc:512`` says otherwise.
"""

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from pagecache.inputs.formats.format import BareFormat
from pagecache.inputs.formats.requests import (
    SECTOR,
    Columns,
    ReadLine,
    Request,
    RequestLines,
    RequestRecords,
)
from pagecache.inputs.sizes import PAGE_SIZE


class Arc(BareFormat, RequestLines):
    """`.lis` files of the ARC paper: first block, blocks, 0, number of the request."""

    name = "arc"
    holds = "first block and blocks, of 4 KiB"

    def line_reader(self, head: bytes) -> ReadLine:
        """A function of a line."""
        return self._request

    def _request(self, line: str) -> Request:
        first, count, _, _ = map(int, line.split())
        unit = self.unit or PAGE_SIZE
        return Request("blocks", first * unit, count * unit)


class Lirs(BareFormat, RequestLines):
    """Traces of the LIRS paper: a block a line; a * ends some of them."""

    name = "lirs"
    holds = "a block a line, of 4 KiB"

    def line_reader(self, head: bytes) -> ReadLine:
        """A function of a line."""
        return self._request

    def _request(self, line: str) -> Request | None:
        if line.strip() == "*":
            return None
        unit = self.unit or PAGE_SIZE
        return Request("blocks", int(line) * unit, unit)


class Numbers32(BareFormat, RequestRecords):
    """Block numbers of 32 bits, little-endian."""

    name = "u32"
    holds = "block numbers of 32 bits, little-endian, of 4 KiB"
    record: ClassVar = np.dtype([("block", "<u4")])
    unit = PAGE_SIZE

    def fields(self, records: NDArray[np.void]) -> tuple[Columns, NDArray[np.uint64]]:
        """Blocks, each of one unit."""
        length = np.full(len(records), self.unit or PAGE_SIZE, np.uint64)
        return {"position": records["block"]}, length


class MqSim(BareFormat, RequestLines):
    """Traces of MQSim: nanoseconds, device, sector, sectors, and 1 for a read."""

    name = "mqsim"
    holds = "time in ns, device, sector, sectors, kind"
    unit = SECTOR

    def line_reader(self, head: bytes) -> ReadLine:
        """A function of a line."""
        return self._request

    def _request(self, line: str) -> Request:
        time, device, first, count, _ = map(int, line.split())
        unit = self.unit or SECTOR
        return Request(f"device {device}", first * unit, count * unit, time // 1000)


class DiskSim(BareFormat, RequestLines):
    """DiskSim's own input: milliseconds, device, block, blocks, flags in hexadecimal."""

    name = "disksim"
    holds = "time in ms, device, block, blocks, flags"
    unit = SECTOR

    def line_reader(self, head: bytes) -> ReadLine:
        """A function of a line."""
        return self._request

    def _request(self, line: str) -> Request:
        time, device, first, count, flags = line.split()
        int(flags, 16)
        unit = self.unit or SECTOR
        t_us = int(float(time) * 1000)
        return Request(f"device {int(device)}", int(first) * unit, int(count) * unit, t_us)
