"""Entries and errors, between Python and the words of entry.pxd."""

from libc.stdint cimport uint64_t

from pagecache.xarray.entry cimport entry_t


cdef entry_t from_python(object entry) except? 0
cdef object to_python(entry_t entry)
cdef unsigned int filter_of(object mark) except *
cdef unsigned int mark_of(object mark) except *
cdef unsigned int flags_of(object alloc) except *
cdef unsigned int like_of(object like) except *
cdef int split_failed(int failed, uint64_t index, unsigned int order) except -1
cdef int alloc_failed(int failed, object limit) except -1
cdef uint64_t to_index(object index) except? 0
cdef bint last_before(object stop, uint64_t* last) except -1
cdef size_t extract_limit(object limit, object out) except? 0
cdef object to_array(object values, str what)
cdef unsigned int order_of(object order) except? 0
cdef int check_values(const uint64_t[::1] values) except -1
cdef int check_range(object first, object last) except -1
