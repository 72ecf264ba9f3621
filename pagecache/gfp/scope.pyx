"""The scopes of a task: compiled save and restore, and context managers over them."""

cdef extern from *:
    """
    #include <limits.h> /* says which C library this is */
    /* Of each thread: the bits in force; and for the context managers, of each bit, how many are
       open and what the first of them found. Serial numbers are never used again, as idents are. */
    typedef struct {
        unsigned int scopes, open[3], saved[3];
        unsigned long long serial;
    } pc_task;
    /* 40 bytes that every thread has from its start, where the C library allows a module loaded
       later to ask for them: no call to find them. */
    #ifdef __GLIBC__
    __attribute__((tls_model("initial-exec")))
    #endif
    static _Thread_local pc_task pc_current;
    static unsigned long long pc_serials;
    static inline pc_task *pc_task_now(void) { return &pc_current; }
    static unsigned long long pc_task_serial(void) {
        if (pc_current.serial == 0)
            pc_current.serial = __atomic_add_fetch(&pc_serials, 1, __ATOMIC_RELAXED);
        return pc_current.serial;
    }
    """
    ctypedef struct task_t "pc_task":
        unsigned int scopes
        unsigned int open[3]
        unsigned int saved[3]
    task_t* current "pc_task_now"() noexcept nogil
    unsigned long long serial "pc_task_serial"() noexcept nogil


cdef inline unsigned int save(unsigned int bit) noexcept nogil:
    cdef task_t* task = current()
    cdef unsigned int saved = task.scopes & bit
    task.scopes |= bit
    return saved


cdef inline void restore(unsigned int bit, unsigned int saved) noexcept nogil:
    cdef task_t* task = current()
    task.scopes = (task.scopes & ~bit) | (saved & bit)


cpdef unsigned int memalloc_noio_save() noexcept nogil:
    """Open a NOIO scope in this thread; what `memalloc_noio_restore` must be given."""
    return save(TASK_NOIO)


cpdef unsigned int memalloc_nofs_save() noexcept nogil:
    """Open a NOFS scope in this thread; what `memalloc_nofs_restore` must be given."""
    return save(TASK_NOFS)


cpdef unsigned int memalloc_pin_save() noexcept nogil:
    """Open a pin scope in this thread; what `memalloc_pin_restore` must be given."""
    return save(TASK_PIN)


cpdef void memalloc_noio_restore(unsigned int saved) noexcept nogil:
    """Put the NOIO bit back to what `memalloc_noio_save` returned."""
    restore(TASK_NOIO, saved)


cpdef void memalloc_nofs_restore(unsigned int saved) noexcept nogil:
    """Put the NOFS bit back to what `memalloc_nofs_save` returned."""
    restore(TASK_NOFS, saved)


cpdef void memalloc_pin_restore(unsigned int saved) noexcept nogil:
    """Put the pin bit back to what `memalloc_pin_save` returned."""
    restore(TASK_PIN, saved)


cpdef gfp_t effective(gfp_t gfp) noexcept nogil:
    """The bits of a mask that the scopes of this thread leave."""
    return without(gfp, current().scopes)


cdef const unsigned int* task_scopes() noexcept nogil:
    return &current().scopes


def within(gfp_t gfp, *, bint nofs=False, bint noio=False, bint pin=False):
    """The bits of a mask that such scopes would leave."""
    return without(gfp, nofs * TASK_NOFS | noio * TASK_NOIO | pin * TASK_PIN)


def open_scopes():
    """The names of the scopes in force in this thread, the stronger first."""
    cdef unsigned int scopes = current().scopes
    named = ((TASK_NOIO, "noio"), (TASK_NOFS, "nofs"), (TASK_PIN, "pin"))
    return tuple(name for bit, name in named if scopes & bit)


cdef class Scope:
    """A scope as a context manager; made by `memalloc_nofs` and its like, may be entered again.

    The bit belongs to the thread: another thread never sees it, and everything that runs in this
    one until the end of the ``with`` does.  Scopes may end in any order: the bit stays while any
    of its kind is open.  A scope must end in the thread where it began; RuntimeError otherwise.

    Notes
    -----
    In asyncio all tasks of a loop share a thread: at an ``await`` inside a scope the other tasks
    run with it open, as does the caller of a generator that yields inside one.  Masks lose bits
    there that they might have kept, which is weaker reclaim and never a deadlock.  Open the scope
    around the synchronous part that allocates, or run that part with ``asyncio.to_thread``.
    """

    cdef unsigned int kind  # the bit's number
    cdef list threads  # where each entry that is open was made

    def __cinit__(self, unsigned int kind):
        self.kind, self.threads = kind, []

    def __enter__(self):
        cdef task_t* task = current()
        self.threads.append(serial())
        if task.open[self.kind] == 0:
            task.saved[self.kind] = save(1 << self.kind)
        task.open[self.kind] += 1
        return self

    def __exit__(self, *exception):
        cdef task_t* task = current()
        if serial() not in self.threads:
            raise RuntimeError("a scope must end in the thread where it began")
        self.threads.remove(serial())
        task.open[self.kind] -= 1
        if task.open[self.kind] == 0:
            restore(1 << self.kind, task.saved[self.kind])


def memalloc_noio():
    """A scope in which no allocation of this thread may start I/O or enter a filesystem."""
    return Scope(0)


def memalloc_nofs():
    """A scope in which no allocation of this thread may enter a filesystem.

    Open it where a lock is taken that reclaim takes too, and say there which one.  Do not
    ``await`` inside it: the other tasks of an asyncio loop would run in it too (see `Scope`).

    Examples
    --------
    >>> from pagecache.gfp.flags import GFP_KERNEL, effective
    >>> with memalloc_nofs():
    ...     effective(GFP_KERNEL)
    GFP_NOFS
    >>> effective(GFP_KERNEL)
    GFP_KERNEL
    """
    return Scope(1)


def memalloc_pin():
    """A scope in which no allocation of this thread is MOVABLE: its pages will be pinned."""
    return Scope(2)
