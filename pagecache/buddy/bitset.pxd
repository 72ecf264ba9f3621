"""A set of small numbers as bits, in which some member is found at once however large it is.

    level 0    bit i of the set, 64 to a *word*
    level 1    bit w: word w of level 0 may have bits; 64 to a word again
    ...        up to a level of one word

2^28 bits, the frames of 1 TiB, take five levels.  A level above 0 may say yes of a word that has
become empty: the next search that passes corrects it, so taking a number out writes one word.
The search looks first into the word written last (*hint*), as lists give back last in, first out.
"""

from libc.stdint cimport uint64_t

cdef enum:
    LEVELS = 6  # 2^32 numbers and more


cdef extern from *:
    int ctz "__builtin_ctzll"(unsigned long long) noexcept nogil
    int popcount "__builtin_popcountll"(unsigned long long) noexcept nogil


cdef struct bitset_t:
    uint64_t* level[LEVELS]
    unsigned int levels
    uint64_t count  # of the bits set
    uint64_t hint

cdef uint64_t bits_words(uint64_t bits) noexcept nogil
cdef void bits_init(bitset_t* bits, uint64_t size, uint64_t** room) noexcept nogil
cdef uint64_t bits_search(bitset_t* bits) noexcept nogil
cdef bint bits_sound(const bitset_t* bits, uint64_t size) noexcept nogil


cdef inline bint bits_test(const bitset_t* bits, uint64_t number) noexcept nogil:
    return (bits.level[0][number >> 6] >> (number & 63)) & 1


cdef inline void bits_add(bitset_t* bits, uint64_t number) noexcept nogil:
    """Put in a number that is not there."""
    cdef uint64_t word = number >> 6, bit
    cdef unsigned int k
    bits.level[0][word] |= <uint64_t>1 << (number & 63)
    bits.hint = word
    bits.count += 1
    for k in range(1, bits.levels):
        bit = <uint64_t>1 << (word & 63)
        word >>= 6
        if bits.level[k][word] & bit:
            return
        bits.level[k][word] |= bit


cdef inline void bits_remove(bitset_t* bits, uint64_t number) noexcept nogil:
    """Take out a number that is there.  O(1)."""
    bits.level[0][number >> 6] &= ~(<uint64_t>1 << (number & 63))
    bits.count -= 1


cdef inline uint64_t bits_any(bitset_t* bits) noexcept nogil:
    """Some number of a set that is not empty.  O(1), or O(levels) where the hint is stale."""
    if bits.level[0][bits.hint] == 0:
        bits.hint = bits_search(bits)
    return bits.hint << 6 | ctz(bits.level[0][bits.hint])
