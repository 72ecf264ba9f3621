"""A get for each protocol, and what a writer does under it."""

from libc.stdlib cimport free
from libc.string cimport memset

from pagecache.designs.contract cimport ABSENT, GET, call_t, lookup_t
from pagecache.designs.folio_lookup cimport as_page
from pagecache.designs.getters cimport (
    RETRY,
    assume_1_t,
    counting_t,
    frame_of,
    locked_bit_t,
    striped_t,
    try_counted,
)
from pagecache.page.assume_1 cimport assume_1_freeze, assume_1_unfreeze
from pagecache.page.cas cimport cas_freeze, cas_unfreeze
from pagecache.page.frames cimport compound_head, ref_read
from pagecache.page.locked_bit cimport (
    locked_bit_free,
    locked_bit_freeze,
    locked_bit_unfreeze,
)
from pagecache.page.sequence cimport (
    sequence_begin,
    sequence_end,
    sequence_load,
    sequence_same,
)
from pagecache.page.striped cimport (
    STRIPED_FROZEN,
    STRIPES,
    striped_flag,
    striped_sum,
    striped_unfreeze,
)
from pagecache.xarray.entry cimport RETRY_ENTRY, entry_t
from pagecache.xarray.grace cimport reader_retries
from pagecache.xarray.walk cimport seen_t, still_there, xa_find_slot

from pagecache.page.protocols import PROTOCOLS


cdef extern from "<stdlib.h>" nogil:
    void* aligned_alloc(size_t alignment, size_t size)

cdef enum:
    LINE = 64


cdef class References:
    """The get of an index under one protocol, for several threads.

    Parameters
    ----------
    index : PageIndex
        Of a layout on an XArray.
    protocol : str
        A name in `pagecache.page.protocols.PROTOCOLS`.
    threads : int
        That read, from number 0 on.
    """

    def __cinit__(self, XArrayIndex index not None, str protocol, unsigned int threads=1):
        cdef getter_t* getter
        cdef unsigned int number
        if protocol not in PROTOCOLS:
            raise ValueError(f"no protocol {protocol!r}; known: {', '.join(PROTOCOLS)}")
        if not 1 <= threads <= STRIPES:
            raise ValueError(f"threads={threads}; 1 to {STRIPES} have a stripe")
        self.index, self.name, self.threads = index, protocol, threads
        self.protocol = <protocol_t><int>list(PROTOCOLS).index(protocol)
        self.getters = <getter_t*>aligned_alloc(LINE, (threads + 1) * sizeof(getter_t))
        if self.getters is NULL:
            raise MemoryError("no room for the threads' getters")
        memset(self.getters, 0, (threads + 1) * sizeof(getter_t))
        self.sequence = &self.getters[threads].fallbacks  # lines that nobody writes but the writer
        for number in range(threads):
            getter = self.getters + number
            getter.xa, getter.base, getter.unit = &index.xa, index.frames.base, index.unit
            getter.mapping, getter.number = <void*>index, number
            getter.sequence, getter.slow = self.sequence, index.pair(GET)
            getter.subpages = getattr(index, "names", None) == "subpage"
            getter.once = once_of(self.protocol)

    def __dealloc__(self):
        free(self.getters)

    def fallen_back(self, unsigned int number=0):
        """How often a copy without a reference was not believed, by thread `number`."""
        return self.getters[self.checked(number)].fallbacks

    def get(self, uint64_t index, unsigned int number=0):
        """The frame of the page at `index`, as thread `number` finds it; or None."""
        cdef pair_t pair
        cdef uint64_t frame
        if not self.index.backed:
            raise ValueError("these struct pages are not backed by memory")
        pair = self.pair(self.checked(number))
        with nogil:
            frame = (<lookup_t>pair.call)(pair.self, index)
        return None if frame == ABSENT else frame

    def freeze_folio(self, uint64_t pfn, int32_t references):
        """Keep all others from the folio at `pfn`, if nobody has references but these; whether it is.

        Under `striped` no thread may be between its get and its put: there is no grace period here.
        """
        cdef page_t* head = self.index.frames.record(pfn)
        return self.freeze(head, references) and self.freeze_sum(head, references)

    def unfreeze_folio(self, uint64_t pfn, int32_t references):
        """Let others get the folio at `pfn` again, which has so many references now."""
        self.unfreeze(self.index.frames.record(pfn), references)

    def begin_change(self, uint64_t pfn):
        """From here on readers without a reference to the folio at `pfn` fall back on one."""
        self.change_begins(self.index.frames.record(pfn))

    def end_change(self, uint64_t pfn):
        """Until here; those that began before will fall back too."""
        self.change_ends(self.index.frames.record(pfn))

    cdef unsigned int checked(self, unsigned int number) except? 0:
        if number >= self.threads:
            raise IndexError(f"thread {number} of {self.threads}")
        return number

    cdef pair_t pair(self, unsigned int number) noexcept nogil:
        cdef pair_t found = self.getters[number].slow
        if self.protocol != CAS:
            found.call = <call_t>call_of(self.protocol)
            found.self = self.getters + number
        return found

    cdef void unfreeze(self, page_t* head, int32_t n) noexcept nogil:
        if self.protocol == LOCKED_BIT:
            locked_bit_unfreeze(head, n)
        elif self.protocol == STRIPED:
            striped_unfreeze(head, n)
        elif self.protocol == ASSUME_1:
            assume_1_unfreeze(head, n)
        else:
            cas_unfreeze(head, n)

    cdef bint freeze(self, page_t* head, int32_t n) noexcept nogil:
        if self.protocol == LOCKED_BIT:
            return locked_bit_freeze(head, n)
        if self.protocol == ASSUME_1:
            return assume_1_freeze(head, n)
        if self.protocol == STRIPED:
            striped_flag(head)
            return True  # not yet: `freeze_sum`
        return cas_freeze(head, n)

    cdef bint freeze_sum(self, page_t* head, int32_t n) noexcept nogil:
        if self.protocol != STRIPED or striped_sum(head, self.threads) == 0:
            return True
        striped_unfreeze(head, n)
        return False

    cdef bint is_free(self, page_t* head) noexcept nogil:
        """Has the last reference been put?"""
        cdef int32_t count = ref_read(head)
        if self.protocol == LOCKED_BIT:
            return count < 0
        return count == (STRIPED_FROZEN if self.protocol == STRIPED else 0)

    cdef void change_begins(self, page_t* head) noexcept nogil:
        if self.protocol == NONE:
            sequence_begin(self.sequence)
        elif self.protocol == NONE_FOLIO:
            sequence_begin(<uint64_t*>&head.private_)

    cdef void change_ends(self, page_t* head) noexcept nogil:
        if self.protocol == NONE:
            sequence_end(self.sequence)
        elif self.protocol == NONE_FOLIO:
            sequence_end(<uint64_t*>&head.private_)

    cdef void dropped(self, page_t* head) noexcept nogil:
        if self.protocol == LOCKED_BIT and ref_read(head) == 0:
            locked_bit_free(head)


