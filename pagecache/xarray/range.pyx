"""Storing a run at a time, and making nodes for a range."""

from libc.errno cimport EINVAL, ENOMEM

from pagecache.xarray.entry cimport NULL_ENTRY, is_internal, mk_error
from pagecache.xarray.find cimport xas_reset
from pagecache.xarray.store cimport xas_create, xas_put
from pagecache.xarray.trim cimport delete_nodes
from pagecache.xarray.walk cimport CREATED, XAS_RESTART, in_node, xas_init, xas_load


cdef entry_t xa_store_range(xarray_t* xa, uint64_t first, uint64_t last, entry_t entry) noexcept nogil:
    """Store one entry over any range, as few runs of slots as fit; NULL, or an error.

    A run is up to 63 siblings at one level, of any number: each reads and erases as one entry.
    """
    cdef xa_state xas
    cdef uint64_t after
    cdef unsigned int order = 0
    if last < first or is_internal(entry):
        return mk_error(EINVAL)
    if entry != NULL_ENTRY:
        while order < 64 and not ((last + 1) >> order) & 1:
            order += 1
        xas_init(&xas, xa, last, order if order < 64 else 63)
        xas_create(&xas, True)  # what can fail for lack of memory: the way to the last index
        if xas.error:
            return mk_error(xas.error)
    while True:
        xas_init_run(&xas, xa, first, last)
        after = first + ((<uint64_t>(xas.sibs + 1)) << xas.shift)
        xas_put(&xas, entry)
        if xas.error:
            drop_empty(xa, last)
            return mk_error(ENOMEM)
        first = after
        if first > last or first == 0:
            return NULL_ENTRY


cdef void drop_empty(xarray_t* xa, uint64_t last) noexcept nogil:
    """Take back the way that was made to the last index, if nothing came to lie there."""
    cdef xa_state xas
    xas_init(&xas, xa, last, 0)
    xas_load(&xas)
    if in_node(&xas) and xas.node.count == 0:
        delete_nodes(&xas)


cdef void xas_init_run(xa_state* xas, xarray_t* xa, uint64_t first, uint64_t last) noexcept nogil:
    """A state for the longest run of slots that begins at `first` and does not pass `last`."""
    cdef uint64_t offset = first, more = last - first
    cdef unsigned int shift = 0
    while shift + xa.chunk_shift < 64 and not offset & xa.mask and (
            last - first >= (<uint64_t>1 << (shift + xa.chunk_shift)) - 1):
        offset >>= xa.chunk_shift
        more >>= xa.chunk_shift
        shift += xa.chunk_shift
    offset &= xa.mask
    if offset + more > xa.mask:
        more = xa.mask - offset
    if more and first + ((more + 1) << shift) - 1 > last:
        more -= 1
    xas_init(xas, xa, first, 0)
    xas.shift, xas.sibs = shift, more


cdef void xas_create_range(xa_state* xas) noexcept nogil:
    """Make the nodes for every index of the state's range, so that stores there need no memory.

    The state then stands before the first of them, for entries of order 0; an error that it has is
    kept.  If memory runs out, it has ENOMEM and the array is as before.  O(nodes).
    """
    cdef xarray_t* xa = xas.xa
    cdef uint64_t first = xas.index, last = first + (((<uint64_t>(xas.sibs + 1)) << xas.shift) - 1)
    if xas.error:
        return
    xa.flags |= CREATED
    xas.shift, xas.sibs, xas.index = 0, 0, last
    while True:  # from the end: at index 0 an entry would need no node
        xas_reset(xas)
        xas_create(xas, True)
        if xas.error or xas.index & ~xa.mask <= first:
            break
        xas.index = (xas.index & ~xa.mask) - 1
    while xas.error and last > xas.index:
        drop_empty(xa, last)
        last = (last & ~xa.mask) - 1
    xas.index, xas.node = first, <xa_node*>XAS_RESTART
