"""The names of the package, for type checkers; they are imported when first used."""

from pagecache import allocation as allocation
from pagecache import designs as designs
from pagecache import inputs as inputs
from pagecache.allocation.memory import Memory as Memory
from pagecache.comparing import compare as compare
from pagecache.errors import EntryExists as EntryExists
from pagecache.errors import InputError as InputError
from pagecache.explaining import explain as explain
from pagecache.mapping.file import File as File
from pagecache.mapping.mapping import Mapping as Mapping
from pagecache.mapping.readahead.folios import ReadFolios as ReadFolios
from pagecache.mapping.readahead.folios import readahead as readahead
from pagecache.mapping.readahead.rules import ReadaheadRules as ReadaheadRules
from pagecache.mapping.vm_fault import VmFault as VmFault
from pagecache.page.frames import Frames as Frames
from pagecache.pointer import Pointer as Pointer
from pagecache.replaying.replay import Replayed as Replayed
from pagecache.replaying.replay import replay as replay
from pagecache.report.comparison import Comparison as Comparison
from pagecache.report.figures.strip import plot_folios as plot_folios
from pagecache.sweep.sweeping import load_sweep as load_sweep
from pagecache.sweep.sweeping import run_sweep as run_sweep
from pagecache.xarray.cursor import Cursor as Cursor
from pagecache.xarray.node import NodePool as NodePool
from pagecache.xarray.xarray import XArray as XArray

__version__: str
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
    "ReadFolios",
    "ReadaheadRules",
    "Replayed",
    "VmFault",
    "XArray",
    "allocation",
    "compare",
    "designs",
    "explain",
    "inputs",
    "load_sweep",
    "plot_folios",
    "readahead",
    "replay",
    "run_sweep",
]
NAMES: dict[str, str]
RENAMED: dict[str, str]
