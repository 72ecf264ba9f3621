"""A lookup in a page hash that writes down what it reads: for pictures.

A chain is drawn as a node of as many slots as it has entries, and one more for the NULL that it
ends with.  The lookup holds the table's lock, so no writer comes between.
"""

from libc.stdint cimport uint64_t

from pagecache.structures.page_hash.table cimport hash_table, order_of_t


cdef object walk_through(
    const hash_table* table, const void* mapping, uint64_t index, order_of_t order_of, object naming)
