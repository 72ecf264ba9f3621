"""A list that takes the place of all nodes from a left one to a right one of the same level.

A leaf that is left with too few slots is put together with a neighbour; a store that spans leaves
makes one list of what is left at its ends.  Either way:

    level of the leaves   L . . . R   one list          -->  one, two or three new nodes
    the level above       P . . . Q   P's slots before, the new nodes, Q's slots after, one list
                                                        -->  again, until one node takes one place

A list of few slots first takes in a neighbour: the right one, by climbing until there is one and
going down its left edge, or else the left one.  A list that is the whole level becomes the root.

    slots    to 16  17 to 31  32 or 33, and 31 in a leaf whose middle is NULL
    nodes    1      2         3
"""

from pagecache.structures.maple.change cimport maple_change
from pagecache.structures.maple.lists cimport maple_list

cdef int combine_short(maple_change* change, maple_list* items) noexcept nogil
cdef int combine(maple_change* change, maple_list* items) noexcept nogil
