"""One operation on a mapping: the one way in, for a single call as for arrays of them.

    operation          start, end are       argument        what it adds to the answer
    read               bytes                                the numbers of the pages' frames
    write              bytes                an identity     1 a page
    fault              bytes of one page                    the bits of the vm_fault_t
    fault-write        bytes of one page    an identity     the same
    dirty              bytes of one page                    1, if the page is cached
    fallocate          bytes                                blocks' pages that were a hole
    unshare            bytes                                blocks' pages that were shared
    writeback          bytes                                pages written
    scan                                    a mark, 0 to 2  folios that carry it
    truncate           the size, (unused)                   pages dropped
    punch              bytes                                pages dropped
    evict              bytes                                pages evicted
    invalidate         bytes                                pages dropped
    look               bytes                                as read, of what is cached
    add                bytes of its first   an order        1: a folio of that order enters
    del                bytes of its first   an order        pages dropped of that range

What the file's filesystem does not have is refused before anything else, with its errno; before
that, an empty range by the operations of fallocate(2).
"""

from libc.stdint cimport uint64_t

from pagecache.mapping.access cimport read_bytes
from pagecache.mapping.core cimport Core

cdef enum:
    OP_READ, OP_WRITE, OP_FAULT, OP_FAULT_WRITE, OP_DIRTY, OP_WRITEBACK, OP_SCAN
    OP_TRUNCATE, OP_PUNCH, OP_EVICT, OP_INVALIDATE, OP_ADD, OP_DEL, OP_LOOK
    OP_FALLOCATE, OP_UNSHARE, OP_END


cdef inline bint takes_blocks(unsigned int op) noexcept nogil:
    """Is it one of fallocate(2)'s, which takes no empty range?"""
    return op == OP_FALLOCATE or op == OP_PUNCH or op == OP_UNSHARE


cdef int operate_other(
    Core m, unsigned int op, uint64_t start, uint64_t end, uint64_t argument,
    uint64_t* answer) noexcept nogil


cdef inline int operate(
        Core m, unsigned int op, uint64_t start, uint64_t end, uint64_t argument,
        uint64_t* answer) noexcept nogil:
    """One operation: 0 or a negative errno.  Reads end where the file does.

    A read goes its own way, here in the caller's loop: it is the hot one, and nothing refuses it.
    """
    if op == OP_READ:
        return read_bytes(m, &m.ra, start, end, answer)
    return operate_other(m, op, start, end, argument, answer)
