"""What a page-cache design costs: index structures, memory and lookups, measured side by side."""

from pagecache import designs, inputs, supply
from pagecache.errors import EntryExists, InputError
from pagecache.index.convert import Pointer
from pagecache.index.cursor import Cursor
from pagecache.index.node import NodePool
from pagecache.index.xarray import XArray
from pagecache.mapping.file import File
from pagecache.mapping.mapping import Mapping
from pagecache.mapping.replay import Replayed, replay
from pagecache.mapping.vm_fault import VmFault
from pagecache.memory.frames import Frames
from pagecache.report.comparison import Comparison, compare
from pagecache.supply.memory import Memory

__version__ = "0.1.0"

__all__ = [
    "Comparison",
    "Cursor",
    "EntryExists",
    "File",
    "Frames",
    "InputError",
    "Mapping",
    "Memory",
    "NodePool",
    "Pointer",
    "Replayed",
    "VmFault",
    "XArray",
    "compare",
    "designs",
    "inputs",
    "replay",
    "supply",
]
