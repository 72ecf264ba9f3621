"""Three tags an entry: dirty, writeback and towrite in the page cache.

A bit set in a node says that the entry in that slot, or some entry below it, carries the tag; the
root has such a bit for the whole tree.  Setting writes the bits on the way down.  Clearing begins
at the slot and goes up while no other slot of the node has the bit; a bit that is not set ends it.
"""

from libc.stdint cimport uint64_t

from pagecache.structures.radix.entry cimport entry_t
from pagecache.structures.radix.node cimport radix_node, radix_root

cdef entry_t radix_tag_set(radix_root* root, uint64_t index, unsigned int tag) noexcept nogil
cdef entry_t radix_tag_clear(radix_root* root, uint64_t index, unsigned int tag) noexcept nogil
cdef bint radix_tag_get(radix_root* root, uint64_t index, unsigned int tag) noexcept nogil
cdef void clear_tag_up(
    radix_root* root, radix_node* node, unsigned int offset, unsigned int tag) noexcept nogil
