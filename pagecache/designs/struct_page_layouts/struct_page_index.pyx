"""The tree of an index over struct pages: filled, emptied and counted without a look into them."""

from libc.errno cimport EEXIST, EFAULT, EINVAL, ENOMEM
from libc.stdint cimport uint64_t

from pagecache.designs.contract cimport ABSENT
from pagecache.designs.folio_lookup cimport as_page
from pagecache.page.struct_pages cimport TRACE, struct_pages_fit
from pagecache.xarray.check cimport check_tree
from pagecache.xarray.entry cimport NULL_ENTRY, entry_t
from pagecache.xarray.find cimport xas_conflict, xas_find
from pagecache.xarray.node cimport CHUNK_SHIFT
from pagecache.xarray.store cimport xa_init, xas_store
from pagecache.xarray.text cimport array_text, count_nodes
from pagecache.xarray.trim cimport xa_destroy
from pagecache.xarray.walk cimport xa_load, xa_state, xas_init

from pagecache.errors import InputError

cdef enum:
    RECORD = 64


cdef class StructPageIndex(PageIndex):
    """The index of one file over struct pages of one layout.

    Parameters
    ----------
    pages : StructPages
        Struct pages in the class's layout.
    pool : NodePool, optional
    unit : int
        Order of the pages that the array counts in.
    huge_order : int
        Order of a huge page in `huge_fault`.
    each : bool
        An entry for each page of a folio; else one entry a folio.
    subpages : bool
        Each entry names its own page; else the head.
    """

    layout = ""

    def __cinit__(self, StructPages pages not None, NodePool pool=None, *, bint each=False,
                  bint subpages=False, **options):
        if type(self) is StructPageIndex:
            raise TypeError("StructPageIndex is abstract; make one of a layout: struct_page_layouts.make()")
        if pages.layout != self.layout:
            raise InputError(f"struct pages are laid out {pages.layout}, not {self.layout}")
        self.struct_pages = pages
        self.pool = NodePool(CHUNK_SHIFT) if pool is None else pool
        self.each, self.subpages = each, subpages
        xa_init(&self.xa, &self.pool.pool, self.pool.chunk_shift, 0)

    def __dealloc__(self):
        if self.pool is not None:
            xa_destroy(&self.xa)

    cdef void added(self, uint64_t pfn, uint64_t key, unsigned int order) noexcept nogil:
        """A folio goes in: a reference a page, and the head says where it is."""

    cdef uint64_t removed(self, void* page) noexcept nogil:
        """An entry goes; how many pages it stood for."""
        return 0

    cdef unsigned int lines_of_get(self, uint64_t index) noexcept nogil:
        """Cache lines of struct pages that a `get` touches; 0 if no page is cached there."""
        return 0

    cdef unsigned int lines_of_read(self, uint64_t index, uint64_t count) noexcept nogil:
        """The same of a `read`; `TRACE` for that many or more."""
        return 0

    cdef uint64_t load(self, uint64_t index) noexcept nogil:
        cdef char* page = <char*>as_page(xa_load(&self.xa, index >> self.unit))
        return ABSENT if page is NULL else (page - <char*>self.struct_pages.base) // RECORD

    cdef int insert(self, uint64_t index, unsigned int order, uint64_t pfn) noexcept nogil:
        cdef xa_state xas
        if not struct_pages_fit(self.struct_pages, pfn, order):
            return -EFAULT
        if order < self.unit:
            return -EINVAL
        xas_init(&xas, &self.xa, index >> self.unit, order - self.unit)
        if xas_conflict(&xas) != NULL_ENTRY:
            return -EEXIST
        if self.store(index >> self.unit, order - self.unit, pfn):
            return -ENOMEM
        self.added(pfn, index >> self.unit, order)
        return 0

    cdef int store(self, uint64_t key, unsigned int order, uint64_t pfn) noexcept nogil:
        """Fill the slots of one folio: an errno, and nothing filled, if memory ends."""
        cdef xa_state xas
        cdef char* head = <char*>self.struct_pages.base + pfn * RECORD
        cdef uint64_t k, entries = <uint64_t>1 << order if self.each else 1
        for k in range(entries):
            xas_init(&xas, &self.xa, key + k, 0 if self.each else order)
            xas_store(&xas, <entry_t>(head + k * RECORD if self.subpages else head))
            if xas.error:
                self.unstore(key, k)
                return xas.error
        return 0

    cdef void unstore(self, uint64_t key, uint64_t entries) noexcept nogil:
        cdef xa_state xas
        cdef uint64_t k
        for k in range(entries):
            xas_init(&xas, &self.xa, key + k, 0)
            xas_store(&xas, NULL_ENTRY)

    cdef uint64_t truncate(self) noexcept nogil:
        """Remove everything.  The number of pages removed."""
        cdef xa_state xas
        cdef uint64_t pages = 0
        cdef entry_t entry
        xas_init(&xas, &self.xa, 0, 0)
        entry = xas_find(&xas, ~<uint64_t>0)
        while entry != NULL_ENTRY:
            pages += self.removed(<void*>entry)
            entry = xas_find(&xas, ~<uint64_t>0)
        xa_destroy(&self.xa)
        return pages

    def remove_folio(self, uint64_t index):
        """Not here: NotImplementedError."""
        raise NotImplementedError("folios leave all at once here; the design itself removes one")

    def lines(self, uint64_t index):
        """Cache lines of struct pages that one `get` touches: counted as it runs."""
        cdef unsigned int touched = self.lines_of_get(index)
        if not touched:
            raise KeyError(f"no page is cached at index {index}")
        return touched

    def lines_read(self, uint64_t index, uint64_t count=32):
        """Cache lines of struct pages that a read of up to 32 pages touches.

        ValueError if that is more than can be noted: a read of that many small folios.
        """
        cdef unsigned int touched = self.lines_of_read(index, count)
        if touched == TRACE:
            raise ValueError(f"a read of {count} pages touches {TRACE} lines or more; read fewer")
        return touched

    @property
    def nodes(self):
        """Nodes of this file's tree.  O(nodes)."""
        return count_nodes(&self.xa)

    @property
    def index_bytes(self):
        """Bytes of those nodes."""
        return count_nodes(&self.xa) * self.pool.pool.node_size

    def dump(self):
        """The tree as text, as `pagecache.XArray.dump` gives it."""
        return array_text(&self.xa)

    def check(self):
        """Raise AssertionError, with the dump, if the tree breaks its rule."""
        check_tree(&self.xa)
