"""No reference at all (`none`): copy, and believe the copy if nothing was removed meanwhile.

Proposed in October 2025 for reads of up to 1 KiB.  A *sequence count* is even at rest and odd while
a folio is removed, migrated or split:

    reader   count even?   find the folio   copy   fence   the same count?   deliver
    writer                 count odd   slot cleared   count even   fence   the frame is free

A reader that finds the count odd, or changed, does not wait: it takes the slow path, with a
reference.  The count is one of the whole mapping (`none`), where one removal anywhere sends every
reader on the slow path, or the folio's own (`none-folio`), where the slot must be loaded again after
the count: before that the folio may have left the cache.

The two fences are needed because neither the copy nor the next owner's stores are atomic.
The orders are those of models/orders.toml.
"""

from libc.stdint cimport uint64_t


cdef extern from *:
    """
    #define pc_none_sequence_load(count) __atomic_load_n((count), __ATOMIC_ACQUIRE)
    #define pc_none_copied_fence() __atomic_thread_fence(__ATOMIC_ACQUIRE)
    #define pc_none_sequence_reload(count) __atomic_load_n((count), __ATOMIC_RELAXED)
    #define pc_none_sequence_odd(count, to) __atomic_store_n((count), (to), __ATOMIC_RELAXED)
    #define pc_none_sequence_even(count, to) __atomic_store_n((count), (to), __ATOMIC_RELEASE)
    #define pc_none_removed_fence() __atomic_thread_fence(__ATOMIC_RELEASE)
    """
    uint64_t sequence_load "pc_none_sequence_load"(const uint64_t* count) noexcept nogil
    void copied_fence "pc_none_copied_fence"() noexcept nogil
    uint64_t sequence_reload "pc_none_sequence_reload"(const uint64_t* count) noexcept nogil
    void sequence_odd "pc_none_sequence_odd"(uint64_t* count, uint64_t to) noexcept nogil
    void sequence_even "pc_none_sequence_even"(uint64_t* count, uint64_t to) noexcept nogil
    void removed_fence "pc_none_removed_fence"() noexcept nogil


cdef inline bint sequence_same(const uint64_t* count, uint64_t before) noexcept nogil:
    """Was nothing removed since the count was `before`?"""
    copied_fence()
    return sequence_reload(count) == before


cdef inline void sequence_begin(uint64_t* count) noexcept nogil:
    """A removal begins; only its writer changes the count."""
    sequence_odd(count, sequence_reload(count) + 1)


cdef inline void sequence_end(uint64_t* count) noexcept nogil:
    """It is over; what follows may give the frame away."""
    sequence_even(count, sequence_reload(count) + 1)
    removed_fence()
