"""Memory in one piece if it can be had, else page by page.

    kvmalloc(size, gfp)
      one piece         up to 4 MiB, the largest block; above one page with NORETRY | NOWARN,
         |              since a failure is no harm: there is another way
         | none         (of one page at most: that was all, NULL)
         v
      page by page      addresses that follow each other in the *window*, a page put behind each

    heap    ...[ piece ]....................
    window  |area of 3 pages|guard|area of 2|guard|            64 GiB of addresses, reserved once

`kvfree` tells the two by the address: inside the window or not.  In a process, a piece is of the
heap, and its pages need not be neighbours in the machine; kvframes.py does the same with frames.
Sizes come from sizes.pxd and are SIZE_MAX where they overflowed: above MAX_SIZE all is refused.
"""

from pagecache cimport sizes
from pagecache.gfp.bits cimport (
    GFP_BIT_NOFAIL,
    GFP_BIT_NORETRY,
    GFP_BIT_NOWARN,
    GFP_BIT_RETRY_MAYFAIL,
    GFP_BIT_ZERO,
    GFP_KERNEL,
    gfp_t,
)


cdef enum:
    KV_PAGE = 4096  # bytes up to which there is only one way
    MAX_PIECE = 4194304  # bytes of a block of order 10
    MAX_SIZE = 2147483647


cdef extern from *:
    """
    /* Bytes of *p with n elements in its last member; does not compile if that is no array. */
    #define pc_flex_size(p, member, n) pc_flex_bytes(sizeof(*(p)), sizeof((member)[0]) + 0 * \\
        sizeof(struct { int member_is_an_array : \\
            1 - 2 * __builtin_types_compatible_p(__typeof__(member), __typeof__(&(member)[0])); }), \\
        (n))
    static inline size_t pc_flex_bytes(size_t header, size_t element, size_t count) {
        size_t size;
        if (__builtin_mul_overflow(count, element, &size)
            || __builtin_add_overflow(size, header, &size))
            return (size_t)-1;
        return size;
    }
    """
    # flex_size(p, p.items, n): neither is read, so `p` may be the pointer about to be set.
    size_t flex_size "pc_flex_size"(...) noexcept nogil


cdef inline gfp_t piece_gfp(size_t size, gfp_t gfp) noexcept nogil:
    """The mask of the try for one piece: above a page it must be light, and may fail in silence."""
    if size <= KV_PAGE:
        return gfp
    gfp = (gfp | GFP_BIT_NOWARN) & ~<gfp_t>GFP_BIT_NOFAIL
    return gfp if gfp & GFP_BIT_RETRY_MAYFAIL else gfp | GFP_BIT_NORETRY


cdef inline bint has_fallback(size_t size) noexcept nogil:
    return KV_PAGE < size <= MAX_SIZE


cdef void* kvmalloc(size_t size, gfp_t gfp) noexcept nogil
cdef void kvfree(void* start) noexcept nogil
cdef bint in_window(const void* start) noexcept nogil


cdef inline void* kvzalloc(size_t size, gfp_t gfp) noexcept nogil:
    return kvmalloc(size, gfp | GFP_BIT_ZERO)


cdef inline void* kvmalloc_array(size_t count, size_t element, gfp_t gfp) noexcept nogil:
    return kvmalloc(sizes.array_size(count, element), gfp)


cdef inline void* kvmalloc_struct(size_t header, size_t element, size_t count, gfp_t gfp) noexcept nogil:
    """A zeroed struct that ends in an array.

    `kvzalloc(flex_size(p, p.items, count), gfp)` does it for a type, and the compiler checks that.
    """
    return kvzalloc(sizes.struct_size(header, element, count), gfp)


# The pair proposed in 2018: one call that drivers need not think about.
cdef inline void* kv_malloc(size_t size) noexcept nogil:
    return kvmalloc(size, GFP_KERNEL)


cdef inline void kv_free(void* start) noexcept nogil:
    kvfree(start)


cdef class KvBuffer:
    cdef char* start
    cdef readonly Py_ssize_t size
    cdef Py_ssize_t views
