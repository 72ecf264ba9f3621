"""What a page-cache design costs: index structures, memory and lookups, measured side by side.

Every name is imported when it is first used: an XArray loads neither pandas nor the tables. The
stub beside this file says the same to type checkers; a test holds the two equal.
"""

import os
from importlib.machinery import EXTENSION_SUFFIXES

from pagecache.lazy import attach

__version__ = "0.1.0"

NAMES = {
    "Comparison": "pagecache.report.comparison:Comparison",
    "Cursor": "pagecache.xarray.cursor:Cursor",
    "EntryExists": "pagecache.errors:EntryExists",
    "File": "pagecache.mapping.file:File",
    "Frames": "pagecache.page.frames:Frames",
    "InputError": "pagecache.errors:InputError",
    "Mapping": "pagecache.mapping.mapping:Mapping",
    "Memory": "pagecache.allocation.memory:Memory",
    "NodePool": "pagecache.xarray.node:NodePool",
    "Pointer": "pagecache.pointer:Pointer",
    "ReadFolios": "pagecache.mapping.readahead.folios:ReadFolios",
    "ReadaheadRules": "pagecache.mapping.readahead.rules:ReadaheadRules",
    "Replayed": "pagecache.replaying.replay:Replayed",
    "VmFault": "pagecache.mapping.vm_fault:VmFault",
    "XArray": "pagecache.xarray.xarray:XArray",
    "allocation": "pagecache.allocation",
    "compare": "pagecache.comparing:compare",
    "designs": "pagecache.designs",
    "explain": "pagecache.explaining:explain",
    "inputs": "pagecache.inputs",
    "load_sweep": "pagecache.sweep.sweeping:load_sweep",
    "plot_folios": "pagecache.report.figures.strip:plot_folios",
    "readahead": "pagecache.mapping.readahead.folios:readahead",
    "replay": "pagecache.replaying.replay:replay",
    "run_sweep": "pagecache.sweep.sweeping:run_sweep",
}
RENAMED = {
    "designs.record_layouts": "pagecache.designs.struct_page_layouts",
    "index": "pagecache.xarray",
    "memory": "pagecache.buddy, pagecache.page or pagecache.gfp",
    "supply": "pagecache.allocation",
    "mapping.extents": "pagecache.mapping.storage.extents",
    "mapping.filesystems": "pagecache.mapping.storage.filesystems",
    "mapping.fitting": "pagecache.replaying.fitting",
    "mapping.operations": "pagecache.replaying",
    "mapping.replay": "pagecache.replaying.replay",
}

__all__ = list(NAMES)
__getattr__, __dir__ = attach(__name__, NAMES, RENAMED)


def check_built(folder: str) -> None:
    """ImportError, with the remedy, in a checkout whose compiled modules are not there."""
    if not any(os.path.exists(f"{folder}/_cyutility{suffix}") for suffix in EXTENSION_SUFFIXES):
        raise ImportError(
            f"{folder} is a source checkout that is not built; run 'pip install -e .' in "
            f"{os.path.dirname(folder)}, or change to another directory to use an installed one"
        )


check_built(os.path.dirname(os.path.abspath(__file__)))
