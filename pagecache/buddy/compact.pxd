"""Compaction: making large blocks by moving what is in use together.

A *migrate scanner* goes up from the bottom and collects movable blocks, a *free scanner* comes down
from the top and finds room for them.  They stop where they meet, or when a block of the order that
is wanted has come free.  The next run goes on where this one stopped.

    before    M . M .  . M . M  . . M .  . M . .      M movable, . free
              migrate scanner ->   <- free scanner
    after     . . . .  . . . M  . . M .  M M M M      8 pages scanned up, 4 down, 3 moved

Blocks keep their order when they move, so there is a free scanner for each order.  A block that
somebody holds moves only if its owner has said how it will learn the new number (`moved`).

After a request for which the whole memory was scanned without success, the next 1, then 3, 7, ... 63 of
them are *deferred*: they fail at once, as in Linux.
"""

from libc.stdint cimport uint64_t

from pagecache.buddy.blocks cimport buddy_t

cdef bint compact_for(buddy_t* b, unsigned int order, uint64_t mark) noexcept nogil
cdef bint compact_run(buddy_t* b, unsigned int order) noexcept nogil
cdef void compact_reset(buddy_t* b) noexcept nogil
