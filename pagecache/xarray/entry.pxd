"""What the 64 bits of a slot mean.

An *entry* is one machine word.  Its two low bits say what it is:

    00   NULL (all zero: nothing here) or a user's pointer, aligned to 4 bytes
    x1   a value entry: the 63-bit value v is kept as 2v + 1
    10   internal to the array: internal(n) = 4n + 2

and an internal entry is, by its size,

    internal(0) .. internal(511)    sibling(offset): look in that slot of the same node instead;
    internal(768), internal(769)      these two for offsets 256 and 257, whose numbers are taken:
    internal(256)  = 0x402          retry: the node was freed under the reader, start again
    internal(257)  = 0x406          zero: a reserved slot, which reads as nothing
    above 4096                      the address of a node, plus 2
    internal(-4095) .. internal(-1) an errno, returned and never stored

Linux's nodes have 64 slots, and offsets up to 62; the others are for wider nodes.

Every kind has a make, a test and a convert, and nobody else shifts or masks bits.
"""

from libc.stdint cimport int64_t, uint64_t, uintptr_t

ctypedef uint64_t entry_t


cdef enum:
    NULL_ENTRY = 0
    RETRY_ENTRY = 1026  # internal(256)
    ZERO_ENTRY = 1030  # internal(257)


cdef inline bint is_internal(entry_t entry) noexcept nogil:
    return (entry & 3) == 2


# A value: 63 bits the user keeps in the slot itself.
cdef inline entry_t mk_value(uint64_t value) noexcept nogil:
    return (value << 1) | 1


cdef inline bint is_value(entry_t entry) noexcept nogil:
    return entry & 1


cdef inline uint64_t to_value(entry_t entry) noexcept nogil:
    return entry >> 1


# A sibling: "the entry that covers me starts at this offset of my node".
cdef inline entry_t mk_sibling(unsigned int offset) noexcept nogil:
    return (<entry_t>(offset + 512 if offset >> 1 == 128 else offset) << 2) | 2


cdef inline bint is_sibling(entry_t entry) noexcept nogil:
    return is_internal(entry) and entry < 4096 and (entry < RETRY_ENTRY or entry > ZERO_ENTRY)


cdef inline unsigned int to_sibling(entry_t entry) noexcept nogil:
    return <unsigned int>(entry >> 2) & 511


# A node: the next level down.
cdef inline entry_t mk_node(const void* node) noexcept nogil:
    return <entry_t><uintptr_t>node | 2


cdef inline bint is_node(entry_t entry) noexcept nogil:
    return is_internal(entry) and entry > 4096


cdef inline void* to_node(entry_t entry) noexcept nogil:
    return <void*><uintptr_t>(entry - 2)


# An error: what a call answers instead of an entry; errno is positive here.
cdef inline entry_t mk_error(int errno) noexcept nogil:
    return (<entry_t>(-<int64_t>errno) << 2) | 2


cdef inline bint is_error(entry_t entry) noexcept nogil:
    return is_internal(entry) and entry >= mk_error(4095)


cdef inline int to_error(entry_t entry) noexcept nogil:
    return -<int>(<int64_t>entry >> 2)  # arithmetic shift: the sign comes back


cdef inline bint is_advanced(entry_t entry) noexcept nogil:
    """Siblings and retries: the array's own, refused from its users."""
    return is_sibling(entry) or entry == RETRY_ENTRY


cdef inline entry_t visible(entry_t entry) noexcept nogil:
    """What a user of the array sees: a reserved slot reads as nothing."""
    return NULL_ENTRY if entry == ZERO_ENTRY else entry


cdef inline uint64_t to_number(entry_t entry, uint64_t default) noexcept nogil:
    """A value entry's value, a pointer's address, `default` for nothing."""
    return entry >> (entry & 1) if entry else default
