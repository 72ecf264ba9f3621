"""What any index of a file's page cache answers.

    required   load  insert  remove  next_folio     create, destroy: `__cinit__` and `__dealloc__`
               of Python: set_limit(bytes), nodes, index_bytes, is_empty
    provided   get  read  fault_around  huge_fault  truncate     of Python: dump, check
    declared   mark  scan  values  concurrent       named in the class attribute `provides`

A `PageIndex` is the index of one file.  The required methods are enough for every structure: the
provided ones are written in terms of them, for folios of any order, until a structure has
something faster.  A design lacks what it does not declare, and comparisons print ``-`` for it.

Each method is an *event*, what one consumer does once, and returns a number that proves the work
was done: `ABSENT` or a frame, a sum of frames, a count of pages.  *Index* is in pages of 4 KiB.

    load          the frame that the entry at an index names: the page's own or its folio's first
    insert        cache a folio, unless a page there is cached: 0 or a negative errno
    remove        drop the folio that covers an index: its pages, 0 if nothing is there
    next_folio    the first folio that reaches an index or lies after it: its order, or -1
    get           load, take a reference, load again: the frame of the page itself
    mark, scan    set a folio dirty; visit the folios that are

An index tells the struct pages what it holds with `folio_added` and `folio_removed`.  Where
`frames.backed` is false there is no memory behind them, and nothing may touch them: `load`,
`insert`, `truncate` and, for most structures, `remove` do not.  An index whose keys or links lie in
them says so by its class attribute `needs_struct_pages`, and is never made without them.

*Pairs.*  A timed loop calls no method: once a batch it takes from the index a (function, self)
pair for its event, so that the loop makes one indirect call an event, whoever wrote the function.
"""

from libc.stdint cimport uint64_t

from pagecache.page.frames cimport (
    PG_DIRTY,
    PG_HWPOISON,
    PG_UPTODATE,
    Frames,
    page_put,
    page_ref_add,
    page_t,
    page_to_pfn,
)
from pagecache.relaxed cimport load_pointer, load_word, store_pointer, store_word

cdef extern from *:
    """
    #define PC_ABSENT UINT64_MAX
    """
    const uint64_t ABSENT "PC_ABSENT"  # what `load` and `get` answer where nothing is cached

cdef enum:
    READ_PAGES = 32  # a buffered read of 128 KiB
    AROUND_PAGES = 16  # fault_around_bytes is 64 KiB

cdef enum verb_t:
    LOAD
    INSERT
    REMOVE
    NEXT_FOLIO
    GET
    READ
    FAULT_AROUND
    HUGE_FAULT
    MARK
    SCAN
    TRUNCATE

ctypedef void (*call_t)() noexcept nogil
# The types of the verbs: of those that are given an index, of `read`, and so on.
ctypedef uint64_t (*lookup_t)(void* self, uint64_t index) noexcept nogil
ctypedef uint64_t (*read_t)(void* self, uint64_t index, uint64_t count) noexcept nogil
ctypedef int (*insert_t)(void* self, uint64_t index, unsigned int order, uint64_t pfn) noexcept nogil
ctypedef int (*next_t)(void* self, uint64_t* index) noexcept nogil
ctypedef uint64_t (*whole_t)(void* self) noexcept nogil  # scan, truncate

cdef struct pair_t:
    call_t call  # to be cast to the type that the verb has
    void* self


cdef class PageIndex:
    cdef readonly Frames frames
    cdef readonly unsigned int unit  # order of the pages that `head.index` counts in
    cdef readonly unsigned int huge_order
    cdef readonly uint64_t pages  # cached

    cdef uint64_t load(self, uint64_t index) noexcept nogil
    cdef int insert(self, uint64_t index, unsigned int order, uint64_t pfn) noexcept nogil
    cdef uint64_t remove(self, uint64_t index) noexcept nogil
    cdef int next_folio(self, uint64_t* index) noexcept nogil

    cdef uint64_t get(self, uint64_t index) noexcept nogil
    cdef uint64_t read(self, uint64_t index, uint64_t count) noexcept nogil
    cdef uint64_t fault_around(self, uint64_t index) noexcept nogil
    cdef uint64_t huge_fault(self, uint64_t huge_index) noexcept nogil
    cdef uint64_t truncate(self) noexcept nogil

    cdef uint64_t mark(self, uint64_t index) noexcept nogil
    cdef uint64_t scan(self) noexcept nogil

    cdef pair_t pair(self, verb_t verb) noexcept nogil


cdef int raise_insert(int failed, uint64_t index, unsigned int order, uint64_t pfn) except -1


cdef inline bint page_usable(const page_t* head, const void* mapping) noexcept nogil:
    """Is it still this file's, filled and whole?"""
    if load_pointer(head.mapping) != mapping:
        return False
    return load_word(head.flags) & (PG_UPTODATE | PG_HWPOISON) == PG_UPTODATE


cdef inline uint64_t put_folio_at(PageIndex self, page_t* head, uint64_t index) noexcept nogil:
    """Put a folio that was referenced: the frame of its page at `index`, or `ABSENT` if it is unusable.

    Of an index that counts in pages.
    """
    cdef uint64_t frame = page_to_pfn(self.frames, head) + index - load_word(head.index)
    if not page_usable(head, <void*>self):
        frame = ABSENT
    page_put(head)
    return frame


cdef inline void folio_added(
        PageIndex self, page_t* head, uint64_t index, unsigned int order) noexcept nogil:
    """A folio goes in: the cache holds one reference a page, and the head says where it is."""
    self.pages += <uint64_t>1 << order
    if self.frames.backed:
        page_ref_add(head, 1 << order)
        store_pointer(head.mapping, <void*>self)
        store_word(head.index, index >> self.unit)
        store_word(head.flags, head.flags & ~<uint64_t>PG_DIRTY)


cdef inline uint64_t folio_removed(
        PageIndex self, page_t* head, unsigned int order) noexcept nogil:
    """A folio has come out; how many pages it has."""
    cdef uint64_t pages = <uint64_t>1 << order
    self.pages -= pages
    if self.frames.backed:
        store_pointer(head.mapping, NULL)
        page_ref_add(head, -<int>pages)
    return pages


cdef inline uint64_t frame_sum(uint64_t offset, uint64_t first, uint64_t last) noexcept nogil:
    """The sum of `offset + index` for the indices from `first` to `last`, modulo 2^64.

    Halved is what can be halved whole, before it is multiplied: of an odd number of terms the one in
    the middle counts, and `first + last` may be beyond 2^64.
    """
    cdef uint64_t n = last - first + 1
    if n & 1:
        return n * (offset + first + (last - first) // 2)
    return n * offset + n // 2 * (first + last)
