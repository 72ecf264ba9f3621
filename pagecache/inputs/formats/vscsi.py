"""Reader of vscsi traces (VMware's vscsiStats, CloudPhysics): records of 32 bytes, version 1.

    serial u32 | bytes u32 | elements u32 | command u16 | version u16 | block u64 | time u64

Blocks are of 512 bytes, times are microseconds, numbers are little-endian.
"""

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from pagecache.inputs.formats.requests import Columns, RequestRecords

_READS_AND_WRITES = (0x08, 0x0A, 0x28, 0x2A, 0x88, 0x8A, 0xA8, 0xAA)
_VERSION = 1  # in the upper byte
_SEEN = 64  # records that must hold


class Vscsi(RequestRecords):
    """See the module."""

    name = "vscsi"
    record: ClassVar = np.dtype(
        [("serial", "<u4"), ("bytes", "<u4"), ("elements", "<u4"), ("command", "<u2"),
         ("version", "<u2"), ("block", "<u8"), ("t_us", "<u8")]
    )  # fmt: skip

    def recognises(self, head: bytes) -> bool:
        """By the version and by commands that read or write."""
        count = min(len(head) // self.record.itemsize, _SEEN)
        rows = np.frombuffer(head, self.record, count)
        reads = np.isin(rows["command"], _READS_AND_WRITES)
        return count > 0 and bool((reads & (rows["version"] >> 8 == _VERSION)).all())

    def fields(self, records: NDArray[np.void]) -> tuple[Columns, NDArray[np.uint64]]:
        """Block and time."""
        columns = {"position": records["block"], "t_us": records["t_us"]}
        return columns, records["bytes"].astype(np.uint64)
