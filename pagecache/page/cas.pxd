"""References by a compare-exchange loop (`cas`): how the kernel keeps a folio today.

    state    count   who may get
    owned    n >= 1  anybody: n -> n + 1
    frozen   0       nobody, until it is unfrozen or allocated
    free     0       nobody

A get loads the count and exchanges it for one more, unless it is 0; a put subtracts one, and whoever
comes to 0 frees.  A *freeze* exchanges the number of references that the freezer knows of for 0, and
fails if there are others: after it nobody can come in, so that a folio can be split or given away.

The get and the put stand in frames.pxd, with the record.  The orders are those of models/orders.toml.
"""

from libc.stdint cimport int32_t

from pagecache.page.frames cimport page_t


cdef extern from *:
    """
    #define pc_freeze_failed __ATOMIC_RELAXED
    #define pc_freeze(page, n) __atomic_compare_exchange_n( \\
        &(page)->refcount, (n), 0, 0, __ATOMIC_ACQUIRE, pc_freeze_failed)
    #define pc_unfreeze(page, n) __atomic_store_n(&(page)->refcount, (n), __ATOMIC_RELEASE)
    """
    bint freeze_swap "pc_freeze"(page_t* page, int32_t* n) noexcept nogil
    void cas_unfreeze "pc_unfreeze"(page_t* page, int32_t n) noexcept nogil


cdef inline bint cas_freeze(page_t* page, int32_t n) noexcept nogil:
    """Keep all others away, if there are no references but these `n`."""
    return freeze_swap(page, &n)
