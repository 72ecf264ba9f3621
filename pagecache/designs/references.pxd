"""`get` under each protocol of references, for the layouts on an XArray.

    protocol               reader                                        writer, around a removal
    cas, assume-1          get, load the slot again, put                 clear the slot, then drop
    locked-bit             the same                                      the same; at 0, set the bit
    striped                the same, in this thread's stripe             freeze first: a grace period
    none, none-folio       count even, find, count the same              count odd ... count even

`cas` is the design's own `get`, unchanged.  The others are the same steps with other instructions,
one compiled function each: the protocol is chosen once a batch, with the (function, self) pair of
the contract, and `self` is the thread's *getter*: all that a get reads, in one place.

*Freeze* and *unfreeze* are for who changes a folio itself: a split gives its frames new owners, so
nobody may come in or be inside.  A removal needs no freeze (striped excepted): readers that come
late find the slot changed, and put.

Where a copy without a reference cannot be believed, it *falls back* on the design's own get, and the
getter counts that.
"""

from libc.stdint cimport int32_t, uint64_t

from pagecache.designs.contract cimport pair_t
from pagecache.designs.getters cimport getter_t
from pagecache.designs.xarray_index cimport XArrayIndex
from pagecache.page.frames cimport page_t

cdef enum protocol_t:
    CAS
    ASSUME_1
    LOCKED_BIT
    NONE
    NONE_FOLIO
    STRIPED


cdef class References:
    cdef XArrayIndex index
    cdef protocol_t protocol
    cdef readonly str name
    cdef readonly unsigned int threads
    cdef getter_t* getters
    cdef uint64_t* sequence

    cdef unsigned int checked(self, unsigned int number) except? 0
    cdef pair_t pair(self, unsigned int number) noexcept nogil
    # The frame of a folio that is free, or was frozen with `n` references, is owned by `n` again.
    cdef void unfreeze(self, page_t* head, int32_t n) noexcept nogil
    # Keep all others away, if there are no references but `n`.  Striped: sum after a grace period.
    cdef bint freeze(self, page_t* head, int32_t n) noexcept nogil
    cdef bint freeze_sum(self, page_t* head, int32_t n) noexcept nogil
    cdef bint is_free(self, page_t* head) noexcept nogil
    # Around whatever readers without a reference must notice.
    cdef void change_begins(self, page_t* head) noexcept nogil
    cdef void change_ends(self, page_t* head) noexcept nogil
    # After the slots were cleared and the cache's references dropped: free if nobody else has any.
    cdef void dropped(self, page_t* head) noexcept nogil
