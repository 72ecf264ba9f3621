"""What a round looks at besides the designs: the clock, and the caches emptied on request."""

from libc.stdint cimport uint64_t
from libc.string cimport memset


cdef extern from *:
    """
    #if defined(__x86_64__) || defined(__i386__)
    static inline void pc_flush_line(const char *line) { __builtin_ia32_clflush(line); }
    #define PC_CAN_FLUSH 1
    #else
    static inline void pc_flush_line(const char *line) { (void)line; }
    #define PC_CAN_FLUSH 0
    #endif
    #ifndef PC_COMMIT
    #define PC_COMMIT ""
    #endif
    /* A chain that no compiler folds and no processor can run ahead of: one addition a cycle. */
    static inline unsigned long long pc_chain(unsigned long long n, unsigned long long x) {
        for (unsigned long long k = 0; k < n; k++) {
            x += k;
            __asm__ volatile("" : "+r"(x));
        }
        return x;
    }
    """
    void flush_line "pc_flush_line"(const char* line) noexcept nogil
    int PC_CAN_FLUSH
    const char* PC_COMMIT
    uint64_t chain "pc_chain"(uint64_t n, uint64_t x) noexcept nogil

CAN_FLUSH = bool(PC_CAN_FLUSH)
COMMIT = PC_COMMIT.decode("ascii") or None  # of the checkout this was built in


def dependent_adds(uint64_t n):
    """`n` additions, each waiting for the one before: their time shows the clock of the core."""
    cdef uint64_t x
    with nogil:
        x = chain(n, 1)
    return x


def flush(size_t address, size_t size):
    """Drop the cache lines of `size` bytes from `address` on.  O(size / 64); nothing off x86."""
    cdef size_t at
    with nogil:
        for at in range(address, address + size, 64):
            flush_line(<const char*>at)


def zero(unsigned char[::1] buffer):
    """Clear a buffer, as a kernel clears the pages it hands out.  O(bytes)."""
    if buffer.shape[0]:
        with nogil:
            memset(&buffer[0], 0, buffer.shape[0])
