"""What lookups under each protocol of references share: to take, to drop, and what a folio says.

A get (references.pyx) and a get that copies (measure/threads/copies.pyx) are compiled once for each
protocol: a struct stands for it, and the compiler picks the instructions.
"""

from libc.stdint cimport uint64_t

from pagecache.designs.contract cimport ABSENT, lookup_t, page_usable, pair_t
from pagecache.designs.folio_lookup cimport as_page
from pagecache.page.assume_1 cimport assume_1_get, assume_1_put
from pagecache.page.frames cimport compound_head, page_put, page_t, page_try_get
from pagecache.page.locked_bit cimport locked_bit_get, locked_bit_put
from pagecache.page.striped cimport striped_get, striped_put
from pagecache.relaxed cimport load_word
from pagecache.xarray.entry cimport RETRY_ENTRY, entry_t
from pagecache.xarray.walk cimport seen_t, still_there, xa_find_slot, xarray_t


cdef struct getter_t:
    xarray_t* xa
    page_t* base  # of the struct pages
    void* mapping
    lookup_t once  # one try, for those after the first
    uint64_t* sequence  # of the mapping
    unsigned int unit
    unsigned int number  # of the thread
    bint subpages  # slots name subpages
    pair_t slow  # the design's own get
    uint64_t fallbacks
    uint64_t unused[6]  # the lines are its own


# A struct that stands for a protocol: the compiler makes one get of each.
cdef struct cas_t:
    int unused

cdef struct assume_1_t:
    int unused

cdef struct locked_bit_t:
    int unused

cdef struct striped_t:
    int unused

ctypedef fused counting_t:
    cas_t
    assume_1_t
    locked_bit_t
    striped_t

cdef extern from *:
    """
    #define PC_AGAIN (UINT64_MAX - 1)
    """
    const uint64_t RETRY "PC_AGAIN"  # what one try answers if another must be made, with nothing held


cdef inline bint take(counting_t* how, page_t* head, const getter_t* getter) noexcept nogil:
    if counting_t is cas_t:
        return page_try_get(head)
    elif counting_t is assume_1_t:
        return assume_1_get(head)
    elif counting_t is locked_bit_t:
        return locked_bit_get(head)
    else:
        return striped_get(head, getter.number)


cdef inline void drop(counting_t* how, page_t* head, const getter_t* getter) noexcept nogil:
    if counting_t is cas_t:
        page_put(head)
    elif counting_t is assume_1_t:
        assume_1_put(head)
    elif counting_t is locked_bit_t:
        locked_bit_put(head)
    else:
        striped_put(head, getter.number)


cdef inline uint64_t frame_of(const getter_t* getter, const page_t* head, uint64_t index) noexcept nogil:
    """The frame of the page at `index` in a folio, or `ABSENT` if it is not this file's any more."""
    if not page_usable(head, getter.mapping):
        return ABSENT
    return <uint64_t>(head - getter.base) + index - (load_word(head.index) << getter.unit)


# What is done with a page while its folio is held: it answers the frame, or what to answer instead.
ctypedef uint64_t (*use_t)(void* self, uint64_t frame) noexcept nogil


cdef inline uint64_t try_counted(
        counting_t* how, const getter_t* getter, uint64_t index, use_t use, void* self) noexcept nogil:
    """Find, take a reference, load the slot again, use, put; or `RETRY`."""
    cdef seen_t seen
    cdef entry_t entry = xa_find_slot(getter.xa, index >> getter.unit, &seen)
    cdef page_t* head = as_page(entry)
    cdef uint64_t frame
    if head is NULL:
        return RETRY if entry == RETRY_ENTRY else ABSENT
    if getter.subpages:
        head = compound_head(head)
    if not take(how, head, getter):
        return RETRY
    frame = frame_of(getter, head, index) if still_there(&seen, entry) else RETRY
    if frame < RETRY:
        frame = use(self, frame)
    drop(how, head, getter)
    return frame
