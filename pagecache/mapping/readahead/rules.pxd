"""The switches of a rule set as compiled code reads them, and the five functions that may differ.

A person who proposes a patch derives from `ReadaheadRules` in Python and overrides one function; the rest
stays compiled.  `overridden` says which were: the others cost one test of a bit.

    first_window   pages of the first window, for a request that missed
    next_window    pages of the window after one of some size
    grow_order     the order after one
    align_end      where a window ends that a mark has started
    round_mark     the first page of the folio of an order that stands for a page

An exception in an overridden function is kept in `failed` until the compiled loop returns; from
then on the built-in function answers, so that no function runs on with half an answer.
"""

from libc.stdint cimport uint64_t

cdef enum:
    NO_HOLE_LAST = 0
    NO_HOLE_BEFORE = 1
    NO_HOLE_AFTER = 2

cdef enum:
    MIN_ORDER_UNKNOWN = 0
    MIN_ORDER_LOOSE = 1
    MIN_ORDER_KEPT = 2

cdef enum:  # bits of `overridden`
    OWN_FIRST_WINDOW = 1
    OWN_NEXT_WINDOW = 2
    OWN_GROW_ORDER = 4
    OWN_ALIGN_END = 8
    OWN_ROUND_MARK = 16

cdef struct switches_t:  # see MEANING in kernels.py
    bint read_past_end
    bint position_moves
    bint mark_rounds_up
    bint order_1
    bint one_procedure
    bint refill_whole
    bint failed_insertion_ends
    bint grow_every_fill
    bint order_kept
    bint end_aligned
    bint small_windows_single
    bint never_shrinks
    bint workingset_misses_stay
    bint exec_rule
    bint whole_folios_mapped
    bint request_rounded
    bint misses_counted_first
    bint scans_lag
    unsigned int folio_batch
    int no_hole
    int min_order


cdef class ReadaheadRules:
    cdef switches_t on
    cdef unsigned int overridden
    cdef readonly str kernel
    cdef readonly dict switches
    cdef public object failed  # the first exception of an overridden function
    cdef uint64_t ask(self, str name, tuple arguments, uint64_t otherwise) noexcept


cdef uint64_t first_window(ReadaheadRules rules, uint64_t request, uint64_t limit) noexcept nogil
cdef uint64_t next_window(ReadaheadRules rules, uint64_t size, uint64_t limit) noexcept nogil
cdef unsigned int grow_order(ReadaheadRules rules, unsigned int order) noexcept nogil
cdef uint64_t align_end(
    ReadaheadRules rules, uint64_t start, uint64_t end, unsigned int order, uint64_t limit) noexcept nogil
cdef uint64_t round_mark(ReadaheadRules rules, uint64_t page, unsigned int order) noexcept nogil


cdef inline uint64_t round_down(uint64_t page, unsigned int order) noexcept nogil:
    return page >> order << order


cdef inline uint64_t round_up(uint64_t page, unsigned int order) noexcept nogil:
    return round_down(page + (<uint64_t>1 << order) - 1, order)


cdef extern from *:
    int __builtin_clzll(unsigned long long) noexcept nogil
    int __builtin_ctzll(unsigned long long) noexcept nogil


cdef inline unsigned int log2_of(uint64_t n) noexcept nogil:
    return 63 - __builtin_clzll(n | 1)


cdef inline unsigned int alignment_of(uint64_t page) noexcept nogil:
    """The largest order that is aligned there."""
    return __builtin_ctzll(page | <uint64_t>1 << 63)
