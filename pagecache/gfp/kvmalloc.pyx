"""kvmalloc and kvfree; the same sizes, and buffers made of such memory, for Python."""

from cpython.buffer cimport PyBuffer_FillInfo
from libc.stdint cimport SIZE_MAX
from libc.stdlib cimport calloc, free, malloc

from pagecache cimport sizes
from pagecache.gfp.scope cimport effective
from pagecache.gfp.window cimport faults, window_holds, window_map, window_unmap


cdef void* kvmalloc(size_t size, gfp_t gfp) noexcept nogil:
    """Memory of `size` bytes; NULL if it is not available, or `size` is above 2^31 - 1."""
    cdef void* start = piece(size, effective(piece_gfp(size, gfp)))
    if start is NULL and has_fallback(size):
        start = window_map(size)  # its pages are zeroed in any case
    return start


cdef void* piece(size_t size, gfp_t gfp) noexcept nogil:
    """One piece of the heap, which has no larger ones than the buddy allocator."""
    if size > MAX_PIECE or faults().piece:
        return NULL
    size = size if size else 1  # an address of its own, also for nothing
    return calloc(1, size) if gfp & GFP_BIT_ZERO else malloc(size)


cdef bint in_window(const void* start) noexcept nogil:
    return window_holds(start)


cdef void kvfree(void* start) noexcept nogil:
    """Give back what `kvmalloc` returned; NULL is fine."""
    if window_holds(start):
        window_unmap(start)
    else:
        free(start)


cdef size_t word(object number) except? 0:
    """A Python int as a size: what is larger than a word is SIZE_MAX."""
    if number < 0:
        raise ValueError(f"{number} is not a count of bytes or elements; give 0 or more")
    return <size_t>min(number, <object>SIZE_MAX)


def size_add(a, b):
    """Bytes of two parts together; ``2**64 - 1`` if that is more than a word holds."""
    return sizes.size_add(word(a), word(b))


def array_size(count, element):
    """Bytes of `count` elements of `element` bytes; ``2**64 - 1`` if a word is too small.

    Raises
    ------
    ValueError
        If a number is negative.

    Examples
    --------
    >>> from pagecache.gfp.kvmalloc import array_size
    >>> array_size(512, 64)
    32768
    >>> array_size(2**60, 64) == 2**64 - 1
    True
    """
    return sizes.array_size(word(count), word(element))


def array3_size(rows, columns, element):
    """Bytes of a table of elements; ``2**64 - 1`` if a word is too small."""
    return sizes.array3_size(word(rows), word(columns), word(element))


def struct_size(header, element, count):
    """Bytes of a struct of `header` bytes that ends in an array; ``2**64 - 1`` if too many.

    Examples
    --------
    >>> from pagecache.gfp.kvmalloc import struct_size
    >>> struct_size(16, 8, 100)
    816
    """
    return sizes.struct_size(word(header), word(element), word(count))


def first_mask(size, gfp_t gfp):
    """The bits of the mask of the try for one piece, scopes applied."""
    return effective(piece_gfp(word(size), gfp))


def falls_back(size):
    """Is there a second way, page by page, for `size` bytes?"""
    return has_fallback(word(size))


cdef class KvBuffer:
    """Memory from `kvmalloc`, as a writable buffer of bytes: ``memoryview(buffer)``.

    Freed by `kvfree`, or with the last reference.  O(pages) if it is put together page by page.

    Raises
    ------
    MemoryError
        If there is no such memory, or `size` is above ``2**31 - 1``.
    """

    def __cinit__(self, size, gfp_t gfp):
        cdef size_t wanted = word(size)
        if wanted > MAX_SIZE:
            raise MemoryError(f"{size} bytes: kvmalloc refuses more than 2147483647")
        self.start = <char*>kvmalloc(wanted, gfp)
        if self.start is NULL:
            raise MemoryError(f"no memory for {size} bytes, in one piece or page by page")
        self.size = wanted

    def __dealloc__(self):
        kvfree(self.start)

    def __len__(self):
        return self.size

    def __getbuffer__(self, Py_buffer* view, int flags):
        if self.start is NULL:
            raise ValueError("this memory was freed")
        PyBuffer_FillInfo(view, self, self.start, self.size, 0, flags)
        self.views += 1

    def __releasebuffer__(self, Py_buffer* view):
        self.views -= 1

    @property
    def address(self):
        """Of the first byte; 0 once freed."""
        return <size_t>self.start

    @property
    def one_piece(self):
        """Whether the first try was granted; False: put together page by page."""
        return not window_holds(self.start)

    def free(self):
        """Give the memory back.

        ValueError if that was done before, BufferError while somebody looks at it.
        """
        if self.start is NULL:
            raise ValueError("this memory was freed before")
        if self.views:
            raise BufferError(f"{self.views} views of this memory are in use; drop them first")
        kvfree(self.start)
        self.start = NULL
