"""References by a plain addition and a locked bit (`locked-bit`): proposed from December 2025 on.

    state            count                who may get
    owned            n >= 1               anybody: one addition
    zero in passing  0                    anybody: the bit is about to be set
    frozen or free   bit, and strays      nobody

A get adds one and looks at the result.  With the bit clear it holds a reference.  With the bit set
it left a *stray*, and takes it away by exchanging what it sees for the bit alone, as long as
the bit is set; a blind subtraction would take a reference from whoever owned the frame by then.

A put that comes to 0 exchanges 0 for the bit.  Who wins frees; who loses was overtaken by a getter,
which will do it later.  The bit never gives way to 0: only who owns the frame stores a count.
The orders are those of models/orders.toml.
"""

from libc.stdint cimport INT32_MIN, int32_t

from pagecache.page.frames cimport page_t


cdef extern from *:
    """
    #define pc_locked_bit_get(page) __atomic_add_fetch(&(page)->refcount, 1, __ATOMIC_ACQUIRE)
    #define pc_locked_bit_undo_failed __ATOMIC_RELAXED
    #define pc_locked_bit_undo(page, seen) __atomic_compare_exchange_n( \\
        &(page)->refcount, (seen), INT32_MIN, 0, __ATOMIC_RELAXED, pc_locked_bit_undo_failed)
    #define pc_locked_bit_put(page) __atomic_sub_fetch(&(page)->refcount, 1, __ATOMIC_RELEASE)
    #define pc_locked_bit_put_last_failed __ATOMIC_RELAXED
    #define pc_locked_bit_put_last(page, zero) __atomic_compare_exchange_n( \\
        &(page)->refcount, (zero), INT32_MIN, 0, __ATOMIC_ACQUIRE, pc_locked_bit_put_last_failed)
    #define pc_locked_bit_freeze_failed __ATOMIC_RELAXED
    #define pc_locked_bit_freeze(page, n) __atomic_compare_exchange_n( \\
        &(page)->refcount, (n), INT32_MIN, 0, __ATOMIC_ACQUIRE, pc_locked_bit_freeze_failed)
    #define pc_locked_bit_unfreeze(page, n) \\
        __atomic_store_n(&(page)->refcount, (n), __ATOMIC_RELEASE)
    """
    int32_t locked_bit_add "pc_locked_bit_get"(page_t* page) noexcept nogil
    bint locked_bit_undo "pc_locked_bit_undo"(page_t* page, int32_t* seen) noexcept nogil
    int32_t locked_bit_sub "pc_locked_bit_put"(page_t* page) noexcept nogil
    bint put_last_swap "pc_locked_bit_put_last"(page_t* page, int32_t* zero) noexcept nogil
    bint locked_bit_freeze_swap "pc_locked_bit_freeze"(page_t* page, int32_t* n) noexcept nogil
    void locked_bit_unfreeze "pc_locked_bit_unfreeze"(page_t* page, int32_t n) noexcept nogil


cdef inline bint locked_bit_get(page_t* page) noexcept nogil:
    """Take a reference, unless the bit is set."""
    cdef int32_t seen = locked_bit_add(page)
    if seen >= 0:
        return True
    while seen < 0 and seen != INT32_MIN:
        if locked_bit_undo(page, &seen):
            break
    return False


cdef inline bint locked_bit_free(page_t* page) noexcept nogil:
    """At 0: set the bit.  Does this caller free the folio?"""
    cdef int32_t zero = 0
    return put_last_swap(page, &zero)


cdef inline bint locked_bit_put(page_t* page) noexcept nogil:
    """Put a reference.  Does this caller free the folio?"""
    return locked_bit_sub(page) == 0 and locked_bit_free(page)


cdef inline bint locked_bit_freeze(page_t* page, int32_t n) noexcept nogil:
    """Keep all others away, if there are no references but these `n`."""
    return locked_bit_freeze_swap(page, &n)
