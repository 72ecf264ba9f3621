"""The buckets, and the search before a large folio goes in."""

from libc.string cimport memset

from pagecache.sizes cimport array_size
from pagecache.chunks cimport map_aligned, unmap

cdef uint64_t SMALLEST = 1 << 9  # buckets: a page of them


cdef bint any_covered(const hash_table* table, const void* mapping, uint64_t index,
                      unsigned int order, order_of_t order_of) noexcept nogil:
    """The same where there are folios of several orders.

    O(indices / smallest order in the table x chain).
    """
    cdef uint64_t smaller = table.orders & ((<uint64_t>1 << order) - 1), first
    cdef unsigned int each
    if hash_find(table, mapping, index, order_of) is not NULL:
        return True
    while smaller:
        each = ctz(smaller)
        smaller &= smaller - 1
        first = index
        while first - index < <uint64_t>1 << order:
            if hash_at(table, mapping, first) is not NULL:
                return True
            first += <uint64_t>1 << each
    return False


cdef class HashTable:
    """The buckets of one machine, which all its files share.

    Parameters
    ----------
    pages : int
        Pages of memory: a bucket for each, rounded up to a power of two.  0 leaves the size to
        the first index that is made with the table.

    Examples
    --------
    >>> from pagecache.structures.page_hash.table import HashTable
    >>> HashTable(1 << 14).ranges()[0][1]
    131072
    """

    def __cinit__(self, uint64_t pages=0):
        memset(&self.table, 0, sizeof(hash_table))
        if pages:
            self.reserve(pages)

    def __dealloc__(self):
        if self.table.buckets is not NULL:
            unmap(<char*>self.table.buckets, self.size)

    cdef int reserve(self, uint64_t pages) except -1:
        """Map the buckets for so many pages; MemoryError if the kernel refuses."""
        cdef uint64_t buckets = SMALLEST
        cdef unsigned int bits = ctz(SMALLEST)
        while buckets < pages and bits < 60:
            buckets, bits = buckets * 2, bits + 1
        self.size = array_size(buckets, sizeof(hashed_t*))
        self.table.buckets = <hashed_t**>map_aligned(self.size)
        if self.table.buckets is NULL:
            raise MemoryError(f"no room for the {buckets} buckets of a page hash")
        self.table.bits = bits
        return 0

    @property
    def buckets(self):
        """Chains of the table; 0 before it has a size."""
        return self.size // sizeof(hashed_t*)

    @property
    def entries(self):
        """What all its users have in it."""
        return self.table.entries

    def ranges(self):
        """The (address, bytes) of the buckets, as a pool gives its chunks."""
        return [(<size_t>self.table.buckets, self.size)] if self.size else []

    def shuffle(self, seed):
        """Nothing to age: there are no nodes whose places time could shuffle."""
