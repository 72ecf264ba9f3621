"""Eviction, refaults, and the queue of nodes that hold shadows alone."""

from libc.stdlib cimport realloc

from pagecache.designs.file_index cimport (
    FOUND_FOLIO,
    FOUND_NOTHING,
    FOUND_SHADOW,
    VALUE_SHADOW,
    mk_kind,
)
from pagecache.mapping.core cimport node_place_t, node_queue_t, release
from pagecache.mapping.folio cimport (
    PG_REFERENCED,
    PG_SHARED,
    PG_WORKINGSET,
    folio_pages,
    lru_add,
    lru_remove,
)
from pagecache.mapping.writeback cimport clean_folio
from pagecache.page.frames cimport PG_DIRTY, page_t, ref_read

cdef enum:
    TIME_SHIFT = 23
    SHRINK_BATCH = 128  # nodes beyond the limit before any is reclaimed
    RECLAIM_BATCH = 32  # pages that reclaim frees at least


cdef bint note_refault(Core m, uint64_t index, unsigned int order) noexcept nogil:
    """Is there a shadow where a folio comes in, so young that the folio should have stayed?"""
    cdef found_t found
    if m.clock == 0:
        return False
    if m.index.next_entry(index, index + ((<uint64_t>1 << order) - 1), &found) != FOUND_SHADOW:
        return False
    m.counts.refaults += 1
    if m.clock - (found.payload >> TIME_SHIFT) > m.pages:
        return False
    m.counts.activated += 1
    return True


cdef bint pinned(Core m, const found_t* found) noexcept nogil:
    """Does anybody but the cache refer to the folio?"""
    return ref_read(found.head) != <int>folio_pages(found.head) and not found.head.flags & PG_SHARED


cdef void drop(Core m, found_t* found) noexcept nogil:
    """Take a folio out of the cache.  If it is pinned, its frames go back with the last pin."""
    lru_remove(&m.lru, found.head)
    m.pages -= found.last - found.first + 1
    m.index.remove(found.first)
    found.head.flags &= ~<uint64_t>PG_DIRTY
    if ref_read(found.head) == 0:
        release(m, found.head)


cdef void drop_all(Core m) noexcept nogil:
    """Give all frames back that nobody else holds."""
    cdef found_t found
    cdef uint64_t at = 0
    while m.index.next_entry(at, ~<uint64_t>0, &found) != FOUND_NOTHING:
        at = found.last + 1
        if found.kind == FOUND_FOLIO:
            drop(m, &found)


cdef bint evict_folio(Core m, found_t* found) noexcept nogil:
    """Write a folio back if it is dirty, and leave a shadow in its place; False if it is in use."""
    cdef uint64_t used = 1 if found.head.flags & PG_WORKINGSET else 0
    if pinned(m, found) or m.behaviour.huge_pool:
        return False
    if found.head.flags & PG_DIRTY and not clean_folio(m, found):
        return False
    m.clock += found.last - found.first + 1
    lru_remove(&m.lru, found.head)
    m.pages -= found.last - found.first + 1
    m.index.evict(found.first, mk_kind(m.clock << TIME_SHIFT | used, VALUE_SHADOW))
    if ref_read(found.head) == 0:  # other files may have it still
        release(m, found.head)
    m.counts.evicted += 1
    note_shadow_node(m, found.first)
    return True


cdef uint64_t evict_range(Core m, uint64_t first, uint64_t last) noexcept nogil:
    """Evict the folios that reach into a range; the pages that went."""
    cdef found_t found
    cdef uint64_t at = first, before = m.pages
    while m.index.next_entry(at, last, &found) != FOUND_NOTHING:
        if found.kind == FOUND_FOLIO:
            evict_folio(m, &found)
        if found.last >= last:
            break
        at = found.last + 1
    return before - m.pages


