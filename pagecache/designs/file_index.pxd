"""What a mapping asks of an index beyond lookups: entries that are no folios, splits and marks.

A *value* entry stands where a folio was or will be.  Its 63 bits end with what it is:

    payload | 00   shadow: the folio here was evicted, and when
    payload | 01   zero: a hole, read as zeroes
    pfn     | 10   a frame number, for a page that several files cache

So a node full of zero entries can be told from a node of shadows, though both hold values only.
"""

from libc.stdint cimport uint64_t

from pagecache.xarray.entry cimport entry_t, is_value, mk_value, to_value
from pagecache.designs.contract cimport PageIndex
from pagecache.xarray.walk cimport xarray_t
from pagecache.page.frames cimport page_t


cdef enum:
    KIND_BITS = 2
    VALUE_SHADOW = 0
    VALUE_ZERO = 1
    VALUE_PFN = 2

# What the index holds at a place.
cdef enum:
    FOUND_NOTHING = 0
    FOUND_FOLIO = 1
    FOUND_SHADOW = 2
    FOUND_ZERO = 3

cdef struct found_t:
    int kind
    uint64_t first  # indices of its first and last page
    uint64_t last
    page_t* head  # of a folio
    uint64_t pfn  # frame of the page at `first`
    uint64_t payload  # of a shadow

# A page that a reader holds: its frame, and the last page wanted that the same entry covers.
cdef struct folio_ref_t:
    page_t* head
    uint64_t frame
    uint64_t last


cdef inline entry_t mk_kind(uint64_t payload, unsigned int kind) noexcept nogil:
    return mk_value(payload << KIND_BITS | kind)


cdef inline bint is_kind(entry_t entry, unsigned int kind) noexcept nogil:
    return is_value(entry) and to_value(entry) & 3 == kind


cdef inline uint64_t to_payload(entry_t entry) noexcept nogil:
    return to_value(entry) >> KIND_BITS


cdef class FileIndex(PageIndex):
    # The largest order of a value entry.
    cdef readonly unsigned int value_order
    # The XArray that it lies on, for scans of single slots (xarray/holes.pxd).
    cdef xarray_t* tree(self) noexcept nogil
    # Reference the folio that covers `index`; False if none is cached.  `last`: the last page that
    # the caller wants; where that is `index` itself, the folio's order is not looked up.
    cdef bint get_folio(self, uint64_t index, uint64_t last, folio_ref_t* ref) noexcept nogil
    # The first entry that reaches `index` or lies after it, up to `last`: its kind.
    cdef int next_entry(self, uint64_t index, uint64_t last, found_t* found) noexcept nogil
    # As `insert`, but shadows in the way give way: 0 or a negative errno.
    cdef int store_folio(self, uint64_t index, unsigned int order, uint64_t pfn) noexcept nogil
    # Put a value entry where nothing or values lie; -ENOMEM leaves what was there.
    cdef int store_value(self, uint64_t index, unsigned int order, entry_t value) noexcept nogil
    # Remove the value entry that covers `index`.
    cdef void erase_value(self, uint64_t index) noexcept nogil
    # Remove the folio that covers `index` and leave `shadow` in its place: its head, or NULL.
    cdef page_t* evict(self, uint64_t index, entry_t shadow) noexcept nogil
    # Split the value entry that covers `index`, step by step, until that piece is of `order`.
    cdef int split_value(self, uint64_t index, unsigned int order) noexcept nogil
    # Split the folio that covers `index` into folios of `order`, whose heads are ready: 0 or errno.
    cdef int split_folio(self, uint64_t index, unsigned int order) noexcept nogil
    # Marks of the folio that covers `index`.
    cdef void set_mark(self, uint64_t index, unsigned int mark) noexcept nogil
    cdef void clear_mark(self, uint64_t index, unsigned int mark) noexcept nogil
    cdef int next_marked(
        self, uint64_t index, uint64_t last, unsigned int mark, found_t* found) noexcept nogil
    # Does the node around `index` hold shadows only?  Then its first index and shift are set.
    cdef bint shadow_node(self, uint64_t index, uint64_t* first, unsigned int* shift) noexcept nogil
    # Drop that node with all its shadows, if it is still one; how many nodes went.
    cdef bint drop_shadows(self, uint64_t first, unsigned int shift) noexcept nogil


cdef uint64_t get_again(FileIndex self, uint64_t index) noexcept nogil
cdef bint get_folio_again(
    FileIndex self, uint64_t index, uint64_t last, folio_ref_t* ref) noexcept nogil

# Remove the shadows in a folio's range, larger ones split first; -EEXIST if more lies there.
cdef int free_range(FileIndex self, uint64_t index, unsigned int order) noexcept nogil
