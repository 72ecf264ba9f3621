"""Struct pages in any of the layouts: accessors compiled once for each.

    layout        flags   mapping   index   mapcount   refcount   head + 1    order, in the first tail
    before-2018   0       8         16      24         28         32          44
    after-2018    0       24        32      48         52         8           17
    folio         0       24        32      48         52         8           17

An accessor is written once; the compiler makes one of it for each struct of page_structs.pxd, with
that struct's offsets and no branch.  For a *traced* struct, the same in memory, it also notes the
cache line that it touches: so the lines that an event touches are counted and not asserted.
"""

from libc.stdint cimport int32_t, uint64_t, uintptr_t

from pagecache.page.frames cimport PG_HEAD, PG_HWPOISON, PG_UPTODATE, Frames
from pagecache.page.page_structs cimport (
    after_2018_t,
    after_2018_traced_t,
    before_2018_t,
    before_2018_traced_t,
    folio_t,
    folio_traced_t,
    record_t,
    traced_t,
)


cdef enum:
    TRACE = 128  # more lines than a read of 32 pages touches: two a page
    LINE_SHIFT = 6
    BEFORE_2018 = 0
    AFTER_2018 = 1
    FOLIO = 2


cdef struct trace_t:
    uint64_t lines[TRACE]
    unsigned int count


cdef extern from *:
    """
    #define pc_count_read(count) __atomic_load_n((count), __ATOMIC_RELAXED)
    #define pc_count_swap(count, old, value) __atomic_compare_exchange_n( \\
        (count), (old), (value), 1, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)
    #define pc_count_add(count, n) __atomic_add_fetch((count), (n), __ATOMIC_ACQ_REL)
    /* The lines of the event that this thread traces. */
    static __thread struct { uint64_t lines[128]; unsigned int count; } pc_trace;
    """
    trace_t traced "pc_trace"
    int32_t count_read "pc_count_read"(const int32_t* count) noexcept nogil
    bint count_swap "pc_count_swap"(int32_t* count, int32_t* old, int32_t value) noexcept nogil
    int32_t count_add "pc_count_add"(int32_t* count, int32_t n) noexcept nogil


cdef inline void note_line(const void* address) noexcept nogil:
    """Note the cache line of an address, once."""
    cdef uint64_t line = <uintptr_t>address >> LINE_SHIFT
    cdef unsigned int k
    for k in range(traced.count):
        if traced.lines[k] == line:
            return
    if traced.count < TRACE:
        traced.lines[traced.count] = line
        traced.count += 1


cdef inline int32_t* record_count(record_t* page) noexcept nogil:
    """Where the references are counted."""
    if record_t in traced_t:
        note_line(&page.refcount)
    return &page.refcount


cdef inline int32_t* record_map_count(record_t* page) noexcept nogil:
    """Where the mappings of this very page are counted, minus one."""
    if record_t in traced_t:
        note_line(&page.mapcount)
    return &page.mapcount


cdef inline uint64_t record_flags(record_t* page) noexcept nogil:
    if record_t in traced_t:
        note_line(&page.flags)
    return page.flags


cdef inline const void* record_mapping(record_t* page) noexcept nogil:
    if record_t in traced_t:
        note_line(&page.mapping)
    return page.mapping


cdef inline uint64_t struct_page_index(record_t* page) noexcept nogil:
    if record_t in traced_t:
        note_line(&page.index)
    return page.index


cdef inline record_t* record_head(record_t* page) noexcept nogil:
    """The head of the block that `page` belongs to: itself, if it is no tail."""
    if record_t in traced_t:
        note_line(&page.compound_head)
    if page.compound_head & 1:
        return <record_t*><uintptr_t>(page.compound_head - 1)
    return page


cdef inline unsigned int record_order(record_t* head) noexcept nogil:
    """The order of a block: in its first tail, if the head says that there is one."""
    if not record_flags(head) & PG_HEAD:
        return 0
    if record_t in traced_t:
        note_line(&head[1].order)
    return head[1].order


cdef inline bint record_try_get(record_t* page) noexcept nogil:
    """Take a reference, unless the count is zero."""
    cdef int32_t* where = record_count(page)
    cdef int32_t count = count_read(where)
    while count != 0:
        if count_swap(where, &count, count + 1):
            return True
    return False


cdef inline void record_put(record_t* page) noexcept nogil:
    count_add(record_count(page), -1)


cdef inline bint record_usable(record_t* head, const void* mapping) noexcept nogil:
    """Is it still this file's, filled and whole?"""
    if record_mapping(head) != mapping:
        return False
    return record_flags(head) & (PG_UPTODATE | PG_HWPOISON) == PG_UPTODATE


cdef class StructPages:
    cdef readonly Frames frames  # what the memory is taken from; its own accessors do not apply
    cdef readonly str layout
    cdef int which
    cdef void* base
    cdef int check_frame(self, uint64_t pfn) except -1


cdef inline bint struct_pages_fit(StructPages pages, uint64_t pfn, unsigned int order) noexcept nogil:
    return order < 64 and pfn < pages.frames.count and \
        <uint64_t>1 << order <= pages.frames.count - pfn
