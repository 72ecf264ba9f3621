"""Join and split: 4.19 kept both for large entries, and had no user of either left.

`join` lays one entry of order n over whatever is there.  Subtrees under its slots are freed, and
the tags found on the slots go to the canonical one.  Inside a larger entry it does not make that
one smaller: the walk stops there, and the new entry takes over the whole range; in the node of n's
own level it rewrites the first slots of it, and the siblings behind still name them.

`split` makes pieces of order n out of an entry: its slots become retry words, with a child node
full of them below each where n lies deeper; then each piece is replaced by its entry:

    order 9, shift 6:   [ e ][&0][&0][&0][&0][&0][&0][&0]
    split to order 0:   [ n ][ n ][ n ] ...                8 nodes of 64 retry words, then 512 entries

*Quirk.*  `exceptional` is kept by differences in one byte, and both calls get them wrong as Linux
does: join lowers it once for an exceptional entry, not for its siblings; split lowers it by the
slots of the run even if the entry was none.  The root says then that it has DRIFTED.
"""

from libc.stdint cimport int64_t, uint64_t

from pagecache.structures.radix.entry cimport entry_t
from pagecache.structures.radix.node cimport radix_root

cdef int radix_join(radix_root* root, uint64_t index, unsigned int order, entry_t entry) noexcept nogil
cdef int64_t radix_split(radix_root* root, uint64_t index, unsigned int order, entry_t entry) noexcept nogil
