"""One page mapped very many times, and the guards against its map count running over.

    width 32      mappings - 1 :   -1       0       ...   2^31 - 1     -2^31    ...   -1
                                   unmapped one           2^31         turns          2^32 mappings
                                                                       negative       look like none

The count stands in the page's own record, in the topmost `width` bits of its 32: a mapping adds
2^(32 - width), so that a narrow count turns negative and runs over exactly as the whole does, in
the same instruction.  Each mapping holds a reference too, counted likewise.

A *guard* is what is done about it:

    none       nothing
    kill       track processes with many mappings; when the count turns negative, kill a heavy one
    saturate   a count stays at its highest value once it is there
    leak       when the count turns negative, the page is never freed any more
    refuse     no reference is given while the count of references is not above zero

What processes truly have mapped (their page tables) is counted apart; *corruption* is that the page
was freed while that number was above zero.
"""

from libc.stdint cimport int32_t, uint8_t, uint32_t, uint64_t

from pagecache.page.frames cimport Frames, page_t


cdef enum outcome_t:
    MAPPED = 0
    REFUSED = 1
    KILLED = 2  # the process itself
    STOPPED = 3  # the process is dead, the page freed, or the machine has panicked


cdef struct mapped_t:
    page_t* page
    int32_t step  # what one mapping adds to a count
    int32_t highest  # where a count saturates
    uint64_t processes
    uint32_t* maps  # of each process: entries that map the page
    uint8_t* tracked
    uint8_t* dead
    uint64_t total  # of maps
    uint64_t most
    uint64_t track_above
    uint64_t kill_above
    uint64_t kills
    uint64_t refusals
    bint panicked
    bint leaked
    bint freed
    bint freed_mapped
    bint looked_unmapped


ctypedef outcome_t (*map_fn)(mapped_t* m, uint64_t process) noexcept nogil
ctypedef void (*unmap_fn)(mapped_t* m, int32_t mappings) noexcept nogil


cdef class MappedPage:
    cdef Frames frames
    cdef mapped_t m
    cdef map_fn map_one
    cdef unmap_fn uncount
    cdef readonly str guard
    cdef readonly unsigned int width
    cdef int make_page(self, uint64_t processes) except -1
    cdef int check_process(self, uint64_t process) except -1
