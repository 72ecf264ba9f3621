"""A store that ends in another leaf than it begins in, or where its leaf ends.

    leaf l   a  b  c  d  ]   [ ... whole leaves, whole subtrees ... ]   [  x  y  z   leaf r
                ^-- first                                       last --^
    list     a  b'  new  y  z        b' is what of b lies before `first`

What lies between is swallowed; l, r and all between are replaced by the nodes of that list.  NULL
takes in the NULLs at both ends: that is why NULL spans even if it ends exactly with its leaf.
"""

from pagecache.structures.maple.change cimport maple_change

cdef int store_span(maple_change* change, unsigned int depth) noexcept nogil
