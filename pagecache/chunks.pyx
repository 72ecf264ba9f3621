"""Chunks of memory, mapped and given back."""

from libc.stdint cimport uintptr_t
from libc.stdlib cimport free, malloc

from pagecache.sizes cimport size_add


cdef extern from "<sys/mman.h>" nogil:
    void* mmap(void* address, size_t size, int protection, int flags, int fd, long position)
    int munmap(void* address, size_t size)
    int madvise(void* address, size_t size, int advice)
    int PROT_READ, PROT_WRITE, MAP_PRIVATE, MAP_ANONYMOUS, MADV_HUGEPAGE
    void* MAP_FAILED


cdef char* map_aligned(size_t size) noexcept nogil:
    cdef size_t slack = HUGE_PAGE if size >= HUGE_PAGE else 0
    cdef char* start = <char*>mmap(
        NULL, size_add(size, slack), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    cdef size_t before
    if start == MAP_FAILED:
        return NULL
    if slack:
        before = -<uintptr_t>start & (HUGE_PAGE - 1)
        if before:
            munmap(start, before)
        munmap(start + before + size, slack - before)
        start += before
        madvise(start, size, MADV_HUGEPAGE)
    return start


cdef void unmap(char* start, size_t size) noexcept nogil:
    munmap(start, size)


cdef char* chunk_add(chunk_t** newest, size_t size) noexcept nogil:
    cdef chunk_t* chunk = <chunk_t*>malloc(sizeof(chunk_t))
    if chunk is NULL:
        return NULL
    chunk.start = map_aligned(size)
    if chunk.start is NULL:
        free(chunk)
        return NULL
    chunk.size, chunk.older = size, newest[0]
    newest[0] = chunk
    return chunk.start


cdef void chunks_free(chunk_t** newest) noexcept nogil:
    cdef chunk_t* chunk
    while newest[0] is not NULL:
        chunk = newest[0]
        newest[0] = chunk.older
        unmap(chunk.start, chunk.size)
        free(chunk)
