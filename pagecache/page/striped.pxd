"""References in stripes (`striped`): a what-if.  Each thread counts in a line of its own.

    head     refcount: the cache's references, and a flag: frozen
    tail 2   private: gets less puts of thread 0
    tail 3   private: of thread 1, and so on

A get looks whether the folio is frozen and adds one to its thread's stripe, without a locked
instruction; a put subtracts one.  Only the sum means anything.  A *freeze* sets the flag, waits for a
grace period, since a getter may have seen the flag clear and not have counted yet, and sums: any
reference clears the flag again and refuses.  So every split, truncate and free waits, and a retry
loop must pass a quiescent state, or freezer and reader would wait for each other.

The stripes lie in records of tails, each a line: folios of `STRIPED_ORDER` or more have enough.
The orders are those of models/orders.toml.
"""

from libc.stdint cimport int32_t, int64_t

from pagecache.page.frames cimport page_t

cdef enum:
    STRIPED_FROZEN = 1073741824  # 2^30
    FIRST_STRIPE = 2  # the first tail holds the order
    STRIPED_ORDER = 7
    STRIPES = 126  # tails of such a folio but the first


cdef extern from *:
    """
    #define pc_striped_frozen_load(page) __atomic_load_n(&(page)->refcount, __ATOMIC_ACQUIRE)
    #define pc_striped_stripe_get(stripe, n) __atomic_store_n((stripe), (n), __ATOMIC_RELAXED)
    #define pc_striped_stripe_put(stripe, n) __atomic_store_n((stripe), (n), __ATOMIC_RELEASE)
    #define pc_striped_freeze(page) \\
        __atomic_fetch_or(&(page)->refcount, 1073741824, __ATOMIC_RELAXED)
    #define pc_striped_stripe_sum(stripe) __atomic_load_n((stripe), __ATOMIC_ACQUIRE)
    #define pc_striped_unfreeze(page, n) \\
        __atomic_store_n(&(page)->refcount, (n), __ATOMIC_RELEASE)
    #define pc_stripe(page) ((int64_t *)&(page)->private_)
    """
    int32_t frozen_load "pc_striped_frozen_load"(const page_t* page) noexcept nogil
    void stripe_get "pc_striped_stripe_get"(int64_t* stripe, int64_t n) noexcept nogil
    void stripe_put "pc_striped_stripe_put"(int64_t* stripe, int64_t n) noexcept nogil
    void striped_flag "pc_striped_freeze"(page_t* page) noexcept nogil
    int64_t stripe_load "pc_striped_stripe_sum"(const int64_t* stripe) noexcept nogil
    void striped_unfreeze "pc_striped_unfreeze"(page_t* page, int32_t n) noexcept nogil
    int64_t* stripe_of "pc_stripe"(page_t* page) noexcept nogil


cdef inline bint striped_get(page_t* head, unsigned int number) noexcept nogil:
    """Take a reference for the thread of that number, unless the folio is frozen."""
    cdef int64_t* stripe = stripe_of(head + FIRST_STRIPE + number)
    if frozen_load(head) & STRIPED_FROZEN:
        return False
    stripe_get(stripe, stripe[0] + 1)
    return True


cdef inline void striped_put(page_t* head, unsigned int number) noexcept nogil:
    cdef int64_t* stripe = stripe_of(head + FIRST_STRIPE + number)
    stripe_put(stripe, stripe[0] - 1)


cdef inline int64_t striped_sum(page_t* head, unsigned int threads) noexcept nogil:
    """References that threads hold; exact once the flag is set and a grace period is over."""
    cdef int64_t total = 0
    cdef unsigned int number
    for number in range(threads):
        total += stripe_load(stripe_of(head + FIRST_STRIPE + number))
    return total
