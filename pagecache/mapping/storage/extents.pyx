"""The extent map of a file."""

from pagecache.errors import InputError

from libc.errno cimport ENOMEM

from pagecache.xarray.api cimport xa_erase, xa_next, xa_store
from pagecache.xarray.entry cimport NULL_ENTRY, entry_t, mk_value, to_value
from pagecache.xarray.find cimport PRESENT, xa_find
from pagecache.xarray.marks cimport xa_clear_mark, xa_set_mark
from pagecache.xarray.node cimport CHUNK_SHIFT, node_pool, pool_alloc, pool_free, xa_node
from pagecache.xarray.range cimport xa_store_range
from pagecache.xarray.store cimport xa_init
from pagecache.xarray.trim cimport xa_destroy
from pagecache.xarray.walk cimport xa_load

KINDS = ("hole", "data", "shared")


cdef class Extents:
    """Runs of data, shared data and holes; all hole to begin with.

    Examples
    --------
    >>> from pagecache.mapping.storage.extents import Extents
    >>> extents = Extents()
    >>> extents.set(0, 100, "data")
    >>> extents.set(10, 5, "hole")
    >>> extents.runs()
    [(0, 10, 'data'), (15, 85, 'data')]
    """

    def __cinit__(self):
        self.pool = NodePool(CHUNK_SHIFT)
        xa_init(&self.xa, &self.pool.pool, CHUNK_SHIFT, 0)

    def __dealloc__(self):
        if self.pool is not None:
            xa_destroy(&self.xa)

    def set(self, uint64_t first, uint64_t pages, str kind):
        """Make `pages` pages from `first` on of one kind: hole, data or shared.  O(height)."""
        if kind not in KINDS:
            raise InputError(f"kind '{kind}' is none of {', '.join(KINDS)}")
        if pages and set_extent(self, first, first + pages - 1, KINDS.index(kind)):
            raise MemoryError("no memory for the extent map")

    def shared_from(self, Extents other not None, uint64_t clone):
        """Become the extents of a clone of `other`'s file: what was its data is shared from now on."""
        cdef uint64_t at = 0, end = 0, value
        cdef entry_t entry = xa_next(&other.xa, &at, &end, ~<uint64_t>0, PRESENT)
        while entry != NULL_ENTRY:
            value = to_value(entry)
            if value == EXTENT_DATA:
                value = EXTENT_SHARED | clone << KIND_BITS
            if set_extent(self, at, end, value):
                raise MemoryError("no memory for the extent map")
            at = end + 1
            entry = xa_next(&other.xa, &at, &end, ~<uint64_t>0, PRESENT)
        self.size, self.shares, other.shares = other.size, True, True
        other.clones += 1
        share_data(other, mk_value(EXTENT_SHARED | clone << KIND_BITS))

    def runs(self):
        """(first page, pages, kind) of each run that is no hole, in file order."""
        cdef uint64_t at = 0, end = 0, first = 0, after = 0
        cdef uint64_t kind = EXTENT_HOLE
        cdef entry_t entry = xa_next(&self.xa, &at, &end, ~<uint64_t>0, PRESENT)
        runs = []
        while entry != NULL_ENTRY:
            if kind and (at != after or kind != to_value(entry) & 3):
                runs.append((first, after - first, KINDS[kind]))
                kind = EXTENT_HOLE
            if not kind:
                first, kind = at, to_value(entry) & 3
            after = at = end + 1
            entry = xa_next(&self.xa, &at, &end, ~<uint64_t>0, PRESENT)
        if kind:
            runs.append((first, after - first, KINDS[kind]))
        return runs


cdef uint64_t extent_value(Extents self, uint64_t page) noexcept nogil:
    """The kind of a page's extent, and above its two bits the clone that shared it."""
    cdef entry_t entry = xa_load(&self.xa, page)
    return EXTENT_HOLE if entry == NULL_ENTRY else to_value(entry)


cdef uint64_t value_end(Extents self, uint64_t page, uint64_t end) noexcept nogil:
    """The first page from `page` on, up to `end`, that is of another extent than it."""
    cdef uint64_t value = extent_value(self, page), at = page, last = 0
    if value == EXTENT_HOLE:
        return next_data(self, page, end)
    while page < end:
        at = page
        if xa_next(&self.xa, &at, &last, end - 1, PRESENT) != mk_value(value) or at > page:
            return page
        page = last + 1
    return end


cdef void share_data(Extents self, entry_t shared) noexcept nogil:
    """All data is shared from now on.  Each run stays in its slots, so that this cannot fail."""
    cdef uint64_t at = 0, end = 0
    cdef entry_t entry = xa_next(&self.xa, &at, &end, ~<uint64_t>0, PRESENT)
    while entry != NULL_ENTRY:
        if to_value(entry) == EXTENT_DATA:
            xa_store(&self.xa, at, 0, shared)
        at = end + 1
        entry = xa_next(&self.xa, &at, &end, ~<uint64_t>0, PRESENT)


