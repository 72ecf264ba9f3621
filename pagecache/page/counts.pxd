"""References and map counts of a folio: who holds it, and who maps it.

    a 2 MiB folio in the page cache, mapped whole by one process and its page 3 by two more

    head      refcount 516 = 512 (the cache: one a page) + 1 (who made it) + 3 (a mapping each)
    tail 1    compound_mapcount 0: one mapping of the whole
    tail 3    mapcount 1: two mappings of this page alone

A map count is stored minus one.  The transitions that matter, from unmapped to mapped and back,
are then the counts 0 and -1, which the processor's own add tells by its zero and sign flags.
A folio is freed at reference 0; no mapping may be left then, as each holds a reference.
"""

from libc.stdint cimport int32_t, uint64_t

from pagecache.page.frames cimport Frames, folio_order, page_t


cdef extern from *:
    """
    #define pc_map_add(page) __atomic_add_fetch(&(page)->mapcount, 1, __ATOMIC_ACQ_REL)
    #define pc_map_sub(page) __atomic_sub_fetch(&(page)->mapcount, 1, __ATOMIC_ACQ_REL)
    #define pc_whole_add(head) \\
        __atomic_add_fetch(&(head)[1].compound_mapcount, 1, __ATOMIC_ACQ_REL)
    #define pc_whole_sub(head) \\
        __atomic_sub_fetch(&(head)[1].compound_mapcount, 1, __ATOMIC_ACQ_REL)
    #define pc_ref_sub(head, n) __atomic_sub_fetch(&(head)->refcount, (n), __ATOMIC_ACQ_REL)
    """
    int32_t map_add "pc_map_add"(page_t* page) noexcept nogil
    int32_t map_sub "pc_map_sub"(page_t* page) noexcept nogil
    int32_t whole_add "pc_whole_add"(page_t* head) noexcept nogil
    int32_t whole_sub "pc_whole_sub"(page_t* head) noexcept nogil
    int32_t ref_sub "pc_ref_sub"(page_t* head, int32_t n) noexcept nogil


cdef inline bint page_map(page_t* page) noexcept nogil:
    """One more page table entry maps this page.  Is it the first?"""
    return map_add(page) == 0


cdef inline bint page_unmap(page_t* page) noexcept nogil:
    """One less.  Was it the last?"""
    return map_sub(page) < 0


cdef inline bint folio_map(page_t* head) noexcept nogil:
    """One more entry maps the whole folio.  Is it the first that does?"""
    return whole_add(head) == 0 if folio_order(head) else page_map(head)


cdef inline bint folio_unmap(page_t* head) noexcept nogil:
    """One less.  Was it the last?"""
    return whole_sub(head) < 0 if folio_order(head) else page_unmap(head)


cdef inline int32_t folio_whole_mappings(const page_t* head) noexcept nogil:
    return head[1].compound_mapcount + 1 if folio_order(head) else 0


cdef inline int32_t page_mappings(const page_t* page, const page_t* head) noexcept nogil:
    """How often the page is mapped: alone, and as a part of the whole."""
    return page.mapcount + 1 + folio_whole_mappings(head)


cdef inline bint folio_put(page_t* head, int32_t references) noexcept nogil:
    """Put references.  Were they the last, so that the folio must be freed?"""
    return ref_sub(head, references) == 0


cdef uint64_t folio_mappings(const page_t* head) noexcept nogil
cdef void folio_clear(page_t* head) noexcept nogil


cdef class Counts:
    cdef readonly Frames frames
    cdef page_t* head_of(self, uint64_t pfn) except NULL
    cdef int take(self, page_t* head) except -1
    cdef int check_last(self, page_t* head, uint64_t leaving) except -1
    cdef int drop(self, page_t* head) except -1
