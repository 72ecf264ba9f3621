"""One file's page cache, as the compiled code sees it: a struct of parts, on which functions work.

    extents   what the filesystem has behind each page         (storage/extents.pxd)
    behaviour what its filesystem does, and the policies       (behaviour_t)
    ra        what an open file description remembers          (readahead/cached_file.pxd)
    index     what is cached                                   (designs/file_index.pxd)
    policy    where frames come from                           (allocation/policy.pxd)
    frames    a struct page for each of them                   (page/frames.pxd)

*Cached folios* hold one reference for each page, and nothing more while nobody uses them: 2^order.
A *pin* is one more, somebody's.  A *solid* entry is a folio or a zero entry: what a new folio
cannot replace, as it can a shadow.
"""

from libc.stdint cimport uint8_t, uint64_t

from pagecache.designs.file_index cimport FileIndex, found_t
from pagecache.mapping.content cimport content_t
from pagecache.mapping.storage.extents cimport EXTENT_SHARED, Extents, extent_kind
from pagecache.mapping.folio cimport lru_t
from pagecache.mapping.readahead.cached_file cimport CachedFile, readahead_t
from pagecache.mapping.storage.sharing cimport SharedBlocks
from pagecache.page.frames cimport Frames, page_t
from pagecache.allocation.policy cimport Policy

cdef enum:
    PAGE_SHIFT = 12
    PAGE_BYTES = 4096
    ORDERS = 64

cdef enum:  # the hole policies
    ZERO_PAGES = 0
    ZERO_ENTRIES = 1
    NO_ENTRY = 2

cdef enum:
    MOST_OPERATIONS = 32

cdef struct behaviour_t:
    unsigned int block_order  # of the filesystem's block: what is written is allocated by it
    unsigned int least  # folios are never below this order: the block's, if the policy holds to it
    unsigned int prefer_order  # asked for on every miss, in place of readahead; 0: readahead
    unsigned int zero_order  # the largest zero entry
    int holes
    bint in_memory  # nothing is behind the cache: no readahead, no holes to cache by read()
    bint huge_pool  # no huge page is SIGBUS, and frames are never evicted
    bint non_uniform  # a split divides only the path to the cut
    bint tails  # every tail names its head
    uint8_t[MOST_OPERATIONS] refused  # for each operation the errno it is refused with, or 0
    bint punch_takes_last  # a punch that ends beyond the file reaches to its last block's end
    unsigned int unit  # order that the index counts in: what a head.index is in

cdef struct counts_t:
    uint64_t hits  # pages read that were cached
    uint64_t misses  # times that a read or a fault found nothing
    uint64_t zero_reads  # pages read from zero entries, or straight from the zero page
    uint64_t around  # pages mapped by fault-around
    uint64_t folios  # made
    uint64_t fallbacks  # of them smaller than asked for
    uint64_t splits
    uint64_t split_failures
    uint64_t dropped_whole  # folios lost whole because they could not be split
    uint64_t evicted
    uint64_t refaults  # misses that found a shadow
    uint64_t activated  # of them soon enough that the folio counts as in use
    uint64_t written_back  # pages
    uint64_t shadow_nodes_reclaimed
    uint64_t shares_broken

cdef struct node_place_t:
    uint64_t first
    unsigned int shift

cdef struct node_queue_t:  # nodes of shadows, oldest first; some may hold other entries by now
    node_place_t* places
    uint64_t head
    uint64_t count
    uint64_t room


cdef class Core(CachedFile):
    cdef readonly FileIndex index
    cdef readonly Frames frames
    cdef readonly Policy policy
    cdef readonly Extents extents
    cdef readonly SharedBlocks shared  # None where files that share a block each cache it
    cdef readonly uint64_t pages  # cached
    cdef readonly uint64_t limit  # cached pages are kept to this by reclaim; 0: no limit
    cdef readonly uint64_t shadow_limit  # nodes of shadows beyond this are reclaimed
    cdef behaviour_t behaviour
    cdef uint8_t[ORDERS] fits  # for each order the largest one cached that is not above it
    cdef uint8_t[ORDERS] lowest  # the lowest order from which up to it the index takes all
    cdef readahead_t ra  # of the description that the mapping itself reads through
    cdef content_t content
    cdef counts_t counts
    cdef lru_t lru
    cdef node_queue_t shadow_nodes
    cdef uint64_t clones  # of the file that are known: what was dirty before has blocks of its own
    cdef uint64_t clock  # pages evicted so far: the time that shadows keep


cdef inline uint64_t file_pages(Core m) noexcept nogil:
    return (m.extents.size >> PAGE_SHIFT) + (1 if m.extents.size & (PAGE_BYTES - 1) else 0)


cdef inline uint64_t block_first(Core m, uint64_t index) noexcept nogil:
    return index >> m.behaviour.block_order << m.behaviour.block_order


cdef inline uint64_t block_last(Core m, uint64_t index) noexcept nogil:
    return block_first(m, index) + ((<uint64_t>1 << m.behaviour.block_order) - 1)


cdef inline page_t* page_at(Core m, uint64_t frame) noexcept nogil:
    return m.frames.base + frame


cdef int next_solid(Core m, uint64_t index, uint64_t last, found_t* found) noexcept nogil
cdef void release(Core m, page_t* head) noexcept nogil
cdef bint grow_disk(Core m, uint64_t pages) noexcept nogil


cdef inline bint is_shared(Core m, uint64_t index) noexcept nogil:
    """Does the file share the block there with others?"""
    return m.extents.shares and extent_kind(m.extents, index) == EXTENT_SHARED


cdef inline bint cached_for_all(Core m, uint64_t index) noexcept nogil:
    """Is the block there shared, and cached once for all files that share it?"""
    return m.shared is not None and is_shared(m, index)
