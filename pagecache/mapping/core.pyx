"""The parts of a mapping, put together and released."""

cimport cython
from libc.stdlib cimport free, realloc
from libc.string cimport memset

from pagecache.designs.file_index cimport FOUND_NOTHING, FOUND_SHADOW
from pagecache.mapping.folio cimport PG_SHARED
from pagecache.mapping.storage.sharing cimport shared_forget
from pagecache.page.frames cimport folio_order, page_to_pfn


@cython.no_gc
cdef class Core:
    """What the functions of a mapping work on; see core.pxd.  Made by `Mapping`."""

    def __cinit__(self, *args, **options):
        memset(&self.behaviour, 0, sizeof(behaviour_t))
        memset(&self.counts, 0, sizeof(counts_t))
        memset(&self.content, 0, sizeof(content_t))
        memset(&self.lru, 0, sizeof(lru_t))
        memset(&self.shadow_nodes, 0, sizeof(node_queue_t))
        memset(&self.ra, 0, sizeof(readahead_t))

    def __dealloc__(self):
        free(self.content.disk)
        free(self.shadow_nodes.places)


cdef int next_solid(Core m, uint64_t index, uint64_t last, found_t* found) noexcept nogil:
    """The first folio or zero entry that reaches `index` or lies after it, up to `last`: its kind."""
    cdef uint64_t at = index
    while m.index.next_entry(at, last, found) == FOUND_SHADOW:
        if found.last >= last:
            found.kind = FOUND_NOTHING
            break
        at = found.last + 1
    return found.kind


cdef void release(Core m, page_t* head) noexcept nogil:
    """Frames that nobody refers to go back."""
    cdef unsigned int order = folio_order(head)
    if head.flags & PG_SHARED:
        shared_forget(m.shared, <uint64_t>head.private_)
    head.flags = 0
    head.refcount = 0
    m.policy.free_block(page_to_pfn(m.frames, head), order)


cdef bint grow_disk(Core m, uint64_t pages) noexcept nogil:
    """Room for what the pages of a longer file hold: zeroes.  False, and as before, without memory."""
    cdef uint64_t* disk
    if m.content.memory is NULL or pages <= m.content.pages:
        return True
    disk = <uint64_t*>realloc(m.content.disk, pages * 8)
    if disk is NULL:
        return False
    memset(disk + m.content.pages, 0, (pages - m.content.pages) * 8)
    m.content.disk, m.content.pages = disk, pages
    return True