# Changing --------------------------------------------------------------------------------------


cdef int extent_room(Extents self) noexcept nogil:
    """See to nodes for one change, which then cannot fail: 0, or a negative errno."""
    cdef node_pool* pool = &self.pool.pool
    cdef size_t fresh = pool.end - pool.fresh
    if pool.limit < CHANGE_NODES or pool.nodes > pool.limit - CHANGE_NODES:
        return -ENOMEM
    return 0 if fresh >= CHANGE_NODES * pool.node_size else take_and_give_back(pool)


cdef int take_and_give_back(node_pool* pool) noexcept nogil:
    """Have the pool hold as many free nodes as one change takes: 0, or a negative errno."""
    cdef xa_node* taken = NULL
    cdef xa_node* node = NULL
    cdef unsigned int count = 0
    while count < CHANGE_NODES:
        node = pool_alloc(pool)
        if node is NULL:
            break
        node.count, node.next, taken = 0, taken, node
        count += 1
    while taken is not NULL:
        node, taken = taken, taken.next
        pool_free(pool, node)
    return 0 if count == CHANGE_NODES else -ENOMEM


cdef int set_extent(Extents self, uint64_t first, uint64_t last, uint64_t value) noexcept nogil:
    """Make the pages from `first` to `last` one extent: 0, or a negative errno and all as before."""
    cdef int failed = extent_room(self)
    if failed:
        return failed
    keep_ends(self, first, last)
    if value != EXTENT_HOLE:
        xa_store_range(&self.xa, first, last, mk_value(value))
    return 0


cdef void keep_ends(Extents self, uint64_t first, uint64_t last) noexcept nogil:
    """Empty a range; what the runs at its ends have outside it is stored again."""
    cdef uint64_t at = first, end = 0
    cdef entry_t entry = xa_next(&self.xa, &at, &end, last, PRESENT)
    while entry != NULL_ENTRY:
        xa_erase(&self.xa, at)
        if at < first:
            xa_store_range(&self.xa, at, first - 1, entry)
        if end > last:
            xa_store_range(&self.xa, last + 1, end, entry)
        if end >= last:
            break
        at = end + 1
        entry = xa_next(&self.xa, &at, &end, last, PRESENT)


cdef int fill_extents(Extents self, uint64_t first, uint64_t last) noexcept nogil:
    """Holes in a range become data: 0, or a negative errno and all as before."""
    cdef uint64_t at = next_hole(self, first, last + 1), end
    cdef int failed = 0
    while at <= last and not failed:
        end = next_data(self, at, last + 1)
        failed = set_extent(self, at, end - 1, EXTENT_DATA)
        if not failed:
            mark_new(self, at, end - 1)
        at = next_hole(self, end, last + 1)
    settle(self, failed)
    return failed


cdef void mark_new(Extents self, uint64_t at, uint64_t last) noexcept nogil:
    """Mark the runs of a range: were there more holes to fill, they might have to go again."""
    cdef uint64_t end = 0
    while at <= last and xa_next(&self.xa, &at, &end, last, PRESENT) != NULL_ENTRY:
        xa_set_mark(&self.xa, at, NEW)
        at = end + 1


cdef void settle(Extents self, bint failed) noexcept nogil:
    """What is marked as new stays; or goes again, if a later hole found no memory."""
    cdef uint64_t at = 0
    while xa_find(&self.xa, &at, ~<uint64_t>0, NEW) != NULL_ENTRY:
        xa_clear_mark(&self.xa, at, NEW)
        if failed:
            xa_erase(&self.xa, at)


cdef bint all_hole(Extents self, uint64_t first, uint64_t last) noexcept nogil:
    return xa_find(&self.xa, &first, last, PRESENT) == NULL_ENTRY


cdef uint64_t next_data(Extents self, uint64_t page, uint64_t end) noexcept nogil:
    """The first page from `page` on that is no hole; `end` without one before it."""
    cdef uint64_t at = page
    if page >= end or xa_find(&self.xa, &at, end - 1, PRESENT) == NULL_ENTRY:
        return end
    return at if at > page else page


cdef uint64_t next_hole(Extents self, uint64_t page, uint64_t end) noexcept nogil:
    """The first page from `page` on that is a hole; `end` without one before it."""
    cdef uint64_t at = page, last = 0
    while page < end:
        at = page
        if xa_next(&self.xa, &at, &last, end - 1, PRESENT) == NULL_ENTRY or at > page:
            return page
        page = last + 1
    return end
