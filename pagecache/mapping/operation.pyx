"""Operations by number."""

from libc.errno cimport EINVAL

from pagecache.designs.file_index cimport FOUND_NOTHING, folio_ref_t, found_t
from pagecache.mapping.access cimport write_bytes
from pagecache.mapping.blocks.allocate cimport fallocate
from pagecache.mapping.blocks.breaking cimport own_block
from pagecache.mapping.core cimport PAGE_SHIFT
from pagecache.mapping.evict cimport evict_range, invalidate_range
from pagecache.mapping.faults cimport fault
from pagecache.mapping.populate cimport add_folio, fill
from pagecache.mapping.truncate cimport drop_range, punch, truncate_to
from pagecache.mapping.blocks.unshare cimport unshare
from pagecache.mapping.writeback cimport dirty_folio, scan_mark, write_back
from pagecache.page.frames cimport page_put

OPERATIONS = {
    "read": OP_READ,
    "write": OP_WRITE,
    "fault": OP_FAULT,
    "fault-write": OP_FAULT_WRITE,
    "dirty": OP_DIRTY,
    "writeback": OP_WRITEBACK,
    "scan": OP_SCAN,
    "truncate": OP_TRUNCATE,
    "punch": OP_PUNCH,
    "evict": OP_EVICT,
    "invalidate": OP_INVALIDATE,
    "add": OP_ADD,
    "del": OP_DEL,
    "look": OP_LOOK,
    "fallocate": OP_FALLOCATE,
    "unshare": OP_UNSHARE,
}


cdef int operate_other(
        Core m, unsigned int op, uint64_t start, uint64_t end, uint64_t argument,
        uint64_t* answer) noexcept nogil:
    """All operations but read: first whether the filesystem has this one."""
    cdef uint64_t index = start >> PAGE_SHIFT
    if op >= OP_END:
        return -EINVAL
    if start >= end and takes_blocks(op):
        return -EINVAL
    if m.behaviour.refused[op]:
        return -<int>m.behaviour.refused[op]
    if op == OP_FAULT or op == OP_FAULT_WRITE:
        answer[0] += fault(m, &m.ra, 0, index, op == OP_FAULT_WRITE, argument).bits
        return 0
    if op == OP_DIRTY:
        return set_dirty(m, index, answer)
    if op == OP_SCAN:
        answer[0] += scan_mark(m, argument, NULL, 0)
        return 0
    if op == OP_ADD:
        answer[0] += 1
        return add_recorded(m, index, argument)
    if op == OP_TRUNCATE or op == OP_DEL:
        return remove(m, op, start, argument, answer)
    return change(m, op, start, end, argument, answer) if start < end else 0


cdef int remove(
        Core m, unsigned int op, uint64_t start, uint64_t order, uint64_t* answer) noexcept nogil:
    """Truncate, or a removal that was recorded: adds the pages dropped."""
    cdef uint64_t before = m.pages, index = start >> PAGE_SHIFT
    cdef int failed = 0
    if op == OP_TRUNCATE:
        failed = truncate_to(m, start)
    else:
        drop_range(m, index, index + ((<uint64_t>1 << order) - 1), True)
    answer[0] += before - m.pages
    return failed


cdef int change(
        Core m, unsigned int op, uint64_t start, uint64_t end, uint64_t argument,
        uint64_t* answer) noexcept nogil:
    """The operations on a range of bytes that is not empty."""
    cdef uint64_t before = m.pages, first = start >> PAGE_SHIFT, last = (end - 1) >> PAGE_SHIFT
    cdef int failed = 0
    if op == OP_LOOK:
        look(m, first, last + 1, answer)
    elif op == OP_WRITE:
        answer[0] += last + 1 - first
        failed = write_bytes(m, start, end, argument)
    elif op == OP_FALLOCATE:
        failed = fallocate(m, start, end, answer)
    elif op == OP_UNSHARE:
        failed = unshare(m, start, end, answer)
    elif op == OP_WRITEBACK:
        answer[0] += write_back(m, first, last)
    elif op == OP_PUNCH:
        failed = punch(m, start, end)
        answer[0] += before - m.pages
    elif op == OP_EVICT:
        answer[0] += evict_range(m, first, last)
    else:
        answer[0] += invalidate_range(m, first, last)
    return failed


cdef void look(Core m, uint64_t index, uint64_t end, uint64_t* answer) noexcept nogil:
    """Read those of some pages that are cached; as a reader of another file's leftovers would."""
    cdef folio_ref_t ref
    while index < end:
        if not m.index.get_folio(index, end - 1, &ref):
            m.counts.misses += 1
            index += 1
            continue
        answer[0] += ref.frame
        m.counts.hits += ref.last - index + 1
        page_put(ref.head)
        index = ref.last + 1


cdef int set_dirty(Core m, uint64_t index, uint64_t* answer) noexcept nogil:
    """Mark the folio of a cached page, its block then this file's own: 0 or a negative errno."""
    cdef folio_ref_t ref
    cdef int failed
    if not m.index.get_folio(index, index, &ref):
        return 0
    page_put(ref.head)
    failed = own_block(m, index)
    if failed or not m.index.get_folio(index, index, &ref):
        return failed
    dirty_folio(m, index, ref.head)
    page_put(ref.head)
    answer[0] += 1
    return 0


cdef int add_recorded(Core m, uint64_t index, uint64_t order) noexcept nogil:
    """A folio that a trace says was added: what is in its range goes, as an older file's."""
    cdef found_t found
    cdef uint64_t last = index + ((<uint64_t>1 << order) - 1)
    cdef int got
    if m.index.next_entry(index, last, &found) != FOUND_NOTHING:
        drop_range(m, index, last, True)
    if m.fits[order] != order:
        return fill(m, index, last + 1, order, ~<uint64_t>0)
    got = add_folio(m, index, order, order, False)
    return got if got < 0 else 0
