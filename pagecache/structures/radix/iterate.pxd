"""Walking the entries in order, all of them or those with a tag.  Forward only.

A walk works through the slots of one node, its *chunk*, and starts again at the root for the next:

    shift 0  [e][-][e][e] ... [e]      one chunk: up to 64 entries for one walk from the root

NULLs and siblings are passed over.  A walk by tag looks at the bitmap alone, and at a root without
the tag ends at once.  One that starts inside a large entry gives that entry with its own first
index, which lies below the start; by tag, too.
"""

from libc.stdint cimport uint64_t

from pagecache.structures.radix.entry cimport NULL_ENTRY, entry_t, is_internal
from pagecache.structures.radix.node cimport SLOTS, radix_node, radix_root
from pagecache.structures.radix.walk cimport slot_first, slot_read


cdef enum:
    ANY_TAG = 3  # all entries, whatever their tags


cdef struct radix_iter:
    radix_root* root
    uint64_t index  # the first index of the entry that was returned
    uint64_t next_chunk  # where the chunk after this one begins; 0: there is none
    radix_node* node  # whose slots are being looked at; NULL: walk to `next_chunk` first
    unsigned int offset  # of the next slot to look at
    unsigned int tag
    bint ended


cdef inline void iter_init(
        radix_iter* walk, radix_root* root, uint64_t index, unsigned int tag) noexcept nogil:
    walk.root, walk.next_chunk, walk.tag = root, index, tag
    walk.node, walk.ended = NULL, False


cdef inline entry_t radix_next(radix_iter* walk) noexcept nogil:
    """The next entry, `walk.index` its first index; NULL at the end.  O(1), O(height) a chunk."""
    cdef entry_t entry
    if walk.node is not NULL and walk.tag == ANY_TAG and walk.offset < SLOTS:
        entry = slot_read(&walk.node.slots[walk.offset])
        if entry != NULL_ENTRY and not is_internal(entry):
            walk.index = slot_first(walk.node, walk.offset, walk.index)
            walk.offset += 1
            return entry
    return radix_next_slow(walk)


cdef entry_t radix_next_slow(radix_iter* walk) noexcept nogil
cdef size_t radix_gang_lookup(radix_root* root, uint64_t index, unsigned int tag,
                              entry_t* found, size_t most) noexcept nogil
