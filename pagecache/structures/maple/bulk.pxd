"""Loading many entries in ascending order, whose number is known.

Only without RCU mode.  All nodes are taken beforehand: 2 slots an entry and 1, 14 to a leaf, and
as many to the level above, and 3.  While loading a cut leaves 10 of 16 slots on the left, and
leaves may be small; Linux evens out a last leaf of fewer than 5 slots, which entries stored in order
never leave: a cut leaves 7 on the right, sharing 9.
Ascending stores leave full nodes behind them anyway, so a loaded tree has as many.
"""

from libc.stdint cimport uint64_t

from pagecache.structures.maple.node cimport maple_tree

cdef int bulk_begin(maple_tree* tree, uint64_t entries) noexcept nogil
cdef void bulk_end(maple_tree* tree) noexcept nogil
cdef void drop_spare(maple_tree* tree) noexcept nogil
