"""Operations on mappings in a compiled loop: arrays of (operation, index, count), in pages.

    operation      count is          what it adds to the sum
    read           pages             the numbers of their frames
    write          pages             1 a page
    fault, fault-write   (unused)    the bits of the vm_fault_t
    dirty          (unused)          1, if the page is cached
    writeback      pages             pages written
    scan           a mark, 0 to 2    folios that carry it
    truncate       (unused)          pages dropped: `index` is the first page after the end
    punch          pages             pages dropped
    evict          pages             pages evicted
    invalidate     pages             pages dropped
    look           pages             as read, of what is cached: a miss changes nothing
    add            an order          1: a folio of that order enters, as recorded
    del            an order          pages dropped of that range
"""

from libc.errno cimport EINVAL
from libc.stdint cimport uint8_t, uint32_t
from libc.stdlib cimport calloc, free

from pagecache.designs.file_index cimport HELD_NOTHING, grip_t, held_t
from pagecache.mapping.access cimport read_pages, write_bytes
from pagecache.mapping.breaking cimport own_block
from pagecache.mapping.core cimport PAGE_SHIFT, file_pages
from pagecache.mapping.evict cimport evict_range, invalidate_range
from pagecache.mapping.faults cimport fault
from pagecache.mapping.populate cimport add_folio, fill
from pagecache.mapping.truncate cimport drop_range, punch, truncate_to
from pagecache.mapping.writeback cimport dirty_folio, scan_mark, write_back
from pagecache.page.frames cimport page_put

cdef enum:
    OP_READ, OP_WRITE, OP_FAULT, OP_FAULT_WRITE, OP_DIRTY, OP_WRITEBACK, OP_SCAN
    OP_TRUNCATE, OP_PUNCH, OP_EVICT, OP_INVALIDATE, OP_ADD, OP_DEL, OP_LOOK, OP_END

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
}


cdef int operate(
        Core m, unsigned int op, uint64_t index, uint64_t count, uint64_t* total) noexcept nogil:
    """One operation: 0 or a negative errno.  Reads end where the file does."""
    if op == OP_READ:
        return read_upto_end(m, index, count, total)
    if op == OP_WRITE:
        total[0] += count
        return write_bytes(m, index << PAGE_SHIFT, (index + count) << PAGE_SHIFT, 0) if count else 0
    if op == OP_FAULT or op == OP_FAULT_WRITE:
        total[0] += fault(m, index, op == OP_FAULT_WRITE).bits
        return 0
    return change(m, op, index, count, total)


cdef inline int read_upto_end(Core m, uint64_t index, uint64_t count, uint64_t* total) noexcept nogil:
    cdef uint64_t pages = file_pages(m)
    if index >= pages or count == 0:
        return 0
    return read_pages(m, index, count if count < pages - index else pages - index, total)


cdef int change(
        Core m, unsigned int op, uint64_t index, uint64_t count, uint64_t* total) noexcept nogil:
    """The operations that are not reads, writes or faults."""
    cdef uint64_t before = m.pages, last = index + (count - 1)
    cdef int failed = 0
    if op == OP_LOOK:
        look(m, index, count, total)
    elif op == OP_ADD:
        total[0] += 1
        return add_recorded(m, index, count)
    elif op == OP_DIRTY:
        total[0] += set_dirty(m, index)
    elif op == OP_SCAN:
        total[0] += scan_mark(m, count, NULL, 0)
    elif op == OP_TRUNCATE:
        failed = truncate_to(m, index << PAGE_SHIFT)
        total[0] += before - m.pages
    elif op == OP_DEL:
        drop_range(m, index, index + ((<uint64_t>1 << count) - 1), True)
        total[0] += before - m.pages
    elif count == 0:
        return 0
    elif op == OP_WRITEBACK:
        total[0] += write_back(m, index, last)
    elif op == OP_PUNCH:
        failed = punch(m, index << PAGE_SHIFT, count << PAGE_SHIFT)
        total[0] += before - m.pages
    elif op == OP_EVICT:
        total[0] += evict_range(m, index, last)
    elif op == OP_INVALIDATE:
        total[0] += invalidate_range(m, index, last)
    else:
        return -EINVAL
    return failed


cdef void look(Core m, uint64_t index, uint64_t count, uint64_t* total) noexcept nogil:
    """Read those of some pages that are cached; as a reader of another file's leftovers would."""
    cdef grip_t grip
    cdef uint64_t end = index + count
    while index < end:
        if not m.index.grab(index, end - 1, &grip):
            m.counts.misses += 1
            index += 1
            continue
        total[0] += grip.frame
        m.counts.hits += grip.last - index + 1
        page_put(grip.head)
        index = grip.last + 1


