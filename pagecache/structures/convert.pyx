"""Indices, orders and errors of the structures' Python faces."""

from libc.errno cimport EEXIST, EINVAL, ENOENT, ENOMEM

from operator import index as as_integer

from pagecache.errors import EntryExists

cdef unsigned int TAGS = 3


cdef uint64_t to_index(object index) except? 0:
    index = as_integer(index)
    if not 0 <= index <= 0xFFFFFFFFFFFFFFFF:
        raise OverflowError(f"index {index} is not from 0 to 2**64 - 1")
    return index


cdef unsigned int order_of(object order) except? 0:
    order = as_integer(order)
    if not 0 <= order <= 63:
        raise ValueError(f"order {order} must be from 0 to 63")
    return order


cdef unsigned int tag_of(object tag) except *:
    tag = as_integer(tag)
    if not 0 <= tag < TAGS:
        raise ValueError(f"tag {tag} must be 0, 1 or 2")
    return tag


cdef uint64_t to_number(object number, uint64_t most) except? 0:
    """A value that an entry keeps in the slot itself."""
    number = as_integer(number)
    if not 0 <= number <= most:
        raise ValueError(f"value {number} must be from 0 to {most}")
    return number


cdef int failed_as(int failed, str what) except -1:
    """Nothing for 0; else the error that the errno stands for."""
    if failed == -ENOMEM:
        raise MemoryError("the node pool cannot grow; the tree is as before")
    if failed == -EEXIST:
        raise EntryExists(f"{what}: it is taken; replace or delete what is there")
    if failed == -ENOENT:
        raise KeyError(f"{what}: nothing is there")
    if failed == -EINVAL:
        raise ValueError(f"{what}: this cannot be done here")
    return 0
