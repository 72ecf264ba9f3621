"""The abstract class of a supply."""

from libc.errno cimport EINVAL


cdef class Supply:
    """Where the frames of folios come from.  Cannot be made itself: subclass it in Cython.

    A subclass overrides the three methods of supply.pxd.
    """

    def __init__(self, *args, **kwargs):
        if type(self) is Supply:
            raise TypeError("Supply is abstract; make one by its name: pagecache.supply.make(NAME)")

    cdef int take(self, unsigned int order, unsigned int least, uint64_t* pfn) noexcept nogil:
        return -1

    cdef int give(self, uint64_t pfn, unsigned int order) noexcept nogil:
        return -EINVAL

    cdef int split(self, uint64_t pfn, unsigned int order, unsigned int to) noexcept nogil:
        return -EINVAL
