"""Entries and errors, between Python and the words of entry.pxd."""

from libc.errno cimport EBUSY, EINVAL, ENOENT, ENOMEM

from pagecache.pointer cimport Pointer
from pagecache.xarray.entry cimport (
    NULL_ENTRY,
    is_error,
    is_node,
    is_value,
    mk_value,
    to_error,
    to_value,
)
from pagecache.xarray.find cimport PRESENT
from pagecache.xarray.node cimport MARKS
from pagecache.xarray.walk cimport TRACK_FREE, ZERO_BUSY

from operator import index as as_integer

import numpy as np

from pagecache.errors import EntryExists


cdef extern from "Python.h":
    bint PyLong_CheckExact(object number)
    long long PyLong_AsLongLongAndOverflow(object number, int* overflow) except? -1
    unsigned long long PyLong_AsUnsignedLongLong(object number) except? 0xFFFFFFFFFFFFFFFF


MOST_ENTRIES = 2**60  # that an extraction gives: no memory holds more


class _Subtree:
    """What a store over several smaller entries returns: a whole subtree was there."""

    def __repr__(self):
        return "SUBTREE"


SUBTREE = _Subtree()


cdef uint64_t to_index(object index) except? 0:
    """An index: an int, or what Python takes for one; a float would be cut in silence."""
    if not PyLong_CheckExact(index):
        index = as_integer(index)
    try:
        return PyLong_AsUnsignedLongLong(index)
    except OverflowError:
        raise OverflowError(f"{index} is not from 0 to 2**64 - 1") from None


cdef bint last_before(object stop, uint64_t* last) except -1:
    """The last index below `stop`, the highest if that is None; False if there is none below."""
    if stop is None or stop == 2**64:
        last[0] = ~<uint64_t>0
        return True
    if not 0 <= as_integer(stop) < 2**64:
        raise OverflowError(f"stop {stop} is not from 0 to 2**64")
    last[0] = <uint64_t>stop - 1
    return stop > 0


cdef size_t extract_limit(object limit, object out) except? 0:
    """How many entries an extraction may give."""
    room = None if out is None else min(len(out[0]), len(out[1]))
    if limit is None:
        return 1 << 20 if room is None else room
    if not 0 <= limit <= MOST_ENTRIES:
        raise ValueError(f"limit {limit} must be from 0 to 2**60, entries that fit in memory")
    if room is not None and limit > room:
        raise ValueError(f"out has room for {room} entries, not for {limit}")
    return limit


cdef object to_array(object values, str what):
    """A uint64 array as batches take it; ValueError or TypeError, with the remedy, for all else."""
    found = np.asarray(values)  # the same memory, of whatever holds an array
    if found.dtype == np.uint64 and found.ndim == 1 and found.flags.c_contiguous:
        return found
    kind = ValueError if isinstance(values, np.ndarray) else TypeError
    raise kind(
        f"{what}: batches take a contiguous uint64 array of one dimension, this is {found.dtype} of "
        f"{found.ndim}; give numpy.ascontiguousarray({what}, dtype=numpy.uint64)"
    )


cdef entry_t from_python(object entry) except? 0:
    cdef long long value
    cdef int overflow = 0
    if entry is None:
        return NULL_ENTRY
    if isinstance(entry, Pointer):
        return (<Pointer>entry).address
    if not PyLong_CheckExact(entry):
        entry = as_integer(entry)  # a float would be cut in silence
    value = PyLong_AsLongLongAndOverflow(entry, &overflow)
    if overflow or value < 0:
        raise ValueError(f"value {entry} must be from 0 to 2**63 - 1")
    return mk_value(value)


cdef object to_python(entry_t entry):
    if is_error(entry):
        if to_error(entry) == ENOMEM:
            raise MemoryError("the node pool cannot grow; the array is as before")
        raise ValueError("this entry is the array's own and cannot be stored")
    if entry == NULL_ENTRY:
        return None
    if is_node(entry):
        return SUBTREE
    return to_value(entry) if is_value(entry) else Pointer(entry)


cdef int check_values(const uint64_t[::1] values) except -1:
    """ValueError if one is too large for a value entry.  O(n)."""
    cdef Py_ssize_t k
    cdef uint64_t all_bits = 0
    with nogil:
        for k in range(values.shape[0]):
            all_bits |= values[k]
    if all_bits >> 63:
        raise ValueError("values must be from 0 to 2**63 - 1")
    return 0


cdef unsigned int filter_of(object mark) except *:
    if mark is None:
        return PRESENT
    return mark_of(mark)


cdef unsigned int mark_of(object mark) except *:
    if not 0 <= as_integer(mark) < MARKS:
        raise ValueError(f"mark {mark} must be 0, 1 or 2")
    return mark


cdef unsigned int flags_of(object alloc) except *:
    if alloc is None:
        return 0
    return TRACK_FREE | ZERO_BUSY if alloc else TRACK_FREE


LIKES = ("5.17", "6.10", "6.14", "7.1")  # in the order of walk.pxd's LIKE_ values


cdef unsigned int like_of(object like) except *:
    if like not in LIKES:
        raise ValueError(f"like={like!r}: kernels differ as {', '.join(LIKES)} do; give one of these")
    return LIKES.index(like)


cdef int split_failed(int failed, uint64_t index, unsigned int order) except -1:
    if failed == -ENOENT:
        raise KeyError(f"nothing to split at index {index}")
    if failed == -ENOMEM:
        raise MemoryError("the node pool cannot grow; the array is as before")
    if failed:
        raise ValueError(f"the entry at index {index} cannot be split to order {order} in one step")
    return 0


cdef int alloc_failed(int failed, object limit) except -1:
    if failed == -EBUSY:
        raise EntryExists(f"no index from {limit[0]} to {limit[1]} is free")
    if failed == -EINVAL:
        raise ValueError("this array hands out no IDs; make it with alloc=0 or alloc=1")
    if failed < 0:
        raise MemoryError("the node pool cannot grow; the array is as before")
    return 0


cdef unsigned int order_of(object order) except? 0:
    order = as_integer(order)
    if not 0 <= order <= 63:
        raise ValueError(f"order {order} must be from 0 to 63")
    return order


cdef int check_range(object first, object last) except -1:
    if last < first:
        raise ValueError(f"last {last} is below first {first}")
    return 0
