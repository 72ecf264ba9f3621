"""References that are first assumed to be one (`assume-1`): proposed in March 2026, never merged.

States, put, freeze and unfreeze are those of `cas` (cas.pxd).  The get does not load the count first:
it tries to exchange 1 for 2, which fetches the line for writing at once, where a load fetches it for
reading and the exchange again for writing.  A failed exchange says the count that it found, and the
get goes on from there as `cas` does.  For a folio of order 9, at rest at 512, the first try always
fails.
"""

from libc.stdint cimport int32_t

from pagecache.page.frames cimport page_t


cdef extern from *:
    """
    #define pc_assume_1_get_failed __ATOMIC_RELAXED
    #define pc_assume_1_get(page, old, count) __atomic_compare_exchange_n( \\
        &(page)->refcount, (old), (count), 0, __ATOMIC_ACQUIRE, pc_assume_1_get_failed)
    #define pc_assume_1_put(page) __atomic_sub_fetch(&(page)->refcount, 1, __ATOMIC_ACQ_REL)
    #define pc_assume_1_freeze_failed __ATOMIC_RELAXED
    #define pc_assume_1_freeze(page, n) __atomic_compare_exchange_n( \\
        &(page)->refcount, (n), 0, 0, __ATOMIC_ACQUIRE, pc_assume_1_freeze_failed)
    #define pc_assume_1_unfreeze(page, n) \\
        __atomic_store_n(&(page)->refcount, (n), __ATOMIC_RELEASE)
    """
    bint assume_1_swap "pc_assume_1_get"(page_t* page, int32_t* old, int32_t count) noexcept nogil
    int32_t assume_1_sub "pc_assume_1_put"(page_t* page) noexcept nogil
    bint assume_1_freeze_swap "pc_assume_1_freeze"(page_t* page, int32_t* n) noexcept nogil
    void assume_1_unfreeze "pc_assume_1_unfreeze"(page_t* page, int32_t n) noexcept nogil


cdef inline bint assume_1_get(page_t* page) noexcept nogil:
    """Take a reference, unless the count is zero."""
    cdef int32_t count = 1
    while True:
        if assume_1_swap(page, &count, count + 1):
            return True
        if count == 0:
            return False


cdef inline bint assume_1_put(page_t* page) noexcept nogil:
    """Put a reference.  Was it the last?"""
    return assume_1_sub(page) == 0


cdef inline bint assume_1_freeze(page_t* page, int32_t n) noexcept nogil:
    """Keep all others away, if there are no references but these `n`."""
    return assume_1_freeze_swap(page, &n)
