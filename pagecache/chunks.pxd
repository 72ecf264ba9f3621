"""Chunks: the memory that pools cut nodes from, all of a pool's in a list, the newest first.

    pool's list --> 128 KiB --> 64 KiB --> 64 KiB --> NULL     each doubles what there was

From 2 MiB on a chunk starts at a huge page and asks to be backed by such, as the kernel's direct map
is.  What a chunk holds is zero at first.  It is given back only with the whole list.
"""


cdef enum:
    SMALL_CHUNK = 65536
    HUGE_PAGE = 2097152


cdef struct chunk_t:
    chunk_t* older
    char* start
    size_t size


# Zeroed memory, aligned as a chunk of that size is; NULL if there is none.
cdef char* map_aligned(size_t size) noexcept nogil
cdef void unmap(char* start, size_t size) noexcept nogil
# A new chunk at the head of a list: its start, or NULL and the list as before.
cdef char* chunk_add(chunk_t** newest, size_t size) noexcept nogil
cdef void chunks_free(chunk_t** newest) noexcept nogil
