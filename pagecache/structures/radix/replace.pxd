"""Writing a slot that was found, and what follows when a node becomes empty.

A replacement changes the counts by what came and went, and takes the siblings of the slot along.
Then the *empty-node test*: a node with nothing in it is freed, and its parent is tested; the top
node, if slot 0 alone is left in it, gives way to what that slot holds:

    head --> shift 6 [ 0 ][ - ]     head --> shift 0 [e][e]
                       |
               shift 0 [e][e]

An entry comes back into the head only from a node of shift 0: a larger entry keeps its node.

Tags stay as they are: who replaces an entry by nothing clears them first.  Bits left behind read
as set, and refuse an insertion there until somebody clears them.
"""

from libc.stdint cimport uint64_t

from pagecache.structures.radix.entry cimport entry_t
from pagecache.structures.radix.node cimport radix_node, radix_root

cdef void radix_replace(radix_root* root, radix_node* node, entry_t* slot, entry_t entry) noexcept nogil
cdef entry_t radix_delete(radix_root* root, uint64_t index) noexcept nogil
cdef void test_empty(radix_root* root, radix_node* node) noexcept nogil
cdef void radix_destroy(radix_root* root) noexcept nogil
cdef void free_below(radix_root* root, radix_node* node) noexcept nogil