cdef uint64_t invalidate_range(Core m, uint64_t first, uint64_t last) noexcept nogil:
    """Drop what is clean, unused and wholly inside a range, shadows too: the pages that went."""
    cdef found_t found
    cdef uint64_t at = first, before = m.pages
    while m.index.next_entry(at, last, &found) != FOUND_NOTHING:
        if found.first >= first and found.last <= last:
            if found.kind != FOUND_FOLIO:
                m.index.erase_value(found.first)
            elif not (found.head.flags & PG_DIRTY or pinned(m, &found)):
                drop(m, &found)
        if found.last >= last:
            break
        at = found.last + 1
    return before - m.pages


# Reclaim ---------------------------------------------------------------------------------------


cdef uint64_t reclaim(Core m, uint64_t pages) noexcept nogil:
    """Evict from the least recently used end until `pages` are free; how many are.

    A folio that was read since it came there goes back to the other end, once.
    """
    cdef uint64_t turns = 2 * m.lru.folios, freed = 0
    cdef page_t* head
    cdef found_t found
    while freed < pages and turns and m.lru.oldest is not NULL:
        turns -= 1
        head = m.lru.oldest
        m.index.next_entry(key_of(m, head), key_of(m, head), &found)
        if not head.flags & PG_REFERENCED and evict_folio(m, &found):
            freed += found.last - found.first + 1
            continue
        head.flags &= ~<uint64_t>PG_REFERENCED
        lru_remove(&m.lru, head)
        lru_add(&m.lru, head)
    return freed


cdef inline uint64_t key_of(Core m, const page_t* head) noexcept nogil:
    """The index of a head's page; where the array counts in huge pages, so does the head."""
    return head.index << m.behaviour.unit


cdef bint reclaim_for(Core m, uint64_t pages, bint starved) noexcept nogil:
    """Make room for `pages` more: whether anything was freed.  Only mappings with a limit reclaim."""
    cdef uint64_t over
    if m.limit == 0:
        return False
    if starved:
        return reclaim(m, pages if pages > RECLAIM_BATCH else RECLAIM_BATCH) > 0
    if m.pages + pages <= m.limit:
        return False
    over = m.pages + pages - m.limit
    return reclaim(m, over if over > RECLAIM_BATCH else RECLAIM_BATCH) > 0


# Nodes of shadows ------------------------------------------------------------------------------


cdef void note_shadow_node(Core m, uint64_t index) noexcept nogil:
    """If the eviction left a node with shadows only, queue it; reclaim if there are too many."""
    cdef node_place_t place
    cdef node_queue_t* queue = &m.shadow_nodes
    if not m.index.shadow_node(index, &place.first, &place.shift):
        return
    if queue.count > m.shadow_limit + SHRINK_BATCH:
        shrink_shadow_nodes(m)
    if queue.count == queue.room and not grow_queue(queue):
        return
    queue.places[(queue.head + queue.count) % queue.room] = place
    queue.count += 1


cdef void shrink_shadow_nodes(Core m) noexcept nogil:
    """Forget nodes that hold folios again; then reclaim the oldest down to the limit."""
    cdef node_queue_t* queue = &m.shadow_nodes
    cdef uint64_t k, kept = 0, at
    cdef node_place_t place
    cdef uint64_t first = 0
    cdef unsigned int shift = 0
    for k in range(queue.count):
        place = queue.places[(queue.head + k) % queue.room]
        if m.index.shadow_node(place.first, &first, &shift) and shift == place.shift:
            at = (queue.head + kept) % queue.room
            queue.places[at] = place
            kept += 1
    queue.count = kept
    while queue.count > m.shadow_limit:
        place = queue.places[queue.head]
        m.counts.shadow_nodes_reclaimed += m.index.drop_shadows(place.first, place.shift)
        queue.head = (queue.head + 1) % queue.room
        queue.count -= 1


cdef bint grow_queue(node_queue_t* queue) noexcept nogil:
    """Twice the room; the places move to the front.  False, and as before, if memory runs out."""
    cdef uint64_t room = queue.room * 2 if queue.room else 256, k
    cdef node_place_t* places = <node_place_t*>realloc(queue.places, room * sizeof(node_place_t))
    if places is NULL:
        return False
    for k in range(queue.head):  # what had wrapped round
        places[queue.room + k] = places[k]
    queue.places, queue.room = places, room
    return True
