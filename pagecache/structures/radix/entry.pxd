"""What a word in a slot of a radix tree means, by its two low bits.

    00   NULL (all zero: nothing here) or a user's pointer, aligned to 4 bytes
    10   an exceptional entry: the 62-bit value v is kept as 4v + 2
    01   internal:  1                    retry: the slot is being changed, start again at the root
                    address of a slot+1  sibling: the entry that covers me lies in that slot
                    address of a node+1  the next level down
    11   unused

A sibling is told from a node by where it points: into the slots of the very node that holds it.
(The XArray keeps a small number instead, and one compare tells.)
"""

from libc.stdint cimport uint64_t, uintptr_t

ctypedef uint64_t entry_t


cdef enum:
    NULL_ENTRY = 0
    RETRY_ENTRY = 1
    VALUE_BITS = 62


cdef inline bint is_internal(entry_t entry) noexcept nogil:
    return (entry & 3) == 1


cdef inline entry_t mk_exceptional(uint64_t value) noexcept nogil:
    return value << 2 | 2


cdef inline bint is_exceptional(entry_t entry) noexcept nogil:
    return (entry & 3) == 2


cdef inline uint64_t to_exceptional(entry_t entry) noexcept nogil:
    return entry >> 2


cdef inline entry_t mk_internal(const void* address) noexcept nogil:
    """A node, or the slot that a sibling names."""
    return <entry_t><uintptr_t>address | 1


cdef inline void* to_address(entry_t entry) noexcept nogil:
    return <void*><uintptr_t>(entry & ~<entry_t>1)
