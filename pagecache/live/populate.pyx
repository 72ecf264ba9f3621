"""Folios into the indexes of many files, in one compiled loop: a machine caches millions."""

from libc.stdint cimport uint8_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc

from pagecache.designs.contract cimport PageIndex, raise_insert


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
