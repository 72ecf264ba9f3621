"""Walking the entries in order, all of them or those with a tag.  Forward only.

A walk works through the slots of one node, its *chunk*, and starts again at the root for the next:

    shift 0  [e][-][e][e] ... [e]      one chunk: up to 64 entries for one walk from the root

NULLs and siblings are passed over.  A walk by tag looks at the bitmap alone, and at a root without
the tag ends at once.  One that starts inside a large entry gives that entry with its own first
index, which lies below the start; by tag, too.
"""

from libc.stdint cimport uint64_t

from pagecache.structures.radix.entry cimport entry_t
from pagecache.structures.radix.node cimport radix_node, radix_root


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


cdef entry_t radix_next(radix_iter* walk) noexcept nogil
cdef size_t radix_gang_lookup(radix_root* root, uint64_t index, unsigned int tag,
                              entry_t* found, size_t most) noexcept nogil
