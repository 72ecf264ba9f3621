"""Grace periods: when a node that was taken out of the tree may be used again.

Readers take no lock, so a writer cannot know who still stands in a node that it unlinked.  It asks
the other way round: *since then, has each reader held nothing, once?*

    reader    get  get  get  quiet(7)  get  get ....................  quiet(8)
    writer         unlink  number 8 ......................................... free
                                       the reader may stand in the node till here

A *quiescent state* is a moment at which a reader holds no node and no slot.  There it copies the
number of the current *period* into a line of its own: a plain load and store, which is all that
readers ever do.  The writer unlinks, fills what it unlinked with retry entries, makes the next
number, and may free when every line says that number or a later one.  Number first and unlink
second is wrong: a reader could copy the new number and find the old node after it.

*Off line.*  A reader that blocks, or waits for the GIL, would hold all frees up, so it goes off line
(its line says 0).  On its way back it stores the number, passes a full fence, and reads only then;
the writer has a fence between its number and its look at the lines.  So one of the two sees the
other.  It is the one place where even x86 needs a fence.

*Nobody waits.*  Nodes pile up behind a number and are freed when a later call finds that the period
is over (node.pyx), as with the kernel's deferred frees.  A retry loop passes a quiescent state
(`reader_retries`) all the same: a folio may stay frozen until a grace period is over.

*Why our own.*  In a model in C, quiescent states between gets cost a hot lookup nothing that could be
measured, epochs with a fence a third, calls into liburcu's shared library 15 %; and that has no wheel.

The orders are those of models/orders.toml by name (tests/models/test_names.py).
"""

from libc.stdint cimport uint64_t


cdef struct reader_line:
    uint64_t seen  # the period of its last quiescent state; 0 off line
    uint64_t retries  # how often it had to look again since it began; nobody else's business
    uint64_t unused[6]  # the line is its own


cdef struct grace_t:
    uint64_t period  # counts from 1
    uint64_t unused[7]
    reader_line* lines
    unsigned int readers


cdef extern from *:
    """
    #define pc_period_load(grace) __atomic_load_n(&(grace)->period, __ATOMIC_ACQUIRE)
    #define pc_period_store(grace, number) \\
        __atomic_store_n(&(grace)->period, (number), __ATOMIC_RELEASE)
    #define pc_online(line, number) __atomic_store_n(&(line)->seen, (number), __ATOMIC_RELAXED)
    #define pc_online_fence() __atomic_thread_fence(__ATOMIC_SEQ_CST)
    #define pc_quiescent(line, number) __atomic_store_n(&(line)->seen, (number), __ATOMIC_RELEASE)
    #define pc_offline(line) __atomic_store_n(&(line)->seen, 0, __ATOMIC_RELEASE)
    #define pc_unlinked_fence() __atomic_thread_fence(__ATOMIC_SEQ_CST)
    #define pc_line_load(line) __atomic_load_n(&(line)->seen, __ATOMIC_ACQUIRE)
    """
    uint64_t period_load "pc_period_load"(const grace_t* grace) noexcept nogil
    void say_quiescent "pc_quiescent"(reader_line* line, uint64_t number) noexcept nogil


cdef inline void reader_quiet(const grace_t* grace, reader_line* line) noexcept nogil:
    """A quiescent state: this reader holds nothing.  O(1)."""
    say_quiescent(line, period_load(grace))


cdef int grace_init(grace_t* grace, unsigned int readers) noexcept nogil
cdef void grace_free(grace_t* grace) noexcept nogil
cdef void reader_begin(grace_t* grace, unsigned int number) noexcept nogil
cdef uint64_t reader_end() noexcept nogil
cdef void reader_retries() noexcept nogil
cdef uint64_t grace_begin(grace_t* grace) noexcept nogil
cdef bint grace_over(const grace_t* grace, uint64_t number) noexcept nogil


cdef class Readers:
    cdef grace_t grace
    cdef set free_lines
