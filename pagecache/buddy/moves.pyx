"""How a holder of blocks in Python learns that compaction has moved them."""

from libc.stdint cimport uint64_t
from libc.stdlib cimport free, realloc

from pagecache.buddy.buddy cimport Buddy


cdef struct move_t:
    uint64_t old
    uint64_t new
    unsigned int order


cdef class Moves:
    """Lets blocks of a memory that somebody holds be moved, and notes each move until it is taken.

    Without one, compaction moves filler only: a block whose holder could not be told stays.

    Parameters
    ----------
    buddy : Buddy
        The memory, of which there may be one holder at a time.

    Examples
    --------
    >>> from pagecache.buddy.buddy import Buddy
    >>> from pagecache.buddy.moves import Moves
    >>> memory = Buddy(1 << 14)
    >>> moves, pfn, high = Moves(memory), memory.alloc(), memory.alloc(9)
    >>> memory.split(high, 8)
    >>> memory.free(high)
    >>> memory.compact()["moved"], moves.take()
    (1, [(0, 512, 0)])
    """

    cdef Buddy buddy
    cdef move_t* log
    cdef size_t count, room

    def __cinit__(self, Buddy buddy not None):
        if buddy.b.owner is not NULL:
            raise ValueError("this memory has somebody already who is told of moves")
        self.buddy = buddy
        buddy.b.moved, buddy.b.owner = note, <void*>self

    def __dealloc__(self):
        if self.buddy is not None:
            self.buddy.b.moved, self.buddy.b.owner = NULL, NULL
        free(self.log)

    def take(self):
        """The moves since the last call, in their order: (old pfn, new pfn, order)."""
        cdef size_t k
        moves = [(self.log[k].old, self.log[k].new, self.log[k].order) for k in range(self.count)]
        self.count = 0
        return moves


cdef bint note(void* owner, uint64_t old, uint64_t new, unsigned int order) noexcept nogil:
    """Write a move down; False, so that the block stays, if there is no room to."""
    return append(<Moves>owner, old, new, order)


cdef bint append(Moves self, uint64_t old, uint64_t new, unsigned int order) noexcept nogil:
    cdef size_t room = 2 * self.room if self.room else 64
    cdef move_t* log
    if self.count == self.room:
        log = <move_t*>realloc(self.log, room * sizeof(move_t))
        if log is NULL:
            return False
        self.log, self.room = log, room
    self.log[self.count].old, self.log[self.count].new = old, new
    self.log[self.count].order = order
    self.count += 1
    return True
