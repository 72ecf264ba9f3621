"""Insert and erase.

A page whose dense leaf has room for it is one store, and so is erasing it; else a leaf's entries are
taken as a list, with the new one or without the old one, and laid into leaves again (`items`).

    too long for one leaf   with the left neighbour, or the right one, if two leaves hold both; or
                            cut, evenly where the leaf holds more than a window
    few entries left        with a neighbour, if one leaf holds both
    no entry left           the leaf's range goes to a neighbour; of the last leaf, nothing stays

A folio may lie across the holes at the end of one leaf and the beginning of the next: then the
boundary between them moves first to where the folio begins, a pivot somewhere above.
"""

from libc.stdint cimport uint64_t

from pagecache.structures.maple_proposal.node cimport marked_tree, word_t

cdef int marked_insert(marked_tree* tree, uint64_t first, uint64_t last, word_t entry) noexcept nogil
cdef int marked_erase(marked_tree* tree, uint64_t index, word_t* old) noexcept nogil
cdef void marked_destroy(marked_tree* tree) noexcept nogil
