"""Grace periods by quiescent states; grace.pxd has the argument."""

from libc.stdlib cimport free
from libc.string cimport memset

from contextlib import contextmanager


cdef extern from "<stdlib.h>" nogil:
    void* aligned_alloc(size_t alignment, size_t size)


cdef extern from *:
    """
    /* Where this thread says what it has seen: for retry loops, far below those who know. */
    static __thread void *pc_my_line, *pc_my_grace;
    #define pc_set_mine(line, grace) (pc_my_line = (line), pc_my_grace = (void*)(grace))
    """
    void* my_line "pc_my_line"
    void* my_grace "pc_my_grace"
    void set_mine "pc_set_mine"(void* line, const void* grace) noexcept nogil
    void period_store "pc_period_store"(grace_t* grace, uint64_t number) noexcept nogil
    void say_online "pc_online"(reader_line* line, uint64_t number) noexcept nogil
    void online_fence "pc_online_fence"() noexcept nogil
    void say_offline "pc_offline"(reader_line* line) noexcept nogil
    void unlinked_fence "pc_unlinked_fence"() noexcept nogil
    uint64_t line_load "pc_line_load"(const reader_line* line) noexcept nogil


cdef int grace_init(grace_t* grace, unsigned int readers) noexcept nogil:
    """Lines for so many readers, all off line: 0, or -1 if memory runs out."""
    grace.period, grace.readers = 1, readers
    grace.lines = <reader_line*>aligned_alloc(64, readers * sizeof(reader_line))
    if grace.lines is NULL:
        return -1
    memset(grace.lines, 0, readers * sizeof(reader_line))
    return 0


cdef void grace_free(grace_t* grace) noexcept nogil:
    free(grace.lines)
    grace.lines = NULL


cdef void reader_begin(grace_t* grace, unsigned int number) noexcept nogil:
    """This thread reads from now on, and says so in the line of that number."""
    cdef reader_line* line = &grace.lines[number]
    line.retries = 0
    set_mine(line, grace)
    say_online(line, period_load(grace))
    online_fence()


cdef uint64_t reader_end() noexcept nogil:
    """This thread holds nothing, and reads no more.  How often it had to look again."""
    cdef uint64_t retries = (<reader_line*>my_line).retries
    say_offline(<reader_line*>my_line)
    set_mine(NULL, NULL)
    return retries


cdef void reader_retries() noexcept nogil:
    """What a loop that tries again passes, holding nothing; nothing where this thread is no reader."""
    if my_line is not NULL:
        (<reader_line*>my_line).retries += 1
        reader_quiet(<const grace_t*>my_grace, <reader_line*>my_line)


cdef uint64_t grace_begin(grace_t* grace) noexcept nogil:
    """After something was unlinked: the number at which no reader can be in it any more."""
    cdef uint64_t number = grace.period + 1
    period_store(grace, number)
    unlinked_fence()
    return number


cdef bint grace_over(const grace_t* grace, uint64_t number) noexcept nogil:
    """Has each reader been quiescent since `number` was made?  O(readers)."""
    cdef unsigned int k
    cdef uint64_t seen
    for k in range(grace.readers):
        seen = line_load(&grace.lines[k])
        if seen != 0 and seen < number:
            return False
    return True


cdef class Readers:
    """Threads that read arrays beside a writer, without a lock.

    Give it to the pool of the arrays: `NodePool(readers=Readers())`.  Nodes that the writer takes
    out of a tree are used again only when no reader can be in them.

    Parameters
    ----------
    most : int
        How many threads may read at once (1 to 4096).

    Examples
    --------
    >>> import pagecache as pc
    >>> from pagecache.xarray.grace import Readers
    >>> readers = Readers()
    >>> pool = pc.NodePool(readers=readers)
    >>> xa = pc.XArray(pool=pool)
    >>> xa.store(64, 7)
    >>> with readers.reading() as quiet:
    ...     before = xa.load(64)
    ...     xa.erase(64)
    ...     held = pool.deferred
    ...     quiet()
    7
    >>> before, held
    (7, 2)
    """

    def __cinit__(self, unsigned int most=64):
        if not 1 <= most <= 4096:
            raise ValueError(f"most={most}; 1 to 4096 threads can read at once")
        if grace_init(&self.grace, most):
            raise MemoryError("no room for the lines of readers; give a smaller number")
        self.free_lines = set(range(most))

    def __dealloc__(self):
        grace_free(&self.grace)

    @contextmanager
    def reading(self):
        """This thread reads until the block ends.  O(1).

        Gives a function to call wherever the thread holds nothing that it found in an array: until
        it is called, or the block ends, no node is freed.  Raises RuntimeError if as many threads
        read already as there is room for, or this one does.
        """
        cdef unsigned int number
        if my_line is not NULL:
            raise RuntimeError("this thread is reading already; end that block first")
        if not self.free_lines:
            raise RuntimeError(
                f"{self.grace.readers} threads are reading; make Readers of more")
        number = self.free_lines.pop()
        reader_begin(&self.grace, number)
        try:
            yield quiet
        finally:
            reader_end()
            self.free_lines.add(number)


def quiet():
    """Say that this thread holds nothing it found in an array.  O(1)."""
    reader_retries()
