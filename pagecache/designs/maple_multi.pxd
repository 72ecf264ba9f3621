"""The page cache on the maple tree of Linux 6.16, one range a folio: proposed for 2026.

    a folio        one slot of 2^order indices, whatever its order; and one for a hole before it
    a lookup       walk; take a reference; walk on only if the slot or its node changed meanwhile
    a read         one walk, then a step a folio
    truncate       15 folios at a time: one NULL over all of them

The tree is in RCU mode, since readers take no lock.  Then removing takes memory, for a copy of the
leaf: like the kernel's allocations that must not fail, it may go beyond the limit, by 64 nodes,
until the old ones are free.

It lacks three things that a page cache asks for: marks, so nothing is scanned by them; a list of
the nodes that hold only shadow entries; and an order for each entry, which follows from its range.
"""

from libc.stdint cimport uint64_t

from pagecache.designs.contract cimport PageIndex
from pagecache.structures.maple.node cimport maple_tree
from pagecache.structures.pool cimport Pool


cdef class MapleMulti(PageIndex):
    cdef maple_tree tree
    cdef uint64_t highest  # index that was ever stored
    cdef readonly Pool pool
