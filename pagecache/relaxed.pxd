"""Words that readers load while a writer stores them.

To C11 a plain load beside a plain store of the same place is a race, and what follows is undefined: a
compiler may load twice, or store in parts.  A *relaxed* load or store is the same instruction without
being a race.  It orders nothing: slots, counts and periods do that (models/orders.toml), and what is
loaded here is either ordered by one of them, or looked at again.

These are macros, and take the place itself: `load_word(head.flags)`.  The one who writes may read
plainly what nobody else writes.
"""

from libc.stdint cimport uint8_t, uint32_t, uint64_t


cdef extern from *:
    """
    #define pc_word_load(place) __atomic_load_n(&(place), __ATOMIC_RELAXED)
    #define pc_word_store(place, to) __atomic_store_n(&(place), (to), __ATOMIC_RELAXED)
    """
    uint64_t load_word "pc_word_load"(uint64_t place) noexcept nogil
    uint32_t load_half "pc_word_load"(uint32_t place) noexcept nogil
    uint8_t load_byte "pc_word_load"(uint8_t place) noexcept nogil
    void* load_pointer "pc_word_load"(void* place) noexcept nogil
    void store_word "pc_word_store"(uint64_t place, uint64_t to) noexcept nogil
    void store_half "pc_word_store"(uint32_t place, uint32_t to) noexcept nogil
    void store_byte "pc_word_store"(uint8_t place, uint8_t to) noexcept nogil
    void store_pointer "pc_word_store"(void* place, void* to) noexcept nogil
