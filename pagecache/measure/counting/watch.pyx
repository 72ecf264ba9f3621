"""Every access to watched memory, recorded while unchanged code runs.

The watched memory is made inaccessible. The instruction that touches it faults; the handler notes
the address, opens the memory and sets the processor's trap flag, so that one instruction runs; then
the memory is closed again. Nothing is compiled into the loops for this, so what is counted is what
is timed, of anybody's design. It takes some microseconds an access, and an x86-64 processor.
"""

from libc.stdint cimport int32_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free

import numpy as np

from pagecache.page.frames cimport page_t
from pagecache.structures.maple.node cimport maple_node
from pagecache.structures.pool cimport Pool
from pagecache.structures.radix.node cimport radix_node
from pagecache.xarray.node cimport NodePool, xa_node


cdef extern from *:
    """
    #include <errno.h>
    #include <stddef.h>
    #include <stdint.h>
    typedef struct { uint64_t address; int32_t change; uint32_t writes; } pc_access;
    #if defined(__x86_64__) && defined(__linux__)
    #include <signal.h>
    #include <sys/mman.h>
    #include <ucontext.h>
    #define PC_CAN_WATCH 1
    #define PC_MOST_RANGES 64
    #define PC_TRAP_FLAG 0x100
    #define PC_FAULT_WRITES 2
    /* One watch at a time, by one thread: signal handlers have no argument of their own. */
    static struct {
        struct { char *start; size_t size; } ranges[PC_MOST_RANGES];
        int count, open;
        char *records, *records_end;  /* of struct pages, whose counts are looked at */
        size_t count_at;  /* in a record */
        pc_access *log;
        size_t logged, room;
        int32_t *counted, before;
        struct sigaction old_fault, old_trap;
    } pc_watch;

    static void pc_allow(int protection) {
        int k, error = errno;
        for (k = 0; k < pc_watch.count; k++)
            mprotect(pc_watch.ranges[k].start, pc_watch.ranges[k].size, protection);
        errno = error;
    }
    static int pc_is_watched(const char *at) {
        int k;
        for (k = 0; k < pc_watch.count; k++)
            if (at >= pc_watch.ranges[k].start
                && at < pc_watch.ranges[k].start + pc_watch.ranges[k].size)
                return 1;
        return 0;
    }
    static void pc_on_fault(int signal, siginfo_t *info, void *context) {
        greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
        char *at = info->si_addr;
        (void)signal;
        if (!pc_is_watched(at)) {  /* not ours: fault again, and be answered as before */
            sigaction(SIGSEGV, &pc_watch.old_fault, NULL);
            return;
        }
        pc_allow(PROT_READ | PROT_WRITE);
        pc_watch.open = 1;
        pc_watch.counted = NULL;
        if (at >= pc_watch.records && at < pc_watch.records_end) {
            size_t record = (size_t)(at - pc_watch.records) / 64 * 64;
            pc_watch.counted = (int32_t *)(pc_watch.records + record + pc_watch.count_at);
            pc_watch.before = *pc_watch.counted;
        }
        if (pc_watch.logged < pc_watch.room) {
            pc_access *access = &pc_watch.log[pc_watch.logged];
            access->address = (uint64_t)at;
            access->writes = (registers[REG_ERR] & PC_FAULT_WRITES) != 0;
            access->change = 0;
        }
        registers[REG_EFL] |= PC_TRAP_FLAG;
    }
    static void pc_on_trap(int signal, siginfo_t *info, void *context) {
        (void)signal, (void)info;
        ((ucontext_t *)context)->uc_mcontext.gregs[REG_EFL] &= ~(greg_t)PC_TRAP_FLAG;
        if (!pc_watch.open)
            return;
        if (pc_watch.counted != NULL && pc_watch.logged < pc_watch.room)
            pc_watch.log[pc_watch.logged].change = *pc_watch.counted - pc_watch.before;
        pc_watch.logged++;
        pc_watch.open = 0;
        pc_allow(PROT_NONE);
    }
    static int pc_start(void) {
        struct sigaction action = {0};
        action.sa_flags = SA_SIGINFO;
        action.sa_sigaction = pc_on_fault;
        if (sigaction(SIGSEGV, &action, &pc_watch.old_fault))
            return -1;
        action.sa_sigaction = pc_on_trap;
        if (sigaction(SIGTRAP, &action, &pc_watch.old_trap))
            return -1;
        pc_watch.logged = 0;
        pc_watch.open = 0;
        pc_allow(PROT_NONE);
        return 0;
    }
    static size_t pc_stop(void) {
        pc_allow(PROT_READ | PROT_WRITE);
        sigaction(SIGSEGV, &pc_watch.old_fault, NULL);
        sigaction(SIGTRAP, &pc_watch.old_trap, NULL);
        return pc_watch.logged;
    }
    static int pc_add(size_t start, size_t size) {
        if (pc_watch.count == PC_MOST_RANGES)
            return -1;
        pc_watch.ranges[pc_watch.count].start = (char *)start;
        pc_watch.ranges[pc_watch.count++].size = size;
        return 0;
    }
    static void pc_set(pc_access *log, size_t room, size_t records, size_t size, size_t at) {
        pc_watch.count = 0;
        pc_watch.count_at = at;
        pc_watch.log = log;
        pc_watch.room = room;
        pc_watch.records = (char *)records;
        pc_watch.records_end = (char *)records + size;
    }
    #else
    #define PC_CAN_WATCH 0
    static int pc_start(void) { return -1; }
    static size_t pc_stop(void) { return 0; }
    static int pc_add(size_t start, size_t size) { (void)start, (void)size; return -1; }
    static void pc_set(pc_access *log, size_t room, size_t records, size_t size, size_t at) {
        (void)log, (void)room, (void)records, (void)size, (void)at;
    }
    #endif
    """
    ctypedef struct access_t "pc_access":
        uint64_t address
        int32_t change
        uint32_t writes
    int PC_CAN_WATCH
    int start_watch "pc_start"() noexcept nogil
    size_t stop_watch "pc_stop"() noexcept nogil
    int add_range "pc_add"(size_t start, size_t size) noexcept nogil
    void set_watch "pc_set"(
        access_t* log, size_t room, size_t records, size_t size, size_t at) noexcept nogil

