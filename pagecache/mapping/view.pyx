"""What is in a mapping: its entries, what pages hold, and whether all its parts agree."""

from pagecache.designs.file_index cimport (
    HELD_FOLIO,
    HELD_NOTHING,
    HELD_SHADOW,
    HELD_ZERO,
    held_t,
)
from pagecache.mapping.content cimport on_disk
from pagecache.mapping.folio cimport PG_SHARED
from pagecache.page.frames cimport folio_order, ref_read

import numpy as np

from pagecache.errors import InputError

cdef enum:
    MOST_ORDERS = 20  # a folio of 1 GiB has 18
    MOST_PAGES = 1 << 24  # 64 GiB: keep_content takes no larger file


cdef class View(Readable):
    """A page cache that can be looked at; `Mapping` adds what changes it."""

    def folios(self):
        """(index, order) of each cached folio, in file order.  O(entries)"""
        return [(first, order) for kind, first, order in list_entries(self) if kind == HELD_FOLIO]

    def entries(self):
        """(kind, first index, order) of each entry, in file order: folios 1, shadows 2, zeroes 3."""
        return list_entries(self)

    @property
    def folios_by_order(self):
        """How many folios of each order are cached.  O(entries)"""
        orders = [order for _, order in self.folios()]
        return {order: orders.count(order) for order in sorted(set(orders))}

    @property
    def size(self):
        """The size of the file in bytes, as the filesystem has it now."""
        return self.extents.size

    @property
    def nodes(self):
        """Nodes of the index.  O(nodes)"""
        return self.index.nodes

    @property
    def node_bytes(self):
        """Bytes of those nodes."""
        return self.index.index_bytes

    @property
    def shadows(self):
        """Shadow entries.  O(entries)"""
        return sum(kind == HELD_SHADOW for kind, _, _ in list_entries(self))

    @property
    def zero_entries(self):
        """Zero entries.  O(entries)"""
        return sum(kind == HELD_ZERO for kind, _, _ in list_entries(self))

    @property
    def stats(self):
        """Counts of what has happened so far, a dict: hits, misses, folios, fallbacks, splits ..."""
        return self.counts

    def contents(self, first, pages):
        """What each page holds, cached or not, as a uint64 array; nothing is changed by it."""
        return contents(self, first, pages)

    def dump(self):
        """The index as text."""
        return self.index.dump()

    def check(self):
        """Raise AssertionError if index, struct pages and counts do not agree.  O(entries)"""
        check(self)


cdef list list_entries(Core m):
    """(kind, first index, order) of each entry, in file order."""
    cdef held_t found
    cdef uint64_t at = 0
    cdef list result = []
    while m.index.next_entry(at, ~<uint64_t>0, &found) != HELD_NOTHING:
        result.append((found.kind, found.first, (found.last - found.first + 1).bit_length() - 1))
        at = found.last + 1
    return result


cdef object contents(Core m, uint64_t first, uint64_t pages):
    """What a reader of each page finds: a number, 0 for zeroes."""
    if m.content.memory is NULL:
        raise InputError("the mapping keeps no content; make it with content=True")
    if pages > MOST_PAGES:
        raise InputError(f"contents: {pages} pages are more than a file with content has, {MOST_PAGES}")
    return np.array([content_of(m, first + k) for k in range(pages)], np.uint64)


cdef uint64_t content_of(Core m, uint64_t page):
    cdef held_t found
    if m.index.next_entry(page, page, &found) == HELD_FOLIO:
        return m.content.memory[found.pfn + (page - found.first)]
    return 0 if found.kind == HELD_ZERO else on_disk(&m.content, page)


cdef int check(Core m) except -1:
    """AssertionError if index, struct pages and counts do not agree."""
    cdef held_t found
    cdef uint64_t at = 0, pages = 0, folios = 0
    m.index.check()
    while m.index.next_entry(at, ~<uint64_t>0, &found) != HELD_NOTHING:
        at = found.last + 1
        if found.kind == HELD_FOLIO:
            pages += found.last - found.first + 1
            folios += not found.head.flags & PG_SHARED
            check_folio(m, &found)
    assert pages == m.pages, f"{pages} pages are cached, {m.pages} counted"
    assert folios == m.lru.folios, f"{folios} folios are cached, {m.lru.folios} on the list"
    return 0


cdef int check_folio(Core m, const held_t* found) except -1:
    """A reference for each page, and a head that knows its place; a shared one knows another's."""
    pages = found.last - found.first + 1
    where = f"the folio at page {found.first}"
    assert found.head.refcount >= pages, f"{where} has {found.head.refcount} references"
    if not found.head.flags & PG_SHARED:
        assert pages == 1 << folio_order(found.head), f"{where} has an entry of {pages} pages"
        assert found.head.index << m.ways.unit == found.first, f"{where} does not know its index"
    return 0


cdef page_t* head_of(Core m, uint64_t frame) except NULL:
    """The head of the folio that a frame in use belongs to."""
    cdef uint64_t first
    cdef unsigned int order
    for order in range(MOST_ORDERS):
        first = frame >> order << order
        if first < m.frames.count and ref_read(m.frames.base + first) > 0 and (
                frame - first < <uint64_t>1 << folio_order(m.frames.base + first)):
            return m.frames.base + first
    raise IndexError(f"frame {frame} is not in use")
