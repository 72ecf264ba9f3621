"""Indices, orders and arrays, between Python and the structures.

An index is an int from 0 to 2^64 - 1, or what Python takes for one; a float would be cut in
silence and is refused, as is anything out of range: an error that names the number and the range.
"""

from libc.stdint cimport uint64_t

cdef uint64_t to_index(object index) except? 0
cdef unsigned int order_of(object order) except? 0
cdef unsigned int tag_of(object tag) except *
cdef uint64_t to_number(object number, uint64_t most) except? 0
cdef int failed_as(int failed, str what) except -1
