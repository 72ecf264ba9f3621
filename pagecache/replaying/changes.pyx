"""Additions and removals of folios, applied in one compiled loop."""

from libc.errno cimport EEXIST
from libc.stdint cimport uint8_t, uint32_t, uint64_t

from pagecache.designs.contract cimport PageIndex, raise_insert
from pagecache.designs.indexes cimport Indexes
from pagecache.page.frames cimport Frames, make_folio

cdef enum:
    ADD = 0


def apply(Indexes indexes, Frames frames, const uint8_t[::1] op, const uint32_t[::1] file,
          const uint64_t[::1] index, const uint8_t[::1] order, const uint64_t[::1] pfn,
          const uint8_t[::1] pieces):
    """Apply operations in order: 0 adds the folio at frame `pfn`, anything else removes its pages.

    An addition first removes what is cached in its range; a removal of part of a folio splits it,
    and the buddies on the way down stay.  MemoryError if no node is available.

    Parameters
    ----------
    op, file, index, order, pfn : arrays of shape (n,)
        `index` is the first page, a multiple of ``2**order``.
    pieces : uint8 array of shape (64,)
        For each order of a piece that stays, the order the design caches it in.
    """
    cdef uint64_t k, events = indexes.checked(file, index)
    cdef int failed = 0
    if not <uint64_t>op.shape[0] == <uint64_t>order.shape[0] == <uint64_t>pfn.shape[0] == events:
        raise ValueError("op, file, index, order and pfn must be of one length")
    if pieces.shape[0] != 64:
        raise ValueError("pieces must have an entry for each of the 64 orders")
    with nogil:
        for k in range(events):
            failed = change(<PageIndex>indexes.table[file[k]], frames, op[k] == ADD, index[k],
                            order[k], pfn[k], &pieces[0])
            if failed:
                break
    if failed:
        raise_insert(failed, index[k], order[k], pfn[k])


cdef inline int change(PageIndex target, Frames frames, bint adding, uint64_t index,
                       unsigned int order, uint64_t pfn, const uint8_t* pieces) noexcept nogil:
    """Add or remove a folio; 0 or a negative errno.

    What fits is inserted without a look at what lies there: an index in no order, as a hash, finds
    the next folio of a hole only by a look at all.
    """
    cdef int failed = target.insert(index, order, pfn) if adding else -EEXIST
    if failed != -EEXIST:
        return failed
    failed = cut_out(target, frames, index, order, pieces)
    return target.insert(index, order, pfn) if adding and not failed else failed


cdef int cut_out(PageIndex target, Frames frames, uint64_t index, unsigned int order,
                 const uint8_t* pieces) noexcept nogil:
    """Remove 2^order pages from `index` on: 0, or the negative errno of putting pieces back."""
    cdef uint64_t at = index, last = index + ((<uint64_t>1 << order) - 1), pfn
    cdef int found
    while at <= last:
        found = target.next_folio(&at)
        if found < 0 or at > last:
            break
        pfn = target.get(at)
        target.remove(at)
        if found > <int>order:
            return reinsert(target, frames, index, order, found, pfn - at, pieces)
        at += <uint64_t>1 << found
        if at == 0:
            break  # past the highest index
    return 0


cdef int reinsert(PageIndex target, Frames frames, uint64_t index, unsigned int order,
                  unsigned int whole, uint64_t to_pfn, const uint8_t* pieces) noexcept nogil:
    """Insert the buddies between a piece of `order` at `index` and the folio it was cut from."""
    cdef uint64_t buddy, at
    cdef unsigned int k
    cdef int failed
    for k in range(order, whole):
        buddy = ((index >> k) ^ 1) << k
        for at in range(0, <uint64_t>1 << (k - pieces[k])):
            failed = put_piece(
                target, frames, buddy + (at << pieces[k]), pieces[k], to_pfn)
            if failed:
                return failed
    return 0


cdef inline int put_piece(PageIndex target, Frames frames, uint64_t index, unsigned int order,
                          uint64_t to_pfn) noexcept nogil:
    make_folio(frames.base + index + to_pfn, order, True)
    return target.insert(index, order, index + to_pfn)


def folios_by_order(PageIndex index not None):
    """How many folios of each order an index holds, as a dict.  O(folios)."""
    cdef uint64_t counts[64]
    cdef uint64_t at = 0
    cdef int k, order
    for k in range(64):
        counts[k] = 0
    with nogil:
        order = index.next_folio(&at)
        while order >= 0:
            counts[order] += 1
            at += <uint64_t>1 << order
            order = index.next_folio(&at) if at else -1
    return {k: counts[k] for k in range(64) if counts[k]}
