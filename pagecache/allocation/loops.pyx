"""Requests to a policy in a compiled loop: for benchmarks and tables."""

from libc.stdint cimport uint64_t

from pagecache.allocation.policy cimport Policy


def cover(Policy policy not None, Py_ssize_t ranges, unsigned int order=9):
    """Ask for the frames of that many ranges of 2**order pages; how many got all.

    Each block is as large as there is, up to what is left of the range: what a filesystem does
    that writes 2 MiB at a time.  A range for which nothing is free is left as it is.
    """
    cdef Py_ssize_t _k, whole = 0
    with nogil:
        for _k in range(ranges):
            whole += cover_one(policy, order)
    return whole


cdef bint cover_one(Policy policy, unsigned int order) noexcept nogil:
    cdef uint64_t left = <uint64_t>1 << order, pfn = 0
    cdef int got
    while left:
        while <uint64_t>1 << order > left:
            order -= 1
        got = policy.alloc_block(order, 0, &pfn)
        if got < 0 or <uint64_t>1 << got > left:
            return False
        order = got
        left -= <uint64_t>1 << got
    return True
