"""Struct pages: one 64-byte record for each frame of (simulated) physical memory.

    byte 0      8          24        32      40        48         52         56      64
         | flags | lru       | mapping | index | private | mapcount | refcount | memcg |
    tail:        | head | 1  |
    tail 1:              | 16: destructor, 17: order, 20: compound_mapcount

as the kernel has it since the reorganisation of 2018 (4.18).  A *folio* of order n is 2^n frames,
aligned; its first record is the *head*, the others are *tails* whose word 1 is the head's address
plus 1.  The order stands in the first tail, so it is read only from a head that says it has one.
Map counts are stored minus one: -1 is a page that no process maps (counts.pxd).
"""

from libc.stdint cimport int32_t, uint8_t, uint64_t, uintptr_t

from pagecache.relaxed cimport load_byte, load_word


cdef enum:
    PG_LOCKED = 1
    PG_UPTODATE = 8
    PG_DIRTY = 16
    PG_HEAD = 65536
    PG_HWPOISON = 2097152
    PAGE_RECORD = 64


cdef struct page_t:
    uint64_t flags
    uint64_t compound_head  # of a tail: the head's address + 1; of others the lru links
    uint8_t destructor
    uint8_t order  # in the first tail
    uint8_t unused[2]
    int32_t compound_mapcount  # in the first tail: mappings of the whole folio - 1
    void* mapping
    uint64_t index
    void* private_
    int32_t mapcount
    int32_t refcount
    void* memcg


cdef extern from *:
    """
    /* The count may be taken from any thread: a plain add would lose references.  The steps of
       `cas` have the names and orders of models/orders.toml. */
    #define pc_get_load(page) __atomic_load_n(&(page)->refcount, __ATOMIC_RELAXED)
    #define pc_get_failed __ATOMIC_RELAXED
    #define pc_get(page, old, count) __atomic_compare_exchange_n( \\
        &(page)->refcount, (old), (count), 1, __ATOMIC_ACQUIRE, pc_get_failed)
    #define pc_put(page, n) __atomic_add_fetch(&(page)->refcount, (n), __ATOMIC_ACQ_REL)
    #define pc_flags_or(page, bits) __atomic_fetch_or(&(page)->flags, (bits), __ATOMIC_ACQ_REL)
    """
    int32_t ref_read "pc_get_load"(const page_t* page) noexcept nogil
    bint ref_swap "pc_get"(page_t* page, int32_t* old, int32_t count) noexcept nogil
    int32_t page_ref_add "pc_put"(page_t* page, int32_t count) noexcept nogil
    uint64_t page_set_flags "pc_flags_or"(page_t* page, uint64_t bits) noexcept nogil


cdef inline bint page_try_get(page_t* page) noexcept nogil:
    """Take a reference, unless the count is zero: then the page is on its way out."""
    cdef int32_t count = ref_read(page)
    while count != 0:
        if ref_swap(page, &count, count + 1):
            return True
    return False


cdef inline void page_put(page_t* page) noexcept nogil:
    page_ref_add(page, -1)


cdef inline page_t* compound_head(page_t* page) noexcept nogil:
    """The head of the folio that `page` belongs to: itself, if it is no tail."""
    cdef uint64_t word = load_word(page.compound_head)
    if word & 1:
        return <page_t*><uintptr_t>(word - 1)
    return page


cdef inline unsigned int folio_order(const page_t* head) noexcept nogil:
    return load_byte(head[1].order) if load_word(head.flags) & PG_HEAD else 0


cdef class Frames:
    cdef page_t* base
    cdef readonly uint64_t count
    cdef readonly bint backed
    cdef size_t size
    cdef page_t* record(self, uint64_t pfn) except NULL


cdef inline bint frames_fit(Frames frames, uint64_t pfn, unsigned int order) noexcept nogil:
    """Are all the frames of a folio at `pfn` there?"""
    return order < 64 and pfn < frames.count and <uint64_t>1 << order <= frames.count - pfn


cdef inline uint64_t page_to_pfn(Frames frames, const page_t* page) noexcept nogil:
    return <uint64_t>(page - frames.base)

cdef void make_folio(page_t* head, unsigned int order, bint tails) noexcept nogil
