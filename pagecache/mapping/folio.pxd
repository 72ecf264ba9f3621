"""A folio's flags, its place in the list of recently used ones, and its division.

The flags beyond frames.pxd, at Linux's bits.  A head on the list keeps its two links where tails
have the address of their head; bit 0 of an address is zero, so a head is never taken for a tail.
"""

from libc.stdint cimport int32_t, uint64_t

from pagecache.page.frames cimport (
    PG_HEAD,
    compound_head,
    folio_order,
    page_ref_add,
    page_t,
    ref_read,
)


cdef enum:
    PG_REFERENCED = 4
    PG_WORKINGSET = 512  # it was in use when it was evicted, not long ago
    PG_SHARED = 1024  # caches blocks of several files, and is on no file's list
    PG_WRITEBACK = 32768
    PG_READAHEAD = 262144  # the marker: reading here starts the next window


cdef struct lru_t:
    page_t* newest
    page_t* oldest
    uint64_t folios


cdef inline page_t** older(page_t* head) noexcept nogil:
    return <page_t**>&head.compound_head


cdef inline page_t** newer(page_t* head) noexcept nogil:
    return <page_t**>&head.destructor


cdef inline uint64_t folio_pages(const page_t* head) noexcept nogil:
    return <uint64_t>1 << folio_order(head)


cdef inline void lru_add(lru_t* lru, page_t* head) noexcept nogil:
    older(head)[0], newer(head)[0] = lru.newest, NULL
    if lru.newest is NULL:
        lru.oldest = head
    else:
        newer(lru.newest)[0] = head
    lru.newest = head
    lru.folios += 1


cdef inline void lru_remove(lru_t* lru, page_t* head) noexcept nogil:
    cdef page_t* before = newer(head)[0]
    cdef page_t* after = older(head)[0]
    if head.flags & PG_SHARED:
        return
    if before is NULL:
        lru.newest = after
    else:
        older(before)[0] = after
    if after is NULL:
        lru.oldest = before
    else:
        newer(after)[0] = before
    older(head)[0] = NULL
    newer(head)[0] = NULL
    lru.folios -= 1


cdef inline void make_piece(page_t* head, const page_t* whole, unsigned int order, bint tails) noexcept nogil:
    """One folio of `order` out of a larger one: its flags, and the cache's reference for each page.

    The whole's head comes last: the others read their flags from it.
    """
    cdef uint64_t written = (<uint64_t>1 << order) if tails else 2, k
    head.flags = (whole.flags & ~<uint64_t>(PG_HEAD | PG_READAHEAD)) | (PG_HEAD if order else 0)
    head.mapping, head.mapcount = whole.mapping, -1
    head.refcount = 1 << order
    if head != whole:
        head.compound_head = 0
        head.index = whole.index + <uint64_t>(head - whole)
    if order:
        for k in range(1, written):
            head[k].compound_head = <uint64_t>head + 1
        head[1].order = order
