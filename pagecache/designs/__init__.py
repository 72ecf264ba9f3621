"""The designs of a page-cache index: one small file a layout, and their registry.

contract      what any index answers: required, provided by default, declared
indexes       the indexes of several files, as loops over arrays name them
design        what a design is; registry: the designs by name; matrix: what goes with what
file_index    what a mapping asks beyond the contract; entries: values and shadows
xarray_index  what layouts on an XArray share: one_entry, multi_entry, slots, pfn_entry
folio_lookup  a folio found and referenced under the keys of an array
radix_2018, maple_multi  layouts on other structures
c_library     designs of others in C: c_header describes a shared object, c_design calls it, and
              c_walk writes down the walk that it tells
references       get by each protocol of references, and what a writer does under it
getters       what that shares with gets that copy (measure/threads/copies)
struct_page_layouts  the same lookups over struct pages of other layouts, a folder

A new design is one file and its entry in the registry.  Knows nothing of how anything is timed, nor
of traces and files.

The contract of a design, held by one test over all of them: after any insertions and removals of
aligned folios, `get` answers the frame of every cached page and nothing for every other; a removed
folio leaves no slot behind; a failed insertion changes nothing; and `truncate` gives back every
node and every reference.
"""

from pagecache.designs.c_library import include
from pagecache.designs.design import HUGE_ORDERS, Design
from pagecache.designs.matrix import ENTRIES, HOLES, POLICIES, check, check_order, check_policy
from pagecache.designs.registry import BUILT_IN, find, make, names

__all__ = [
    "BUILT_IN",
    "ENTRIES",
    "HOLES",
    "HUGE_ORDERS",
    "POLICIES",
    "Design",
    "check",
    "check_order",
    "check_policy",
    "find",
    "include",
    "make",
    "names",
]
