"""A get that copies some bytes of the page: what a small read() does.

    cas and the others   find   take   load the slot again   copy to the user   drop
    none, none-folio     count even   find   copy aside   the count the same   copy to the user

Without a reference the page may become somebody else's while it is copied, so nothing may reach the
user before the count is looked at again: the bytes are copied twice.  A short copy costs less than a
reference, a long one more; where they cost the same is the *break-even* length.  `MOST_COPIED` is what
the proposal of 2025 has room for on the stack.

Simulated frames have no memory, so that pages share what there is: `contents`, in which every word of a
page is its number.  Each copy is compared with that.  Nobody writes to it: what a new owner would write
is not simulated, only that the copy is not believed.  It lies in huge pages, as the kernel's direct map
does; each page is read from another line on, or all reads would meet in the same sets of the cache.
"""

from libc.stdint cimport uint64_t

from pagecache.designs.contract cimport lookup_t, pair_t
from pagecache.designs.getters cimport getter_t
from pagecache.designs.references cimport References

cdef enum:
    MOST_COPIED = 1024
    LEAST_COPIED = 8  # the page's number


cdef struct copier_t:
    getter_t* getter
    lookup_t once  # one try
    const char* contents
    uint64_t mask  # of a page's number there: a power of two, less one
    uint64_t lines  # of the line that a page is read from: the same
    uint64_t length
    char to[MOST_COPIED]
    char aside[MOST_COPIED]


cdef class Copies:
    cdef readonly References references
    cdef object contents
    cdef copier_t* copiers
    cdef pair_t pair(self, unsigned int number)
