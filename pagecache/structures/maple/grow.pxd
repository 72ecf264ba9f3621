"""A list too long for its node: first it shares with a neighbour, and only then is it cut in two.

    left neighbour 12, here 17      shared:  15, 14    two new nodes, the boundary in the parent moves
    both neighbours full            cut:      8, 9     and the parent has one slot more: its turn

Sharing pushes all that fits into the left of the two, so that ascending stores leave nodes of 15
behind them.  It needs m slots of both to be at most 31 (30 in a leaf), one fewer at the end of the
tree.  A leaf's cut never lies after a NULL.
"""

from pagecache.structures.maple.change cimport maple_change
from pagecache.structures.maple.lists cimport maple_list

cdef int grow(maple_change* change, maple_list* items) noexcept nogil
