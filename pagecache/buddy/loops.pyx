"""Requests to a memory in compiled loops: for benchmarks.

Each loop makes the plain call once for every block, as Cython code would that needs one.
"""

from libc.stdint cimport uint64_t

from pagecache.buddy.buddy cimport Buddy
from pagecache.buddy.zone cimport GFP_MOVABLE, buddy_alloc, buddy_free


def alloc_each(Buddy memory not None, uint64_t[::1] pfn, unsigned int order=0,
               unsigned int gfp=GFP_MOVABLE):
    """Ask for a block for each place in `pfn`; how many there were before one was refused."""
    cdef Py_ssize_t k, got = 0
    with nogil:
        for k in range(pfn.shape[0]):
            if buddy_alloc(&memory.b, order, gfp, &pfn[k]):
                break
            got += 1
    return got


def free_each(Buddy memory not None, const uint64_t[::1] pfn, unsigned int order=0):
    """Give the block at each `pfn` back; how many were in use with that order."""
    cdef Py_ssize_t k, freed = 0
    with nogil:
        for k in range(pfn.shape[0]):
            freed += buddy_free(&memory.b, pfn[k], order) == 0
    return freed


def alloc_and_free(Buddy memory not None, Py_ssize_t times, unsigned int order=0,
                   unsigned int gfp=GFP_MOVABLE):
    """Take a block and give it back, again and again; how often there was one."""
    cdef uint64_t pfn = 0
    cdef Py_ssize_t _k, got = 0
    with nogil:
        for _k in range(times):
            if buddy_alloc(&memory.b, order, gfp, &pfn) == 0:
                got += buddy_free(&memory.b, pfn, order) == 0
    return got
