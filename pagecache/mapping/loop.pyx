"""Operations on mappings in a compiled loop: arrays of (operation, index, count), in pages.

What each does stands in operation.pxd.  `count` is pages; of scan it is a mark, of add and del an order;
fault, fault-write, dirty and truncate do not use it (truncate: `index` is the first page after the end).
"""

from libc.errno cimport EINVAL, ENOMEM
from libc.stdint cimport uint8_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free

from pagecache.mapping.ahead cimport AHEAD, fetch_ahead
from pagecache.mapping.core cimport PAGE_SHIFT, Core
from pagecache.mapping.operation cimport (
    OP_ADD,
    OP_DEL,
    OP_END,
    OP_READ,
    OP_SCAN,
    OP_TRUNCATE,
    operate,
    takes_blocks,
)
from pagecache.mapping.readable cimport Readable

from pagecache.errors import InputError
from pagecache.mapping.storage.filesystems import EMPTY_RANGE, TRUNCATE_IN_PART, refusal
from pagecache.mapping.operation import OPERATIONS

NAMES = {number: name for name, number in OPERATIONS.items()}


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
            const uint64_t[::1] count, uint64_t[::1] out=None, uint8_t[::1] refused=None, *,
            bint ahead=False):
        """Run operations in order, without the GIL.  The sum of what each adds, modulo 2**64.

        Parameters
        ----------
        file, op, index, count : arrays of shape (n,)
            `op` by the numbers of `OPERATIONS`; `index` and `count` in pages.
        out : uint64 array of shape (n,), optional
            What each operation added.
        refused : uint8 array of shape (n,), optional
            Set to 1 for each operation that had no memory and to 0 for the others, which all run.
        ahead : bool
            Fetch what the next operations will look at into the caches: the same answers, sooner
            where indexes are larger than those.  No kernel does, so it is not for measurements.

        Raises
        ------
        MemoryError
            The policy or the index had no memory for an operation, which the text names, and
            there is no `refused`.  Those before it are done; the mapping reads as before it.
        InputError
            A file's filesystem does not have an operation; nothing has run.
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
                if ahead and k % AHEAD == 0:
                    fetch_ahead(self.table, &file[k], &index[k], min(AHEAD, n - k))
                one = 0
                failed = operate(
                    <Core>self.table[file[k]], op[k], index[k] << PAGE_SHIFT,
                    (index[k] + count[k]) << PAGE_SHIFT, argument_of(op[k], count[k]), &one)
                total += one
                if out is not None:
                    out[k] = one
                if refused is not None:
                    refused[k] = failed != 0
                elif failed:
                    break
        for mapping in self.mappings:
            (<Readable>mapping).raise_overridden()
        if failed and refused is None:
            raise failed_operation(
                self.mappings[file[k]], failed, op[k],
                f"operation {k} at page {index[k]}, {NAMES[op[k]]}")
        return total

    def check(self, const uint32_t[::1] file, const uint8_t[::1] op, const uint64_t[::1] index,
              const uint64_t[::1] count):
        """Raise, naming the first operation that cannot be, before anything runs."""
        cdef Py_ssize_t k
        cdef uint32_t files = <uint32_t>len(self.mappings)
        if not file.shape[0] == op.shape[0] == index.shape[0] == count.shape[0]:
            raise ValueError("file, op, index and count must be of one length")
        for k in range(op.shape[0]):
            if op[k] == OP_READ and file[k] < files and is_in_range(OP_READ, index[k], count[k]):
                continue
            if file[k] >= files:
                raise IndexError(
                    f"operation {k} names file {file[k]}; the mappings are 0 to {files - 1}")
            if op[k] >= OP_END:
                raise ValueError(f"operation {k} is number {op[k]}; see pagecache.mapping.loop.OPERATIONS")
            if not is_in_range(op[k], index[k], count[k]):
                raise ValueError(out_of_range(k, op[k], index[k], count[k]))
            if takes_blocks(op[k]) and not count[k]:
                raise InputError(f"operation {k}, {refused_by(self.mappings[file[k]], op[k], EINVAL)}")
            if is_refused(<Core>self.table[file[k]], op[k], index[k]):
                raise InputError(f"operation {k}, {refused_by(self.mappings[file[k]], op[k])}")


cdef inline uint64_t argument_of(unsigned int op, uint64_t count) noexcept nogil:
    """What `count` says to an operation for which it is not pages."""
    return count if op == OP_SCAN or op == OP_ADD or op == OP_DEL else 0


cdef inline bint is_in_range(unsigned int op, uint64_t index, uint64_t count) noexcept:
    """Does what is asked for lie within 2^51 pages, in folios and marks that there are?"""
    if index >> 51 or count > (<uint64_t>1 << 51) - index:
        return False
    if op == OP_ADD or op == OP_DEL:
        return count <= (9 if op == OP_ADD else 51) and index & ((<uint64_t>1 << count) - 1) == 0
    return op != OP_SCAN or count <= 2


cdef str out_of_range(Py_ssize_t k, unsigned int op, uint64_t index, uint64_t count):
    """The sentence for such an operation, with the range."""
    if op == OP_ADD or op == OP_DEL:
        return (f"operation {k}: no folio of order {count} at page {index}; orders are 0 to "
                f"{9 if op == OP_ADD else 51}, the page a multiple of 2**order")
    if op == OP_SCAN:
        return f"operation {k}: mark {count} is not from 0 to 2"
    return (f"operation {k}: page {index}, count {count} are out of range; "
            "pages are 0 to 2**51 - 1")


cdef bint is_refused(Core m, unsigned int op, uint64_t index) noexcept:
    """Does the file's filesystem refuse the operation?"""
    if op == OP_TRUNCATE:
        return m.behaviour.huge_pool and index & ((<uint64_t>1 << m.behaviour.block_order) - 1)
    return m.behaviour.refused[op] != 0


def refused_by(mapping, unsigned int number, int error=0):
    """The sentence that refuses an operation on a mapping's file, by its number."""
    name, filesystem = NAMES[number], mapping.file.filesystem.name
    if error == EINVAL and takes_blocks(number):
        return EMPTY_RANGE.sentence(filesystem, name)
    return refusal(filesystem, name) or TRUNCATE_IN_PART.sentence(filesystem, name)


def failed_operation(mapping, int failed, unsigned int number, str place):
    """The exception for a negative errno of an operation there, in one line."""
    if failed == -ENOMEM:
        return MemoryError(f"{place}: no frames or nodes; give the memory more, evict, or set a limit")
    return InputError(refused_by(mapping, number, -failed))
