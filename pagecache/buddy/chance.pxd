"""Chance that is the same in every run: a generator of 64 bits, from a seed."""

from libc.stdint cimport uint64_t


cdef inline uint64_t draw(uint64_t* state) noexcept nogil:
    """The next 64 bits (splitmix64, by Sebastiano Vigna)."""
    cdef uint64_t z
    state[0] += <uint64_t>0x9E3779B97F4A7C15
    z = state[0]
    z = (z ^ (z >> 30)) * <uint64_t>0xBF58476D1CE4E5B9
    z = (z ^ (z >> 27)) * <uint64_t>0x94D049BB133111EB
    return z ^ (z >> 31)


cdef inline uint64_t draw_below(uint64_t* state, uint64_t limit) noexcept nogil:
    """A number below `limit`, which is at most 2^32."""
    return (draw(state) >> 32) * limit >> 32
