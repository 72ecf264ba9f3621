"""The tree as text, and the check of its rules.

The text has the head with the root's tags, then each node, depth first:

    H n m000; N 0 6 c8 v0 m0,0,0 0=p1 1=s0 2=s0 3=s0 4=s0 5=s0 6=s0 7=s0;

that is first index (hex), shift, count, exceptional, the three bitmaps (hex), the filled slots.
"""

from libc.stdint cimport uint64_t

from pagecache.structures.radix.entry cimport entry_t
from pagecache.structures.radix.node cimport radix_node, radix_root

cdef str tree_text(radix_root* root)
cdef void check_tree(radix_root* root) except *
cdef uint64_t count_nodes(radix_root* root) noexcept nogil
cdef unsigned int tree_height(radix_root* root) noexcept nogil
