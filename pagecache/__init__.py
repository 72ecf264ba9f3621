"""What a page-cache design costs: index structures, memory and lookups, measured side by side."""

from pagecache import allocation, designs, inputs
from pagecache.allocation.memory import Memory
from pagecache.errors import EntryExists, InputError
from pagecache.mapping.file import File
from pagecache.mapping.mapping import Mapping
from pagecache.mapping.replay import Replayed, replay
from pagecache.mapping.vm_fault import VmFault
from pagecache.page.frames import Frames
from pagecache.pointer import Pointer
from pagecache.report.comparison import Comparison, compare
from pagecache.xarray.cursor import Cursor
from pagecache.xarray.node import NodePool
from pagecache.xarray.xarray import XArray

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
    "allocation",
    "compare",
    "designs",
    "inputs",
    "replay",
]
