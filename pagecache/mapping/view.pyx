"""What is in a mapping: its entries, what pages hold, and whether all its parts agree."""

from pagecache.designs.file_index cimport (
    FOUND_FOLIO,
    FOUND_NOTHING,
    FOUND_SHADOW,
    FOUND_ZERO,
    found_t,
)
from pagecache.mapping.content cimport on_disk
from pagecache.mapping.folio cimport PG_SHARED
from pagecache.page.frames cimport folio_order, ref_read

import numpy as np

from pagecache.errors import InputError
from pagecache.mapping.arguments import number_from

cdef enum:
    MOST_ORDERS = 20  # a folio of 1 GiB has 18
    MOST_PAGES = 1 << 24  # 64 GiB: keep_content takes no larger file


cdef class View(Readable):
    """A page cache that can be looked at; `Mapping` adds what changes it."""

    def folios(self):
        """(index, order) of each cached folio, in file order.  O(entries)

        Examples
        --------
        >>> import pagecache as pc
        >>> mapping = pc.Mapping(file="64K")
        >>> mapping.write(0, "48K"), mapping.folios()
        (49152, [(0, 3), (8, 2)])
        """
        return [(first, order) for kind, first, order in list_entries(self) if kind == FOUND_FOLIO]

    def entries(self):
        """(kind, first index, order) of each entry, in file order.  O(entries)

        Kinds: 1 is a folio, 2 a shadow, 3 a zero entry.

        Examples
        --------
        >>> import pagecache as pc
        >>> mapping = pc.Mapping(file=pc.File("64K", holes=[("32K", "32K")]), holes="zero-entries")
        >>> mapping.read(0, "64K"), mapping.evict(0, "4K"), mapping.entries()[:2], mapping.entries()[-1]
        (65536, 1, [(2, 0, 0), (1, 1, 0)], (3, 8, 3))
        """
        return list_entries(self)

    @property
    def folios_by_order(self):
        """How many folios of each order are cached, a dict.  O(entries)

        Examples
        --------
        >>> import pagecache as pc
        >>> mapping = pc.Mapping(file="64K")
        >>> mapping.write(0, "52K"), mapping.folios_by_order
        (53248, {0: 1, 2: 1, 3: 1})
        """
        orders = [order for _, order in self.folios()]
        return {order: orders.count(order) for order in sorted(set(orders))}

    @property
    def size(self):
        """The size of the file in bytes, as the filesystem has it now.  O(1)

        Examples
        --------
        >>> import pagecache as pc
        >>> pc.Mapping(file="64K").size
        65536
        """
        return self.extents.size

    @property
    def nodes(self):
        """Nodes of the index.  O(nodes)

        Examples
        --------
        >>> import pagecache as pc
        >>> mapping = pc.Mapping(file="1M")
        >>> mapping.read(0, "1M"), mapping.nodes
        (1048576, 5)
        """
        return self.index.nodes

    @property
    def node_bytes(self):
        """Bytes of those nodes.  O(nodes)

        Examples
        --------
        >>> import pagecache as pc
        >>> mapping = pc.Mapping(file="1M")
        >>> mapping.read(0, "1M"), mapping.node_bytes
        (1048576, 2880)
        """
        return self.index.index_bytes

    @property
    def shadows(self):
        """Shadow entries.  O(entries)

        Examples
        --------
        >>> import pagecache as pc
        >>> mapping = pc.Mapping(file="64K")
        >>> mapping.write(0, "64K"), mapping.evict(), mapping.shadows
        (65536, 16, 1)
        """
        return sum(kind == FOUND_SHADOW for kind, _, _ in list_entries(self))

    @property
    def zero_entries(self):
        """Zero entries.  O(entries)

        Examples
        --------
        >>> import pagecache as pc
        >>> mapping = pc.Mapping(file=pc.File("1G", holes=[(0, "1G")]), holes="zero-entries")
        >>> mapping.read(0, "1G"), mapping.zero_entries
        (1073741824, 1)
        """
        return sum(kind == FOUND_ZERO for kind, _, _ in list_entries(self))

    @property
    def stats(self):
        """Counts of what has happened so far, a dict: hits, misses, folios, fallbacks, splits ...

        In pages: hits, zero_reads, around, written_back; evicted in folios; the others are events.  O(1)

        Examples
        --------
        >>> import pagecache as pc
        >>> mapping = pc.Mapping(file="64K", readahead_kb=0)
        >>> mapping.read(0, "8K"), mapping.stats["misses"], mapping.stats["hits"]
        (8192, 2, 2)
        """
        return self.counts

    def contents(self, first, pages):
        """What each page holds, cached or not, a uint64 array; nothing is changed by it.  O(pages)

        Parameters
        ----------
        first, pages : int
            In pages; up to 2**24 of them.

        Raises
        ------
        InputError
            The mapping keeps no content, or those are too many pages.

        Examples
        --------
        >>> import pagecache as pc
        >>> mapping = pc.Mapping(file="64K", content=True)
        >>> mapping.write(4096, 1, identity=100), mapping.contents(0, 3)
        (1, array([  1, 101,   3], dtype=uint64))
        """
        return contents(self, number_from(first, "first"), number_from(pages, "pages"))

    def dump(self):
        """The index as text, a line for each node and entry.  O(nodes)

        Examples
        --------
        >>> import pagecache as pc
        >>> pc.Mapping(file="64K").dump().splitlines()[0]
        'H - m000;'
        """
        return self.index.dump()

    def check(self):
        """AssertionError unless index, struct pages and counts agree.  O(entries)

        Examples
        --------
        >>> import pagecache as pc
        >>> pc.Mapping(file="64K").check()
        """
        check(self)


cdef list list_entries(Core m):
    """(kind, first index, order) of each entry, in file order."""
    cdef found_t found
    cdef uint64_t at = 0
    cdef list result = []
    while m.index.next_entry(at, ~<uint64_t>0, &found) != FOUND_NOTHING:
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
    cdef found_t found
    if m.index.next_entry(page, page, &found) == FOUND_FOLIO:
        return m.content.memory[found.pfn + (page - found.first)]
    return 0 if found.kind == FOUND_ZERO else on_disk(&m.content, page)


cdef int check(Core m) except -1:
    """AssertionError if index, struct pages and counts do not agree."""
    cdef found_t found
    cdef uint64_t at = 0, pages = 0, folios = 0
    m.index.check()
    while m.index.next_entry(at, ~<uint64_t>0, &found) != FOUND_NOTHING:
        at = found.last + 1
        if found.kind == FOUND_FOLIO:
            pages += found.last - found.first + 1
            folios += not found.head.flags & PG_SHARED
            check_folio(m, &found)
    assert pages == m.pages, f"{pages} pages are cached, {m.pages} counted"
    assert folios == m.lru.folios, f"{folios} folios are cached, {m.lru.folios} on the list"
    return 0


cdef int check_folio(Core m, const found_t* found) except -1:
    """A reference for each page, and a head that knows its place; a shared one knows another's."""
    pages = found.last - found.first + 1
    where = f"the folio at page {found.first}"
    assert found.head.refcount >= pages, f"{where} has {found.head.refcount} references"
    if not found.head.flags & PG_SHARED:
        assert pages == 1 << folio_order(found.head), f"{where} has an entry of {pages} pages"
        assert found.head.index << m.behaviour.unit == found.first, f"{where} does not know its index"
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
