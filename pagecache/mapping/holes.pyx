"""Storing the largest zero entry that fits, and splitting it where a page is written."""

from libc.errno cimport ENOMEM

from pagecache.designs.file_index cimport (
    FOUND_FOLIO,
    FOUND_NOTHING,
    FOUND_SHADOW,
    VALUE_ZERO,
    mk_kind,
)
from pagecache.xarray.entry cimport entry_t
from pagecache.mapping.core cimport file_pages
from pagecache.mapping.storage.extents cimport all_hole
from pagecache.mapping.populate cimport fill_block, install, take_frames


cdef inline entry_t zero_entry() noexcept nogil:
    return mk_kind(0, VALUE_ZERO)


cdef int store_zero(Core m, uint64_t index) noexcept nogil:
    """Store the largest zero entry around `index`, where nothing solid is: 0 or a negative errno."""
    cdef found_t found
    cdef unsigned int order = m.behaviour.unit
    while order < m.behaviour.zero_order and half_is_free(m, index, order):
        order += 1
    if m.index.next_entry(index, index, &found) == FOUND_SHADOW:
        m.index.erase_value(index)  # it may reach beyond the entry
    return m.index.store_value(index >> order << order, order, zero_entry())


cdef bint half_is_free(Core m, uint64_t index, unsigned int order) noexcept nogil:
    """Can an entry of `order` around `index` grow to twice its size: is the other half hole too?"""
    cdef uint64_t first = ((index >> order) ^ 1) << order
    cdef uint64_t last = first + ((<uint64_t>1 << order) - 1)
    cdef found_t found
    if (last | <uint64_t>1 << order) >= file_pages(m) or not all_hole(m.extents, first, last):
        return False
    while m.index.next_entry(first, last, &found) != FOUND_NOTHING:
        if found.kind == FOUND_FOLIO:
            return False
        if found.last >= last:
            break
        first = found.last + 1
    return True


cdef int open_zero(Core m, found_t* found, uint64_t index, unsigned int order) noexcept nogil:
    """Put a folio of `order` at most in place of part of a zero entry: its order, or -ENOMEM.

    The frames come first, so that a failure changes nothing that is read.
    """
    cdef uint64_t pfn = 0, first
    cdef unsigned int piece
    cdef int got, failed
    while (<uint64_t>1 << order) > found.last - found.first + 1:
        order = m.fits[order - 1]
    got = take_frames(m, order, m.behaviour.least if m.behaviour.least < order else order, &pfn)
    if got < 0:
        return -ENOMEM
    piece = <unsigned int>got if got > <int>m.behaviour.block_order else m.behaviour.block_order
    while (<uint64_t>1 << piece) > found.last - found.first + 1:
        piece -= 1
    first = index >> piece << piece
    failed = m.index.split_value(index, piece)
    if not failed:
        m.index.erase_value(index)
        failed = install(m, index >> got << got, got, pfn)
        if failed:
            m.index.store_value(first, piece, zero_entry())
    if failed:
        m.policy.free_block(pfn, got)
        return failed
    if <unsigned int>got < piece:
        fill_block(m, index)
    return got
