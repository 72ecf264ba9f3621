"""What must be compiled: folios into the indexes of many files, and where types of BTF begin."""

from libc.stdint cimport uint8_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc

import numpy as np

from pagecache.designs.contract cimport PageIndex, raise_insert
from pagecache.errors import InputError

cdef enum:
    KINDS = 20

# Words behind the first three of a type: fixed ones, and a number of them for each of its members.
cdef int[KINDS] FIXED = [0, 1, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0]
cdef int[KINDS] EACH = [0, 0, 0, 0, 3, 3, 2, 0, 0, 0, 0, 0, 0, 2, 0, 3, 0, 0, 0, 3]


def populate(list indexes, const uint32_t[::1] file, const uint64_t[::1] index,
             const uint8_t[::1] order, const uint64_t[::1] pfn):
    """Insert folio k, of `order[k]` at frame `pfn[k]`, into the index of `file[k]`.

    Raises what `PageIndex.insert_folio` does; the folios before the one named stay.
    """
    cdef Py_ssize_t k, files = len(indexes), folios = file.shape[0]
    cdef int failed = 0
    cdef void** table
    if not index.shape[0] == order.shape[0] == pfn.shape[0] == folios:
        raise ValueError("file, index, order and pfn must be of one length")
    for k in range(folios):
        if file[k] >= <uint64_t>files:
            raise IndexError(f"folio {k} is of file {file[k]}, and there are {files}")
    table = <void**>malloc(max(files, 1) * sizeof(void*))
    if table is NULL:
        raise MemoryError("no room for the table of indexes")
    try:
        for k in range(files):
            table[k] = <void*>(<PageIndex?>indexes[k])
        with nogil:
            for k in range(folios):
                failed = (<PageIndex>table[file[k]]).insert(index[k], order[k], pfn[k])
                if failed:
                    break
    finally:
        free(table)
    if failed:
        raise_insert(failed, index[k], order[k], pfn[k])


def type_starts(const uint32_t[::1] words):
    """The place of each type's first word; number 0 is void and has none, so its place is 0.

    Raises
    ------
    InputError
        A kind that is not known, or a type that goes beyond the end.
    """
    cdef Py_ssize_t place = 0, end = words.shape[0], count = 1
    cdef uint32_t info, kind
    found = np.zeros(end // 3 + 1, np.uint32)
    cdef uint32_t[::1] starts = found
    while place + 3 <= end:
        info = words[place + 1]
        kind = info >> 24 & 31
        if kind >= KINDS:
            raise InputError(f"BTF kind {kind} of type {count} is unknown")
        starts[count] = <uint32_t>place
        count += 1
        place += 3 + FIXED[kind] + EACH[kind] * <Py_ssize_t>(info & 0xFFFF)
    if place != end:
        raise InputError(f"BTF ends within type {count}; read it again")
    return found[:count]
