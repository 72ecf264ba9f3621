"""A get for each protocol that copies; copies.pxd says how."""

from libc.stdint cimport uint8_t
from libc.stdlib cimport calloc, free
from libc.string cimport memcpy

from pagecache.designs.contract cimport ABSENT, call_t
from pagecache.designs.folio_lookup cimport as_page
from pagecache.designs.getters cimport (
    RETRY,
    assume_1_t,
    cas_t,
    counting_t,
    frame_of,
    locked_bit_t,
    striped_t,
    try_counted,
)
from pagecache.designs.references cimport (
    ASSUME_1,
    LOCKED_BIT,
    NONE,
    NONE_FOLIO,
    STRIPED,
    protocol_t,
)
from pagecache.page.frames cimport compound_head, page_t
from pagecache.page.sequence cimport sequence_load, sequence_same
from pagecache.xarray.entry cimport RETRY_ENTRY, entry_t
from pagecache.xarray.grace cimport reader_retries
from pagecache.xarray.walk cimport seen_t, still_there, xa_find_slot

import mmap

import numpy as np

from pagecache.errors import whole

cdef enum:
    PAGE = 4096
    LINE = 64

cdef extern from *:
    """
    #define PC_WRONG (UINT64_MAX - 2)
    """
    const uint64_t WRONG "PC_WRONG"  # which no page answers: another one was copied