CAN_WATCH = bool(PC_CAN_WATCH)
ACCESS = np.dtype([("address", "u8"), ("change", "i4"), ("writes", "u4")])


cdef class Watch:
    """Memory whose accesses are recorded between `start` and `stop`.

    Parameters
    ----------
    nodes : sequence of (address, bytes)
        Whole mappings, of which all accesses are recorded.
    struct_pages : (address, bytes)
        Another one, of 64-byte records whose reference counts are followed too; ``(0, 0)`` for none.
    room : int
        Accesses recorded at most in one go.

    Raises
    ------
    NotImplementedError
        This processor or system has no way to do it.
    """

    cdef access_t* log
    cdef size_t room
    cdef object ranges
    cdef (size_t, size_t) records

    def __cinit__(self, nodes, struct_pages, size_t room=1 << 16):
        if not PC_CAN_WATCH:
            raise NotImplementedError("accesses can be counted on x86-64 with Linux alone")
        self.room, self.records = room, struct_pages
        self.ranges = [*nodes, struct_pages] if struct_pages[1] else list(nodes)
        self.log = <access_t*>calloc(room, sizeof(access_t))
        if self.log is NULL:
            raise MemoryError("no room for the record of accesses")

    def __dealloc__(self):
        free(self.log)

    def start(self):
        """Close the memory.  Until `stop` nothing but the code to be counted may run for long."""
        cdef page_t page
        set_watch(self.log, self.room, self.records[0], self.records[1],
                  <size_t>&page.refcount - <size_t>&page)
        for address, size in self.ranges:
            if add_range(address, size):
                raise ValueError(f"{len(self.ranges)} ranges are too many to watch; give a smaller file")
        if start_watch():
            raise OSError("the signals of the watch could not be set")

    def stop(self):
        """Open it again: what was accessed, an `ACCESS` array of shape (n,)."""
        cdef size_t logged = stop_watch()
        if logged > self.room:
            raise MemoryError(f"{logged} accesses, and room for {self.room}; watch less at once")
        if not logged:
            return np.empty(0, ACCESS)
        return np.frombuffer(<bytes>(<char*>self.log)[:logged * sizeof(access_t)], ACCESS)


def slots_within(pool):
    """The bytes of a pool's nodes that are slots, and of a node: (first, end, size).

    Of a structure that is not known here every word counts as a slot.
    """
    cdef xa_node xa
    cdef radix_node radix
    cdef maple_node maple
    cdef size_t first
    if isinstance(pool, NodePool):
        first = <size_t>&xa.slots - <size_t>&xa
        return first, first + (8 << <size_t>pool.chunk_shift), pool.node_size
    if isinstance(pool, Pool) and pool.node_size == sizeof(maple_node):
        first = <size_t>&maple.slots - <size_t>&maple
        return first, first + sizeof(maple.slots), pool.node_size
    if isinstance(pool, Pool) and pool.node_size == sizeof(radix_node):
        first = <size_t>&radix.slots - <size_t>&radix
        return first, first + sizeof(radix.slots), pool.node_size
    return 0, 8, 8