cdef inline uint64_t set_dirty(Core m, uint64_t index) noexcept nogil:
    cdef grip_t grip
    if own_block(m, index) or not m.index.grab(index, index, &grip):
        return 0
    dirty_folio(m, index, grip.head)
    page_put(grip.head)
    return 1


cdef int add_recorded(Core m, uint64_t index, uint64_t order) noexcept nogil:
    """A folio that a trace says was added: what is in its range goes, as an older file's."""
    cdef held_t found
    cdef uint64_t last = index + ((<uint64_t>1 << order) - 1)
    cdef int got
    if m.index.next_entry(index, last, &found) != HELD_NOTHING:
        drop_range(m, index, last, True)
    if m.fits[order] != order:
        return fill(m, index, last + 1, order, ~<uint64_t>0)
    got = add_folio(m, index, order, order, False)
    return got if got < 0 else 0


cdef class Loop:
    """Mappings of one or many files, and operations on them in the order of time.

    Parameters
    ----------
    mappings : sequence of Mapping
        One a file; arrays name them by their position.
    """

    cdef list mappings
    cdef void** table

    def __cinit__(self, mappings):
        self.mappings = list(mappings)
        self.table = <void**>calloc(max(len(self.mappings), 1), sizeof(void*))
        if self.table is NULL:
            raise MemoryError("no room for the table of mappings")
        for k, mapping in enumerate(self.mappings):
            if not isinstance(mapping, Core):
                raise TypeError(f"mapping {k} is a {type(mapping).__name__}, not a Mapping")
            self.table[k] = <void*>mapping

    def __dealloc__(self):
        free(self.table)

    def run(self, const uint32_t[::1] file, const uint8_t[::1] op, const uint64_t[::1] index,
            const uint64_t[::1] count, uint64_t[::1] out=None, uint8_t[::1] refused=None):
        """Run operations in order, without the GIL.  The sum of what each adds, modulo 2**64.

        Parameters
        ----------
        file, op, index, count : arrays of shape (n,)
            `op` by the numbers of `OPERATIONS`; `index` and `count` in pages.
        out : uint64 array of shape (n,), optional
            What each operation added.
        refused : uint8 array of shape (n,), optional
            Set to 1 for each operation that had no memory and to 0 for the others, which all run.

        Raises
        ------
        MemoryError
            The policy or the index had no memory for an operation, which the text names, and
            there is no `refused`.  Those before it are done; the mapping reads as before it.
        """
        cdef Py_ssize_t k, n = op.shape[0]
        cdef uint64_t total = 0, one
        cdef int failed = 0
        self.check(file, op, index, count)
        if out is not None and out.shape[0] != n:
            raise ValueError(f"out has {out.shape[0]} places for {n} operations")
        if refused is not None and refused.shape[0] != n:
            raise ValueError(f"refused has {refused.shape[0]} places for {n} operations")
        with nogil:
            for k in range(n):
                one = 0
                failed = operate(<Core>self.table[file[k]], op[k], index[k], count[k], &one)
                total += one
                if out is not None:
                    out[k] = one
                if refused is not None:
                    refused[k] = failed != 0
                elif failed:
                    break
        if refused is not None:
            return total
        if failed:
            raise MemoryError(f"operation {k} at page {index[k]}: no frames or nodes; "
                              "give the memory more, evict, or set a limit")
        return total

    def check(self, const uint32_t[::1] file, const uint8_t[::1] op, const uint64_t[::1] index,
              const uint64_t[::1] count):
        """Raise, naming the first operation that is none, before anything runs."""
        cdef Py_ssize_t k
        cdef uint64_t most
        if not file.shape[0] == op.shape[0] == index.shape[0] == count.shape[0]:
            raise ValueError("file, op, index and count must be of one length")
        for k in range(op.shape[0]):
            if file[k] >= <uint32_t>len(self.mappings):
                raise IndexError(f"file {file[k]} of operation {k} is none of the {len(self.mappings)}")
            if op[k] >= OP_END:
                raise ValueError(f"operation {k} is number {op[k]}; see pagecache.mapping.loop.OPERATIONS")
            most = 9 if op[k] == OP_ADD else 51
            if op[k] == OP_ADD or op[k] == OP_DEL:
                if count[k] > most or index[k] & ((<uint64_t>1 << count[k]) - 1):
                    raise ValueError(f"operation {k}: no folio of order {count[k]} at page {index[k]}")
            if index[k] >> 51 or count[k] > (<uint64_t>1 << 51) - index[k] or (
                    op[k] == OP_SCAN and count[k] > 2):
                raise ValueError(f"operation {k}: page {index[k]}, count {count[k]} are out of range")
