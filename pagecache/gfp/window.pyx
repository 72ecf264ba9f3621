"""The window: reserved once, areas in an ordered list, a page at a time behind them."""

from libc.stdint cimport uintptr_t
from libc.stdlib cimport free, malloc

from pagecache.sizes cimport round_up_size, size_add


cdef extern from "<sys/mman.h>" nogil:
    void* mmap(void* address, size_t size, int protection, int flags, int fd, long position)
    int PROT_NONE, PROT_READ, PROT_WRITE
    int MAP_PRIVATE, MAP_ANONYMOUS, MAP_NORESERVE, MAP_FIXED
    void* MAP_FAILED

cdef extern from "<unistd.h>" nogil:
    long sysconf(int name)
    int _SC_PAGESIZE

cdef extern from *:
    """
    #include <pthread.h>
    static pthread_mutex_t pc_window_mutex = PTHREAD_MUTEX_INITIALIZER;
    #define pc_window_lock() pthread_mutex_lock(&pc_window_mutex)
    #define pc_window_unlock() pthread_mutex_unlock(&pc_window_mutex)
    static _Thread_local pc_kv_faults pc_faults = {0, 0, -1};
    static pc_kv_faults *pc_faults_now(void) { return &pc_faults; }
    """
    void lock "pc_window_lock"() noexcept nogil
    void unlock "pc_window_unlock"() noexcept nogil
    kv_faults* faults_now "pc_faults_now"() noexcept nogil

cdef size_t WINDOW = <size_t>1 << 36  # bytes: 32 areas of the largest size


cdef struct area_t:
    area_t* next
    char* start
    size_t size  # without the guard

# Reserved by the first call, and only its pages are ever freed.  Guarded by the mutex.
cdef char* window = NULL
cdef area_t* areas = NULL


cdef kv_faults* faults() noexcept nogil:
    return faults_now()


cdef bint window_holds(const void* start) noexcept nogil:
    return window is not NULL and <uintptr_t>start - <uintptr_t>window < WINDOW


cdef void* window_map(size_t size) noexcept nogil:
    """Zeroed pages at addresses that follow each other; NULL, and all as before, if one fails."""
    cdef size_t page = sysconf(_SC_PAGESIZE)
    cdef area_t* area
    size = round_up_size(size, page)
    if faults().record:
        return NULL
    area = <area_t*>malloc(sizeof(area_t))
    if area is NULL:
        return NULL
    if not place(area, size, page):
        free(area)
        return NULL
    if not put_pages(area, page):
        window_unmap(area.start)
        return NULL
    return area.start


cdef bint place(area_t* area, size_t size, size_t guard) noexcept nogil:
    """Give an area the first gap for it and its guard, and list it."""
    cdef area_t** link = &areas
    cdef char* start
    lock()
    if not reserve():
        unlock()
        return False
    start = window
    while link[0] is not NULL and <size_t>(link[0].start - start) < size_add(size, guard):
        start = link[0].start + link[0].size + guard
        link = &link[0].next
    if size_add(size, guard) > WINDOW - <size_t>(start - window):
        unlock()
        return False
    area.start, area.size, area.next = start, size, link[0]
    link[0] = area
    unlock()
    return True


cdef bint reserve() noexcept nogil:
    global window
    cdef void* start
    if window is NULL:
        start = mmap(NULL, WINDOW, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
        if start == MAP_FAILED:
            return False
        window = <char*>start
    return True


cdef bint put_pages(area_t* area, size_t page) noexcept nogil:
    """A page of memory behind each address, one by one."""
    cdef size_t done = 0
    while done < area.size:
        if faults().page == <long long>(done // page) or not put_page(area.start + done, page):
            return False
        done += page
    return True


cdef bint put_page(char* address, size_t page) noexcept nogil:
    return mmap(address, page, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED


cdef bint window_unmap(void* start) noexcept nogil:
    """Free the area that begins at `start`; False if none begins there."""
    cdef area_t** link = &areas
    cdef area_t* area
    lock()
    while link[0] is not NULL and link[0].start != <char*>start:
        link = &link[0].next
    area = link[0]
    if area is not NULL:
        # The pages go before the addresses can be handed out again.
        mmap(area.start, area.size, PROT_NONE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0)
        link[0] = area.next
    unlock()
    free(area)
    return area is not NULL


def window_areas():
    """The (address, bytes) of every area that is in use.  O(areas)."""
    cdef area_t* area
    found = []
    lock()
    area = areas
    while area is not NULL:
        found.append((<size_t>area.start, area.size))
        area = area.next
    unlock()
    return found


cdef class Failing:
    """Faults for this thread, in a ``with``: which allocations of kvmalloc fail.

    Parameters
    ----------
    piece : bool
        The try for one piece.
    record : bool
        The record of an area.
    page : int
        This page of an area, counted from 0; -1 for none.
    """

    cdef kv_faults wanted, before

    def __cinit__(self, *, bint piece=False, bint record=False, long long page=-1):
        self.wanted.piece, self.wanted.record, self.wanted.page = piece, record, page

    def __enter__(self):
        self.before = faults()[0]
        faults()[0] = self.wanted
        return self

    def __exit__(self, *exception):
        faults()[0] = self.before
