"""Where the words of a set lie, and the search from the top."""


cdef uint64_t bits_words(uint64_t bits) noexcept nogil:
    """Words that a set of `bits` numbers takes, all levels."""
    cdef uint64_t words = (bits + 63) >> 6, total = words
    while words > 1:
        words = (words + 63) >> 6
        total += words
    return total


cdef void bits_init(bitset_t* bits, uint64_t size, uint64_t** room) noexcept nogil:
    """An empty set in the words at `room`, which are zero; `room` moves on behind them."""
    cdef uint64_t words = (size + 63) >> 6
    bits.levels, bits.count, bits.hint = 1, 0, 0
    bits.level[0] = room[0]
    room[0] += words
    while words > 1:
        words = (words + 63) >> 6
        bits.level[bits.levels] = room[0]
        bits.levels += 1
        room[0] += words


cdef uint64_t bits_search(bitset_t* bits) noexcept nogil:
    """The lowest word of a set that is not empty; stale bits met on the way are cleared."""
    cdef uint64_t word = 0
    cdef unsigned int k = bits.levels - 1
    while k or not bits.level[0][word]:
        if bits.level[k][word]:
            word = word << 6 | ctz(bits.level[k][word])
            k -= 1
        else:
            k += 1
            bits.level[k][word >> 6] &= ~(<uint64_t>1 << (word & 63))
            word >>= 6
    return word


cdef bint bits_sound(const bitset_t* bits, uint64_t size) noexcept nogil:
    """Does every level say yes of what has bits, and is the count that of the bits?"""
    cdef uint64_t words = (size + 63) >> 6, w, counted = 0
    cdef unsigned int k
    for w in range(words):
        counted += popcount(bits.level[0][w])
    for k in range(bits.levels - 1):
        for w in range(words):
            if bits.level[k][w] and not (bits.level[k + 1][w >> 6] >> (w & 63)) & 1:
                return False
        words = (words + 63) >> 6
    return counted == bits.count
