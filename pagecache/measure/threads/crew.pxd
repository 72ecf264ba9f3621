"""What threads that are measured together share: a gate, a clock, a list.

Threads that start one after the other would run alone for a while, and the last one to end too.  So
each waits at the *gate* until all have come, spinning, since to be woken takes longer than a round;
and the first of them stops all, by a flag that each looks at after every `PIECE` gets.  There it is
quiescent too (xarray/grace.pxd): it holds nothing.

Each thread's time runs from the gate to its own last get.  Beside it stands the processor time that
it had: one that waited for a processor says nothing of the index.

*Ticks* time one get alone: the processor's own counter, fenced so that nothing outside comes in
between.  Where there is none it is the monotonic clock.
"""

from libc.stdint cimport uint64_t

from pagecache.designs.contract cimport PageIndex, pair_t
from pagecache.measure.threads.copies cimport Copies
from pagecache.designs.file_index cimport FileIndex, folio_ref_t
from pagecache.designs.references cimport References
from pagecache.page.frames cimport page_t
from pagecache.xarray.grace cimport Readers, grace_t

cdef enum:
    PIECE = 64  # gets between two looks at the flag


cdef struct gate_t:
    unsigned int members
    unsigned int arrived
    unsigned int stopped


cdef struct access_t:
    uint64_t index
    uint64_t answer  # what a lookup there must give


ctypedef bint (*get_folio_t)(
    void* self, uint64_t index, uint64_t last, folio_ref_t* ref) noexcept nogil

cdef struct holder_t:
    get_folio_t call
    void* self
    page_t* base  # of the struct pages


cdef extern from *:
    """
    #include <sched.h>
    #include <sys/resource.h>
    #include <time.h>
    #define pc_arrive(gate) __atomic_add_fetch(&(gate)->arrived, 1, __ATOMIC_ACQ_REL)
    #define pc_arrived(gate) __atomic_load_n(&(gate)->arrived, __ATOMIC_ACQUIRE)
    #define pc_stop(gate) __atomic_store_n(&(gate)->stopped, 1, __ATOMIC_RELAXED)
    #define pc_stopped(gate) __atomic_load_n(&(gate)->stopped, __ATOMIC_RELAXED)
    static inline uint64_t pc_clock(clockid_t which)
    {
        struct timespec now;
        clock_gettime(which, &now);
        return (uint64_t)now.tv_sec * 1000000000u + now.tv_nsec;
    }
    #define pc_now() pc_clock(CLOCK_MONOTONIC)
    #define pc_cpu_time() pc_clock(CLOCK_THREAD_CPUTIME_ID)
    static inline uint64_t pc_preempted(void)
    {
        struct rusage usage;
        getrusage(RUSAGE_THREAD, &usage);
        return (uint64_t)usage.ru_nivcsw;
    }
    #ifdef __x86_64__
    static inline uint64_t pc_ticks(void)
    {
        uint64_t found;
        __builtin_ia32_lfence();
        found = __builtin_ia32_rdtsc();
        __builtin_ia32_lfence();
        return found;
    }
    #else
    #define pc_ticks() pc_now()
    #endif
    """
    unsigned int arrive "pc_arrive"(gate_t* gate) noexcept nogil
    unsigned int arrived "pc_arrived"(const gate_t* gate) noexcept nogil
    void stop_all "pc_stop"(gate_t* gate) noexcept nogil
    bint stopped "pc_stopped"(const gate_t* gate) noexcept nogil
    uint64_t now_ns "pc_now"() noexcept nogil
    uint64_t cpu_ns "pc_cpu_time"() noexcept nogil
    uint64_t preempted "pc_preempted"() noexcept nogil  # times that this thread was, so far
    uint64_t ticks "pc_ticks"() noexcept nogil
    void sched_yield() noexcept nogil


cdef inline void meet(gate_t* gate) noexcept nogil:
    """Wait for all members, or until somebody says that they will not come."""
    arrive(gate)
    while arrived(gate) < gate.members and not stopped(gate):
        sched_yield()


cdef class Crew:
    cdef gate_t gate
    cdef PageIndex index
    cdef Readers readers
    cdef grace_t* grace  # theirs; NULL without
    cdef References references  # None: the index's own
    cdef Copies copies  # what its gets copy; None: nothing
    cdef holder_t holder
    cdef uint64_t spare  # the first frame that a folio may be migrated to
    cdef uint64_t spare_pages
    cdef pair_t pair(self, loop, unsigned int number)
    cdef pair_t holding(self, FileIndex index)
    cdef uint64_t zero  # so that no compiler knows that it is
    cdef uint64_t ns
    cdef unsigned int look_every  # pieces between two looks at the clock
