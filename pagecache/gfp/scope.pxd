"""Allocation scopes: bits of a task that take bits from every mask it allocates with.

    scope    removes    marked where
    NOIO     IO, FS     the device that reclaim would write to is being handled
    NOFS     FS         a lock is taken, or a transaction begun, that reclaim needs too (from 4.12)
    pin      MOVABLE    pages are pinned for long: they must not lie where others move

A *task* is a thread.  `save` sets the one bit and returns what it was before, `restore` puts it
back to that, so that scopes nest: the end of an inner one does not end the outer one.

    before         0          save -> 0
    outer          NOFS       save -> NOFS
    inner          NOFS       restore(NOFS)
    outer again    NOFS       restore(0)
    after          0
"""

from pagecache.gfp.bits cimport GFP_BIT_FS, GFP_BIT_IO, GFP_BIT_MOVABLE, gfp_t


cdef enum:
    TASK_NOIO = 1
    TASK_NOFS = 2
    TASK_PIN = 4


cpdef unsigned int memalloc_noio_save() noexcept nogil
cpdef unsigned int memalloc_nofs_save() noexcept nogil
cpdef unsigned int memalloc_pin_save() noexcept nogil
cpdef void memalloc_noio_restore(unsigned int saved) noexcept nogil
cpdef void memalloc_nofs_restore(unsigned int saved) noexcept nogil
cpdef void memalloc_pin_restore(unsigned int saved) noexcept nogil
cpdef gfp_t effective(gfp_t gfp) noexcept nogil

# Of this thread, for as long as it lives: a loop takes it once, then `without(gfp, scopes[0])`.
cdef const unsigned int* task_scopes() noexcept nogil


cdef inline gfp_t without(gfp_t gfp, unsigned int scopes) noexcept nogil:
    """What scopes leave of a mask.  NOIO is the stronger: whoever starts no I/O enters no FS."""
    if scopes & TASK_NOIO:
        gfp &= ~<gfp_t>(GFP_BIT_IO | GFP_BIT_FS)
    elif scopes & TASK_NOFS:
        gfp &= ~<gfp_t>GFP_BIT_FS
    if scopes & TASK_PIN:
        gfp &= ~<gfp_t>GFP_BIT_MOVABLE
    return gfp
