"""Events timed on the kernel and on the models: a compiled loop each, the clock read around it.

Each returns (ns, answer): the answer proves that the work was done.
"""

from libc.errno cimport errno
from libc.stdint cimport int64_t, uint64_t
from posix.time cimport CLOCK_MONOTONIC, clock_gettime, timespec
from posix.unistd cimport pread, ftruncate

from pagecache.designs.contract cimport PageIndex
from pagecache.designs.xarray_index cimport XArrayIndex
from pagecache.xarray.entry cimport NULL_ENTRY, entry_t, is_internal, is_value
from pagecache.xarray.find cimport xas_next_entry, xas_find, xas_order
from pagecache.xarray.marks cimport xas_get_mark
from pagecache.xarray.walk cimport xa_state, xas_init

cdef extern from "<unistd.h>" nogil:
    long syscall(long number, ...)

cdef extern from "<sys/mman.h>" nogil:
    int madvise(void* start, size_t length, int advice)
    int mincore(void* start, size_t length, unsigned char* resident)

cdef enum:
    CACHESTAT = 451
    POPULATE_WRITE = 23
    DIRTY = 0
    WRITEBACK = 1


cdef inline int64_t now() noexcept nogil:
    cdef timespec at
    clock_gettime(CLOCK_MONOTONIC, &at)
    return at.tv_sec * 1000000000 + at.tv_nsec


cdef tuple taken(int64_t start, int64_t end, int64_t answer):
    """What a system call answered, and how long it took; OSError if it failed."""
    if answer < 0:
        raise OSError(errno, "the system call failed")
    return end - start, answer


def preads(int fd, const uint64_t[::1] positions):
    """Read a byte at each position; the bytes read."""
    cdef char byte
    cdef Py_ssize_t k
    cdef int64_t start, end, got = 0, total = 0
    with nogil:
        start = now()
        for k in range(positions.shape[0]):
            got = pread(fd, &byte, 1, positions[k])
            if got < 0:
                break
            total += got
        end = now()
    return taken(start, end, got if got < 0 else total)


def populate_write(unsigned char[::1] mapped):
    """Fault all pages of a mapping in for writing, as first touches would."""
    cdef int64_t start, end, answer
    with nogil:
        start = now()
        answer = madvise(&mapped[0], mapped.shape[0], POPULATE_WRITE)
        end = now()
    return taken(start, end, answer)


def mincores(const unsigned char[::1] mapped, unsigned char[::1] resident):
    """Ask which pages of a mapping, itself untouched, are cached."""
    cdef int64_t start, end, answer
    cdef size_t pages = (mapped.shape[0] + 4095) // 4096
    if <size_t>resident.shape[0] < pages:
        raise ValueError(f"{resident.shape[0]} bytes do not hold {pages} pages")
    with nogil:
        start = now()
        answer = mincore(<void*>&mapped[0], mapped.shape[0], &resident[0])
        end = now()
    return taken(start, end, answer)


def cachestats(int fd):
    """Count the cached pages of a file."""
    cdef uint64_t[2] wanted
    cdef uint64_t[5] counts
    cdef int64_t start, end, answer
    wanted[0] = wanted[1] = 0
    with nogil:
        start = now()
        answer = syscall(CACHESTAT, fd, wanted, counts, 0)
        end = now()
    return taken(start, end, answer if answer < 0 else <int64_t>counts[0])


def truncates(int fd):
    """Cut a file to nothing."""
    cdef int64_t start, end, answer
    with nogil:
        start = now()
        answer = ftruncate(fd, 0)
        end = now()
    return taken(start, end, answer)


def model_gets(PageIndex index, const uint64_t[::1] pages):
    """Look up and reference each page; how many were there."""
    cdef Py_ssize_t k
    cdef int64_t start, end, found = 0
    with nogil:
        start = now()
        for k in range(pages.shape[0]):
            found += index.get(pages[k]) != ~<uint64_t>0
        end = now()
    return end - start, found


def model_cachestat(XArrayIndex index not None, uint64_t last):
    """Count the pages up to `last` that are cached, dirty, under writeback and reclaimed: their sum.

    What the system call must find out of each entry: is it there, a folio or a shadow, of which
    order, how much of it lies in the range, and has it either mark.  No struct page is read.
    """
    cdef xa_state xas
    cdef entry_t entry
    cdef uint64_t cached = 0, marked = 0, reclaimed = 0, end, pages
    cdef int64_t start, stop
    with nogil:
        start = now()
        xas_init(&xas, &index.xa, 0, 0)
        entry = xas_find(&xas, last)
        while entry != NULL_ENTRY:
            end = xas.index | ((<uint64_t>1 << xas_order(&xas)) - 1)
            pages = (end if end < last else last) - xas.index + 1
            if is_value(entry):
                reclaimed += pages
            elif not is_internal(entry):
                cached += pages
                if xas_get_mark(&xas, DIRTY):
                    marked += pages
                if xas_get_mark(&xas, WRITEBACK):
                    marked += pages
            entry = xas_next_entry(&xas, last)
        stop = now()
    return stop - start, cached + marked + reclaimed


def model_truncate(PageIndex index):
    """Remove all folios; their pages."""
    cdef int64_t start, end
    cdef uint64_t pages
    with nogil:
        start = now()
        pages = index.truncate()
        end = now()
    return end - start, pages


def now_ns():
    """The clock of all of these."""
    return now()
