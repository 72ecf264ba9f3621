"""Where the frames of a folio come from: the contract of a policy.

A mapping asks for a folio of a good order and takes what it gets: that order, a smaller one down
to the file's least, or nothing.  A *block* is what is handed out: 2^order frames, aligned.
"""

from libc.stdint cimport uint64_t


cdef class Policy:
    # Frames for a folio of `order`, or of a smaller one down to `least` where this policy falls
    # back: the order got, and the first frame in `pfn`; -1 if nothing was got.
    cdef int alloc_block(self, unsigned int order, unsigned int least, uint64_t* pfn) noexcept nogil
    # Free a block that was allocated, or that `split_block` made of one: 0 or a negative errno.
    cdef int free_block(self, uint64_t pfn, unsigned int order) noexcept nogil
    # Make blocks of order `to` of one that is in use, so that each can be freed alone.
    cdef int split_block(self, uint64_t pfn, unsigned int order, unsigned int to) noexcept nogil
