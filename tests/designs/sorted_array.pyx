"""An index that is no tree: the folios of a file in one array, sorted by their first pages.

It has what the contract requires and nothing else; all else comes from the defaults.
"""

from libc.errno cimport EEXIST, EFAULT, ENOMEM
from libc.stdint cimport UINT64_MAX, uint64_t
from libc.stdlib cimport free, realloc
from libc.string cimport memmove

from pagecache.designs.contract cimport ABSENT, PageIndex, folio_added, folio_removed
from pagecache.page.frames cimport frames_fit

cdef enum:
    LEAST_ROOM = 16

cdef struct folio_t:
    uint64_t first
    uint64_t pfn
    unsigned int order


cdef class SortedArray(PageIndex):
    cdef folio_t* folios
    cdef uint64_t count
    cdef uint64_t room
    cdef uint64_t limit

    def __cinit__(self, *args, **options):
        self.limit = UINT64_MAX

    def __dealloc__(self):
        free(self.folios)

    cdef uint64_t position(self, uint64_t index) noexcept nogil:
        """The place of the first folio that reaches `index` or lies after it.  O(log folios)."""
        cdef uint64_t low = 0, high = self.count, middle
        while low < high:
            middle = (low + high) // 2
            if self.folios[middle].first + ((<uint64_t>1 << self.folios[middle].order) - 1) < index:
                low = middle + 1
            else:
                high = middle
        return low

    cdef bint grow(self) noexcept nogil:
        cdef uint64_t room = self.room * 2 if self.room else LEAST_ROOM
        cdef folio_t* larger
        if room * sizeof(folio_t) > self.limit:
            return False
        larger = <folio_t*>realloc(self.folios, room * sizeof(folio_t))
        if larger is NULL:
            return False
        self.folios, self.room = larger, room
        return True

    cdef uint64_t load(self, uint64_t index) noexcept nogil:
        cdef uint64_t at = self.position(index)
        if at == self.count or self.folios[at].first > index:
            return ABSENT
        return self.folios[at].pfn

    cdef int insert(self, uint64_t index, unsigned int order, uint64_t pfn) noexcept nogil:
        cdef uint64_t at = self.position(index)
        if not frames_fit(self.frames, pfn, order):
            return -EFAULT
        if at < self.count and self.folios[at].first <= index + ((<uint64_t>1 << order) - 1):
            return -EEXIST
        if self.count == self.room and not self.grow():
            return -ENOMEM
        memmove(self.folios + at + 1, self.folios + at, (self.count - at) * sizeof(folio_t))
        self.folios[at].first, self.folios[at].order, self.folios[at].pfn = index, order, pfn
        self.count += 1
        folio_added(self, self.frames.base + pfn, index, order)
        return 0

    cdef uint64_t remove(self, uint64_t index) noexcept nogil:
        cdef uint64_t at = self.position(index)
        cdef folio_t gone
        if at == self.count or self.folios[at].first > index:
            return 0
        gone = self.folios[at]
        self.count -= 1
        memmove(self.folios + at, self.folios + at + 1, (self.count - at) * sizeof(folio_t))
        if self.count == 0:
            free(self.folios)
            self.folios, self.room = NULL, 0
        return folio_removed(self, self.frames.base + gone.pfn, gone.order)

    cdef int next_folio(self, uint64_t* index) noexcept nogil:
        cdef uint64_t at = self.position(index[0])
        if at == self.count:
            return -1
        index[0] = self.folios[at].first
        return self.folios[at].order

    def set_limit(self, uint64_t limit):
        self.limit = limit

    @property
    def nodes(self):
        return 1 if self.room else 0

    @property
    def index_bytes(self):
        return self.room * sizeof(folio_t)