cdef lookup_t once_of(protocol_t protocol) noexcept nogil:
    if protocol == ASSUME_1:
        return once_assume_1
    if protocol == LOCKED_BIT:
        return once_locked_bit
    if protocol == STRIPED:
        return once_striped
    return NULL  # the others' own get tries again


cdef lookup_t call_of(protocol_t protocol) noexcept nogil:
    if protocol == ASSUME_1:
        return get_assume_1
    if protocol == LOCKED_BIT:
        return get_locked_bit
    if protocol == STRIPED:
        return get_striped
    return get_none if protocol == NONE else get_none_folio


cdef inline uint64_t only_frame(void* self, uint64_t frame) noexcept nogil:
    return frame


cdef inline uint64_t get_once(
        counting_t* how, const getter_t* getter, uint64_t index) noexcept nogil:
    return try_counted(how, getter, index, only_frame, NULL)


cdef uint64_t again(const getter_t* getter, uint64_t index) noexcept nogil:
    """More tries, until one finds what is there.  Called last, so that the first keeps its registers."""
    cdef uint64_t frame = RETRY
    while frame == RETRY:
        reader_retries()
        frame = getter.once(<void*>getter, index)
    return frame


cdef inline uint64_t get_counted(
        counting_t* how, const getter_t* getter, uint64_t index) noexcept nogil:
    cdef uint64_t frame = get_once(how, getter, index)
    return again(getter, index) if frame == RETRY else frame


cdef uint64_t once_assume_1(void* self, uint64_t index) noexcept nogil:
    return get_once(<assume_1_t*>NULL, <const getter_t*>self, index)


cdef uint64_t once_locked_bit(void* self, uint64_t index) noexcept nogil:
    return get_once(<locked_bit_t*>NULL, <const getter_t*>self, index)


cdef uint64_t once_striped(void* self, uint64_t index) noexcept nogil:
    return get_once(<striped_t*>NULL, <const getter_t*>self, index)


cdef uint64_t get_assume_1(void* self, uint64_t index) noexcept nogil:
    return get_counted(<assume_1_t*>NULL, <const getter_t*>self, index)


cdef uint64_t get_locked_bit(void* self, uint64_t index) noexcept nogil:
    return get_counted(<locked_bit_t*>NULL, <const getter_t*>self, index)


cdef uint64_t get_striped(void* self, uint64_t index) noexcept nogil:
    return get_counted(<striped_t*>NULL, <const getter_t*>self, index)


cdef uint64_t slow(getter_t* getter, uint64_t index) noexcept nogil:
    """The way with a reference, where one without it is not believed."""
    getter.fallbacks += 1
    return (<lookup_t>getter.slow.call)(getter.slow.self, index)


cdef uint64_t get_none(void* self, uint64_t index) noexcept nogil:
    """The mapping's count even, find, the count the same."""
    cdef getter_t* getter = <getter_t*>self
    cdef uint64_t before = sequence_load(getter.sequence), frame = ABSENT
    cdef seen_t seen
    cdef entry_t entry
    cdef page_t* head
    if before & 1:
        return slow(getter, index)
    entry = xa_find_slot(getter.xa, index >> getter.unit, &seen)
    head = as_page(entry)
    if head is NULL:
        return slow(getter, index) if entry == RETRY_ENTRY else ABSENT
    frame = frame_of(getter, compound_head(head) if getter.subpages else head, index)
    return frame if sequence_same(getter.sequence, before) else slow(getter, index)


cdef uint64_t get_none_folio(void* self, uint64_t index) noexcept nogil:
    """Find, the folio's count even, load the slot again, the count the same."""
    cdef getter_t* getter = <getter_t*>self
    cdef seen_t seen
    cdef entry_t entry = xa_find_slot(getter.xa, index >> getter.unit, &seen)
    cdef page_t* head = as_page(entry)
    cdef uint64_t before, frame
    cdef const uint64_t* count
    if head is NULL:
        return slow(getter, index) if entry == RETRY_ENTRY else ABSENT
    if getter.subpages:
        head = compound_head(head)
    count = <const uint64_t*>&head.private_
    before = sequence_load(count)
    if before & 1 or not still_there(&seen, entry):
        return slow(getter, index)
    frame = frame_of(getter, head, index)
    return frame if sequence_same(count, before) else slow(getter, index)
