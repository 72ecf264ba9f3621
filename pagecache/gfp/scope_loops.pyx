"""Loops over scopes, for benchmarks: called as any other compiled module calls them."""

from libc.stdint cimport uint64_t

from pagecache.gfp.bits cimport gfp_t
from pagecache.gfp.scope cimport (
    effective,
    memalloc_nofs_restore,
    memalloc_nofs_save,
    task_scopes,
    without,
)

cdef extern from *:
    """
    #define pc_reread() __asm__ volatile("" ::: "memory")
    """
    void reread "pc_reread"() noexcept nogil  # memory, as if something else had been done


def nest_each(uint64_t count):
    """Open and close `count` NOFS scopes.  How many found one open already."""
    cdef uint64_t _k, inner = 0
    cdef unsigned int saved
    with nogil:
        for _k in range(count):
            saved = memalloc_nofs_save()
            inner += saved != 0
            memalloc_nofs_restore(saved)
    return inner


def mask_each(uint64_t count, gfp_t gfp):
    """Take the effective mask `count` times, one call each.  Their sum."""
    cdef uint64_t _k, total = 0
    with nogil:
        for _k in range(count):
            total += effective(gfp)
    return total


def mask_each_inline(uint64_t count, gfp_t gfp):
    """The same by a pointer to the thread's scopes, taken once as an allocator's loop may."""
    cdef uint64_t _k, total = 0
    cdef const unsigned int* scopes
    with nogil:
        scopes = task_scopes()
        for _k in range(count):
            reread()
            total += without(gfp, scopes[0])
    return total
