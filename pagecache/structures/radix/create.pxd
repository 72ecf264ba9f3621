"""Growing and descending, and the insertion.

A store of order n walks down to the level of n.  On the way the tree grows at the top, one node at
a time, each taking the old head into its slot 0, until it reaches the entry's last index; and
missing children are made.  It stops early at an entry that covers the index already.

    insert 64 into a tree that holds index 0 alone:

    head: entry      head --> shift 0 [entry]     head --> shift 6 [ 0 ][ 1 ]
                                                                     |    |
                                                             shift 0 [e]  shift 0 [new]

An insertion that is refused may have grown the tree: growing comes before the test, in Linux too.
One that ran out of memory leaves the tree as before.
"""

from libc.stdint cimport uint64_t

from pagecache.structures.radix.entry cimport entry_t
from pagecache.structures.radix.node cimport radix_node, radix_root

cdef int radix_create(radix_root* root, uint64_t index, unsigned int order,
                      radix_node** node, entry_t** slot) noexcept nogil
cdef int radix_insert(radix_root* root, uint64_t index, unsigned int order, entry_t entry) noexcept nogil
cdef unsigned int slots_of(const radix_node* node, unsigned int order) noexcept nogil
cdef void fill_run(radix_node* node, unsigned int offset, unsigned int slots, entry_t entry) noexcept nogil
