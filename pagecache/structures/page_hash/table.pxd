"""A hash of (mapping, index): the page cache of Linux up to 2.4, all files in one table.

*The picture.*  There is a bucket for each page of memory, rounded up to a power of two.  A chain
runs through the records that it links, so nothing is allocated for an entry:

    bucket 0x233 --> [mapping A, index 7] --> [mapping B, index 1031] --> NULL
             ^------------ pprev |    ^---------------- pprev |

    hash = s + (s >> bits), masked, where s = (mapping - origin) / 32 + index

An entry knows its successor and the address of the pointer that leads to itself: 16 bytes, so it
is taken out without a walk.  The index is added, not mixed in: consecutive pages lie in
consecutive buckets, a file read in order walks the table in order, and the chains of one dense
file differ by one entry (by two where s passes a multiple of the buckets).  The divisor is the
lowest bit of an inode's size, here 32: mappings are that far apart, so the bits below say nothing.
Where the heap lies changes from run to run, and with it which buckets share a line; a table counts
mappings from its first one's address (`origin`), so that one file has the same buckets every time.

*What it costs.*  A hit visits 1 + load/2 entries on average, a miss the whole chain.  The memory
is the same whatever is cached: 8 to 16 bytes of bucket and 16 of links for each page of memory.
There is no next entry: a range is looked up page by page.  One lock guards all files.

*Keyed by folio.*  An entry may stand for 2^order indices under its first one.  A lookup then tries
the first index that a folio of each order in the table would have, smallest order first; while all
are of order 0, as in 2.4, that is one chain.  Keyed by page, a folio of order 9 is 512 entries.

*The one rule.*  An entry lies in the chain of its key's bucket, once, and no two cover one index.
"""

from libc.stdint cimport uint64_t, uintptr_t


cdef extern from *:
    """
    #include <stdint.h>
    #include <sched.h>
    /* The five words lie inside the user's record, which has a type of its own. */
    typedef struct pc_hashed pc_hashed;
    struct __attribute__((may_alias)) pc_hashed {
        void *mapping;
        uint64_t index;
        pc_hashed *next;
        uint64_t users;
        pc_hashed **pprev;
    };
    static inline void pc_lock(int *lock) {
        unsigned spins = 0;
        while (__atomic_exchange_n(lock, 1, __ATOMIC_ACQUIRE))
            while (__atomic_load_n(lock, __ATOMIC_RELAXED))
                if (++spins % 1024 == 0)
                    sched_yield();  /* its holder may be waiting for this very processor */
    }
    #define pc_unlock(lock) __atomic_store_n((lock), 0, __ATOMIC_RELEASE)
    """
    ctypedef struct hashed_t "pc_hashed":
        void* mapping
        uint64_t index
        hashed_t* next
        uint64_t users  # a word of the record that the table leaves alone
        hashed_t** pprev  # the pointer that leads here
    void hash_lock "pc_lock"(int* lock) noexcept nogil
    void hash_unlock "pc_unlock"(int* lock) noexcept nogil
    int ctz "__builtin_ctzll"(unsigned long long word) noexcept nogil


# The order of the folio that an entry stands for: its user's record says so.
ctypedef unsigned int (*order_of_t)(const hashed_t* entry) noexcept nogil


cdef enum:
    MAPPING_SHIFT = 5
    LINK_BYTES = 16
    ORDERS = 64


cdef struct hash_table:
    hashed_t** buckets
    const void* origin  # subtracted from mappings before they are hashed
    unsigned int bits
    int lock
    uint64_t entries
    uint64_t orders  # bit o: some entry is of order o
    uint64_t of_order[ORDERS]  # how many are


cdef inline uint64_t bucket_of(const hash_table* table, const void* mapping, uint64_t index) noexcept nogil:
    cdef uint64_t place = <uint64_t><uintptr_t>mapping - <uint64_t><uintptr_t>table.origin
    cdef uint64_t s = (place >> MAPPING_SHIFT) + index
    return (s + (s >> table.bits)) & ((<uint64_t>1 << table.bits) - 1)


cdef inline hashed_t* hash_at(const hash_table* table, const void* mapping, uint64_t index) noexcept nogil:
    """The entry with this very key, or NULL.  O(chain)."""
    cdef hashed_t* entry = table.buckets[bucket_of(table, mapping, index)]
    while entry is not NULL and (entry.index != index or entry.mapping != mapping):
        entry = entry.next
    return entry


cdef inline hashed_t* hash_find(const hash_table* table, const void* mapping, uint64_t index,
                                order_of_t order_of) noexcept nogil:
    """The entry that covers `index`, or NULL.  O(orders in the table x chain)."""
    cdef uint64_t orders = table.orders
    cdef hashed_t* entry
    cdef unsigned int order
    while orders:
        order = ctz(orders)
        orders &= orders - 1
        entry = hash_at(table, mapping, index >> order << order)
        if entry is not NULL and (order == 0 or (index - entry.index) >> order_of(entry) == 0):
            return entry
    return NULL


cdef inline hashed_t** bucket_at(
        const hash_table* table, const void* mapping, uint64_t index) noexcept nogil:
    return &table.buckets[bucket_of(table, mapping, index)]


cdef inline void hash_add_to(hash_table* table, hashed_t** bucket, hashed_t* entry, void* mapping,
                             uint64_t index, unsigned int order) noexcept nogil:
    """Put an entry at the head of its chain, which the caller knows.  O(1)."""
    entry.mapping, entry.index = mapping, index
    entry.next, entry.pprev = bucket[0], bucket
    if entry.next is not NULL:
        entry.next.pprev = &entry.next
    bucket[0] = entry
    table.entries += 1
    table.of_order[order] += 1
    table.orders |= <uint64_t>1 << order


cdef inline void hash_add(
        hash_table* table, hashed_t* entry, void* mapping, uint64_t index, unsigned int order) noexcept nogil:
    """Put an entry at the head of its chain.  Nothing may cover its indices yet.  O(1)."""
    hash_add_to(table, bucket_at(table, mapping, index), entry, mapping, index, order)


cdef inline void hash_take(hash_table* table, hashed_t* entry, unsigned int order) noexcept nogil:
    """Take an entry out of its chain.  O(1)."""
    entry.pprev[0] = entry.next
    if entry.next is not NULL:
        entry.next.pprev = entry.pprev
    table.entries -= 1
    table.of_order[order] -= 1
    if table.of_order[order] == 0:
        table.orders &= ~(<uint64_t>1 << order)


cdef bint any_covered(const hash_table* table, const void* mapping, uint64_t index,
                      unsigned int order, order_of_t order_of) noexcept nogil


cdef inline bint hash_any(const hash_table* table, const void* mapping, uint64_t index,
                          unsigned int order, order_of_t order_of) noexcept nogil:
    """Does an entry cover any of the 2^order indices from `index` on?  Of pages alone: one chain."""
    if order == 0 and table.orders <= 1:
        return hash_at(table, mapping, index) is not NULL
    return any_covered(table, mapping, index, order, order_of)


cdef class HashTable:
    cdef hash_table table
    cdef size_t size
    cdef int reserve(self, uint64_t pages) except -1