def page_contents(pages: int):
    """Memory for so many pages, each full of its own number.  Bytes as a numpy array."""
    memory = mmap.mmap(-1, pages * PAGE)
    memory.madvise(mmap.MADV_HUGEPAGE)
    words = np.frombuffer(memory, np.uint64).reshape(pages, PAGE // 8)
    words[:] = np.arange(pages, dtype=np.uint64)[:, np.newaxis]
    return words.reshape(-1).view(np.uint8)


cdef uint64_t power_below(uint64_t n) noexcept:
    """The largest power of two up to `n`, less one."""
    cdef uint64_t power = 1
    while 2 * power <= n:
        power *= 2
    return power - 1


cdef class Copies:
    """Gets that copy `length` bytes, under the protocol of `references`.

    Parameters
    ----------
    references : References
    contents : uint8 array
        As `page_contents` makes it.
    length : int
        Bytes that each get copies, 8 to 1,024.
    """

    def __cinit__(self, References references not None, const uint8_t[::1] contents not None, length):
        cdef unsigned int bytes_ = whole(length, "length", MOST_COPIED), number
        if bytes_ < LEAST_COPIED:
            raise ValueError(f"length={bytes_}; {LEAST_COPIED} to {MOST_COPIED} bytes can be copied")
        if contents.shape[0] < PAGE:
            raise ValueError("contents hold no page")
        self.references, self.contents = references, contents
        self.copiers = <copier_t*>calloc(references.threads, sizeof(copier_t))
        if self.copiers is NULL:
            raise MemoryError("no room for the threads' copies")
        for number in range(references.threads):
            self.copiers[number].getter = references.getters + number
            self.copiers[number].once = once_of(references.protocol)
            self.copiers[number].contents = <const char*>&contents[0]
            self.copiers[number].mask = power_below(contents.shape[0] // PAGE)
            self.copiers[number].lines = power_below((PAGE - bytes_) // LINE + 1)
            self.copiers[number].length = bytes_

    def __dealloc__(self):
        free(self.copiers)

    def get(self, uint64_t index, unsigned int number=0):
        """The frame of the page at `index` and what was copied of it; None if it is not cached."""
        cdef copier_t* copier = self.copiers + self.references.checked(number)
        cdef uint64_t frame
        if not self.references.index.backed:
            raise ValueError("these struct pages are not backed by memory")
        with nogil:
            frame = copy_page(copier, index)
        return None if frame == ABSENT else (frame, copier.to[:copier.length])

    cdef pair_t pair(self, unsigned int number):
        cdef pair_t found
        found.call, found.self = <call_t>copy_page, self.copiers + number
        return found


cdef lookup_t once_of(protocol_t protocol) noexcept:
    if protocol == ASSUME_1:
        return copy_assume_1
    if protocol == LOCKED_BIT:
        return copy_locked_bit
    if protocol == STRIPED:
        return copy_striped
    if protocol == NONE:
        return copy_none
    return copy_none_folio if protocol == NONE_FOLIO else copy_cas


cdef uint64_t copy_page(void* self, uint64_t index) noexcept nogil:
    """Tries, until one finds what is there."""
    cdef copier_t* copier = <copier_t*>self
    cdef uint64_t frame = copier.once(self, index)
    while frame == RETRY:
        reader_retries()
        frame = copier.once(self, index)
    return frame


cdef inline const char* contents_of(const copier_t* copier, uint64_t frame) noexcept nogil:
    return copier.contents + (frame & copier.mask) * PAGE + (frame & copier.lines) * LINE


cdef inline uint64_t checked(const copier_t* copier, uint64_t frame) noexcept nogil:
    """The frame, if the user has its page."""
    cdef uint64_t number
    memcpy(&number, copier.to, sizeof(number))
    return frame if number == frame & copier.mask else WRONG


cdef inline uint64_t copied(void* self, uint64_t frame) noexcept nogil:
    """To the user at once: the folio is held."""
    cdef copier_t* copier = <copier_t*>self
    memcpy(copier.to, contents_of(copier, frame), copier.length)
    return checked(copier, frame)


cdef inline uint64_t try_copy(counting_t* how, copier_t* copier, uint64_t index) noexcept nogil:
    return try_counted(how, copier.getter, index, copied, copier)


cdef uint64_t copy_cas(void* self, uint64_t index) noexcept nogil:
    return try_copy(<cas_t*>NULL, <copier_t*>self, index)


cdef uint64_t copy_assume_1(void* self, uint64_t index) noexcept nogil:
    return try_copy(<assume_1_t*>NULL, <copier_t*>self, index)


cdef uint64_t copy_locked_bit(void* self, uint64_t index) noexcept nogil:
    return try_copy(<locked_bit_t*>NULL, <copier_t*>self, index)


cdef uint64_t copy_striped(void* self, uint64_t index) noexcept nogil:
    return try_copy(<striped_t*>NULL, <copier_t*>self, index)


cdef uint64_t slow(copier_t* copier, uint64_t index) noexcept nogil:
    """The way with a reference, where the copy without one is not believed; counted once a get."""
    cdef uint64_t frame = copy_cas(copier, index)
    copier.getter.fallbacks += 1
    while frame == RETRY:
        reader_retries()
        frame = copy_cas(copier, index)
    return frame


cdef uint64_t copy_none(void* self, uint64_t index) noexcept nogil:
    """The mapping's count even, find, copy aside, the count the same, copy."""
    cdef copier_t* copier = <copier_t*>self
    cdef const getter_t* getter = copier.getter
    cdef uint64_t before = sequence_load(getter.sequence)
    cdef seen_t seen
    cdef entry_t entry
    cdef page_t* head
    if before & 1:
        return slow(copier, index)
    entry = xa_find_slot(getter.xa, index >> getter.unit, &seen)
    head = as_page(entry)
    if head is NULL:
        return slow(copier, index) if entry == RETRY_ENTRY else ABSENT
    return believed(
        copier, compound_head(head) if getter.subpages else head, getter.sequence, before, index)


cdef uint64_t copy_none_folio(void* self, uint64_t index) noexcept nogil:
    """Find, the folio's count even, load the slot again, copy aside, the count the same, copy."""
    cdef copier_t* copier = <copier_t*>self
    cdef const getter_t* getter = copier.getter
    cdef seen_t seen
    cdef entry_t entry = xa_find_slot(getter.xa, index >> getter.unit, &seen)
    cdef page_t* head = as_page(entry)
    cdef uint64_t before
    if head is NULL:
        return slow(copier, index) if entry == RETRY_ENTRY else ABSENT
    if getter.subpages:
        head = compound_head(head)
    before = sequence_load(<const uint64_t*>&head.private_)
    if before & 1 or not still_there(&seen, entry):
        return slow(copier, index)
    return believed(copier, head, <const uint64_t*>&head.private_, before, index)


cdef inline uint64_t believed(
        copier_t* copier, const page_t* head, const uint64_t* count, uint64_t before,
        uint64_t index) noexcept nogil:
    """Copy aside, and to the user if the count is still what it was."""
    cdef uint64_t frame = frame_of(copier.getter, head, index)
    if frame == ABSENT:
        return ABSENT if sequence_same(count, before) else slow(copier, index)
    memcpy(copier.aside, contents_of(copier, frame), copier.length)
    if not sequence_same(count, before):
        return slow(copier, index)
    memcpy(copier.to, copier.aside, copier.length)
    return checked(copier, frame)
