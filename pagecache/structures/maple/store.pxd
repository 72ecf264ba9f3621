"""Store, insert and erase: the walk down that finds out what kind of change it is.

    a tree without nodes                        leaf.store_root
    all of it lies in one leaf                  leaf.store_leaf  --> grow, or combine
    it goes beyond the slot of an inner node    span.store_span  --> combine

Insertion looks for entries in the range first.  *Quirk:* over everything, in a tree that is one
leaf of two or more slots, nothing is looked for, and the tree is replaced.
"""

from libc.stdint cimport uint64_t

from pagecache.structures.maple.node cimport maple_tree, word_t

cdef int maple_store(maple_tree* tree, uint64_t first, uint64_t last, word_t entry) noexcept nogil
cdef int maple_insert(maple_tree* tree, uint64_t first, uint64_t last, word_t entry) noexcept nogil
cdef int maple_erase(maple_tree* tree, uint64_t index, word_t* old) noexcept nogil
cdef void maple_destroy(maple_tree* tree) noexcept nogil
