"""Byte sizes that cannot overflow: sums and products that stop at SIZE_MAX.

A size made of a count that somebody gave can be larger than a word:

    2^60 records of 64 bytes      2^66 bytes, and 2^66 mod 2^64 = 0: a very small allocation
    array_size(2^60, 64)          SIZE_MAX, which no allocator has: it fails, as it should

Saturated sizes stay saturated through further sums and products by more than nothing, so only
the allocation itself is looked at.  The rules are those of Linux's functions of these names.
Everything here is inline: a `cimport` brings in no module.
"""

from libc.stdint cimport SIZE_MAX


cdef extern from *:
    bint mul_overflows "__builtin_mul_overflow"(size_t a, size_t b, size_t* product) noexcept nogil
    bint add_overflows "__builtin_add_overflow"(size_t a, size_t b, size_t* sum) noexcept nogil


cdef inline size_t size_add(size_t a, size_t b) noexcept nogil:
    """Bytes of two parts together."""
    cdef size_t total = 0
    return SIZE_MAX if add_overflows(a, b, &total) else total


cdef inline size_t array_size(size_t count, size_t element) noexcept nogil:
    """Bytes of `count` elements."""
    cdef size_t product = 0
    return SIZE_MAX if mul_overflows(count, element, &product) else product


cdef inline size_t array3_size(size_t rows, size_t columns, size_t element) noexcept nogil:
    """Bytes of a table of elements."""
    cdef size_t product = 0
    if mul_overflows(rows, columns, &product):
        return SIZE_MAX if element else 0
    return array_size(product, element)


cdef inline size_t struct_size(size_t header, size_t element, size_t count) noexcept nogil:
    """Bytes of a struct that ends in an array of `count` elements."""
    return size_add(array_size(count, element), header)


cdef inline size_t round_up_size(size_t size, size_t step) noexcept nogil:
    """`size` rounded up to a multiple of `step`, a power of two."""
    cdef size_t total = 0
    return SIZE_MAX if add_overflows(size, step - 1, &total) else total & ~(step - 1)
