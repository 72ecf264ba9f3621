"""Where a file has data and where holes: what a filesystem knows of it.

    page      0 ........ 396 | 397 .. 409 | 410 ...... 2457 | 2458 ...
    extent    data           | hole       | data            | hole

An *extent* is a run of pages of one kind.  Data lies in an XArray as value entries over the run,
a hole is nothing there; so a question costs O(height), however many extents there are.  The
file's size stands here too: all that the filesystem knows of a file is in one place.

A change takes out the runs that it touches and stores again what they have outside of it.  That
must not fail halfway, so nodes enough for one change are seen to before it begins: a run of pages
below 2^52 has nodes on two paths of nine, and a change stores three.
"""

from libc.stdint cimport uint64_t

from pagecache.xarray.node cimport NodePool
from pagecache.xarray.walk cimport xarray_t


cdef enum:
    EXTENT_HOLE = 0
    EXTENT_DATA = 1
    EXTENT_SHARED = 2  # data whose blocks other files name too; the clone that made it so is above
    KIND_BITS = 2
    CHANGE_NODES = 54  # that one change takes at most
    NEW = 0  # the mark of what a change of many holes has filled so far


cdef class Extents:
    cdef xarray_t xa
    cdef readonly NodePool pool
    cdef public uint64_t size  # of the file, in bytes
    cdef bint shares  # a clone was made: some extents may be shared
    cdef uint64_t clones  # made of this file


cdef uint64_t extent_value(Extents self, uint64_t page) noexcept nogil
cdef int extent_room(Extents self) noexcept nogil
cdef int set_extent(Extents self, uint64_t first, uint64_t last, uint64_t value) noexcept nogil
cdef int fill_extents(Extents self, uint64_t first, uint64_t last) noexcept nogil
cdef uint64_t value_end(Extents self, uint64_t page, uint64_t end) noexcept nogil


cdef inline int extent_kind(Extents self, uint64_t page) noexcept nogil:
    return extent_value(self, page) & 3


cdef bint all_hole(Extents self, uint64_t first, uint64_t last) noexcept nogil
cdef uint64_t next_data(Extents self, uint64_t page, uint64_t end) noexcept nogil
cdef uint64_t next_hole(Extents self, uint64_t page, uint64_t end) noexcept nogil
