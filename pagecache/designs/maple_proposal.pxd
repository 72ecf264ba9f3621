"""A proposal, not a kernel's: the page cache on a maple tree with marks and dense leaves.

    a page         a slot of a dense leaf: 28 pages to 256 bytes, stored and removed in place
    a folio        one slot of 2^order indices in a range leaf, whatever its order
    a lookup       walk; take a reference; walk on only if the slot or its node changed meanwhile
    dirty          mark 0 of the entry and of the slots above it; a scan goes where it is set

What was named by the maple tree's author and what is assumed here stands in
`pagecache.structures.maple_proposal.walk`.  Removing may take memory, for a copy of a leaf: like the
kernel's allocations that must not fail, it may go beyond the limit, by 64 nodes, until the old ones
are free.  A truncation takes out one folio after the other.
"""

from pagecache.designs.contract cimport PageIndex
from pagecache.structures.maple_proposal.node cimport marked_tree
from pagecache.structures.pool cimport Pool


cdef class MapleProposal(PageIndex):
    cdef marked_tree tree
    cdef readonly Pool pool
