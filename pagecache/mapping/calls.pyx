"""Reading, writing, faults, allocation and truncation of a file, as Python calls them."""

cimport cython

from pagecache.mapping.core cimport PAGE_BYTES, PAGE_SHIFT
from pagecache.mapping.operation cimport (
    OP_FALLOCATE,
    OP_FAULT,
    OP_FAULT_WRITE,
    OP_PUNCH,
    OP_READ,
    OP_TRUNCATE,
    OP_UNSHARE,
    OP_WRITE,
    operate,
)

import numpy as np

from pagecache.mapping.arguments import number_from, numbers_of, page_number, pages_of, span
from pagecache.mapping.file import size_of
from pagecache.mapping.loop import NAMES, Loop, failed_operation
from pagecache.mapping.vm_fault import VmFault


@cython.no_gc
cdef class Calls(View):
    """What programs ask of a file; `Mapping` inherits all of it."""

    cdef uint64_t do(
            self, unsigned int op, start, end, uint64_t argument=0) except? 0xFFFFFFFFFFFFFFFF:
        """One operation, the same as in an array of them: what it answers, or its exception."""
        cdef uint64_t first = start, after = end, answer = 0
        cdef int failed
        with nogil:
            failed = operate(self, op, first, after, argument, &answer)
        if self.rules.failed is not None:
            self.raise_overridden()
        if failed:
            raise failed_operation(self, failed, op, f"{NAMES[op]} at {start}")
        return answer

    def read(self, position, length):
        """Read as read() does: the bytes that there were, fewer at the end of the file.

        O(height) for each folio, and what readahead reads.

        Parameters
        ----------
        position, length : int or str
            Bytes, or text such as "64K".

        Raises
        ------
        InputError
            A place that is negative, or beyond 2**63 bytes.
        MemoryError
            There are no frames or nodes; what was read before stays cached.

        Examples
        --------
        >>> import pagecache as pc
        >>> mapping = pc.Mapping(file="1M")
        >>> mapping.read(0, "64K"), mapping.read("1020K", "64K")
        (65536, 4096)
        """
        start, end = span(position, length)
        self.do(OP_READ, start, end)
        return max(min(end, self.extents.size) - start, 0)

    def write(self, position, length, identity=0):
        """Write as write() does, through the cache: the bytes written.  The file grows as needed.

        Shared blocks that it touches become the file's own.  O(height) for each folio.

        Parameters
        ----------
        position, length : int or str
            Bytes, or text such as "64K".
        identity : int
            With ``content=True`` page k then holds `identity` + k, modulo 2**64.

        Raises
        ------
        InputError
            A place that is negative, or beyond 2**63 bytes; a file on hugetlbfs (EINVAL).
        MemoryError
            There are no frames or nodes; the pages before that are written.

        Examples
        --------
        >>> import pagecache as pc
        >>> mapping = pc.Mapping(file="64K")
        >>> mapping.write("60K", "8K"), mapping.size, mapping.scan("dirty").tolist()
        (8192, 69632, [15, 16])
        """
        start, end = span(position, length)
        self.do(OP_WRITE, start, end, number_from(identity, "identity"))
        return end - start

    def fault(self, index, write=False, identity=0):
        """Touch page `index` of the mapped file: a `VmFault`, without flags if all went well.

        O(height), and the window that is read if the page is not cached.

        Parameters
        ----------
        index : int
            In pages.
        write : bool
            Touch it to write: its folio is dirty then, and its block the file's own.
        identity : int
            With ``content=True`` a write leaves `identity` + `index` in the page; 0 leaves what is
            there.

        Raises
        ------
        InputError
            An index that is not from 0 to 2**51 - 1.  All else is a flag: OOM, SIGBUS.

        Examples
        --------
        >>> import pagecache as pc
        >>> mapping = pc.Mapping(file="64K")
        >>> mapping.fault(3), mapping.fault(3), mapping.fault(16)
        (<VmFault.MAJOR: 4>, <VmFault: 0>, <VmFault.SIGBUS: 2>)
        """
        start = page_number(index) << PAGE_SHIFT
        return VmFault(self.do(
            OP_FAULT_WRITE if write else OP_FAULT, start, start + PAGE_BYTES,
            number_from(identity, "identity")))

    def fallocate(self, position, length):
        """Allocate blocks where there is a hole; shared ones stay shared.  The file grows as needed.

        On tmpfs and hugetlbfs blocks are the cache's folios; elsewhere no page moves.
        O(height) for each hole, or for each folio.

        Parameters
        ----------
        position, length : int or str
            Bytes, or text such as "64K".

        Raises
        ------
        InputError
            A place that is negative, or beyond 2**63 bytes; a length of 0 (EINVAL).
        MemoryError
            There are no frames or nodes; nothing is allocated then.

        Examples
        --------
        >>> import pagecache as pc
        >>> mapping = pc.Mapping(file=pc.File("64K", holes=[(0, "64K")]))
        >>> mapping.fallocate("4K", "8K")
        >>> mapping.file.extents.runs()
        [(1, 2, 'data')]
        """
        start, end = span(position, length)
        self.do(OP_FALLOCATE, start, end)

    def unshare(self, position, length):
        """Give the file blocks of its own where it shares them (FALLOC_FL_UNSHARE_RANGE; xfs only).

        They are copied through the cache, and dirty then; holes are allocated, as by `fallocate`.
        O(height) for each block.

        Parameters
        ----------
        position, length : int or str
            Bytes, or text such as "64K".

        Raises
        ------
        InputError
            A place that is negative, or beyond 2**63 bytes; a length of 0 (EINVAL); a filesystem
            without (EOPNOTSUPP).
        MemoryError
            There are no frames or nodes; what was copied before stays, and all reads as before.

        Examples
        --------
        >>> import pagecache as pc
        >>> mapping = pc.Mapping(file=pc.File("64K", like="xfs"), entries="pfns")
        >>> clone = mapping.clone()
        >>> clone.unshare(0, "8K")
        >>> clone.file.extents.runs()
        [(0, 2, 'data'), (2, 14, 'shared')]
        """
        start, end = span(position, length)
        self.do(OP_UNSHARE, start, end)

    def truncate(self, size):
        """Make the file end at `size` bytes: pages and blocks beyond it go.  O(entries dropped)

        Parameters
        ----------
        size : int or str
            Bytes, or text such as "64K".  hugetlbfs takes whole huge pages only.

        Raises
        ------
        InputError
            A size that is negative, beyond 2**63, or no multiple of the huge page (EINVAL).
        MemoryError
            The block that is cut is shared, and there are no frames to copy it; or there is no
            memory for the extents.  All is as before then.

        Examples
        --------
        >>> import pagecache as pc
        >>> mapping = pc.Mapping(file="1M")
        >>> mapping.read(0, "1M"), mapping.truncate("10000"), mapping.pages
        (1048576, None, 3)
        """
        wanted = size_of(size, "size")
        self.do(OP_TRUNCATE, wanted, wanted)

    def punch(self, position, length):
        """Make a hole.  Whole blocks lose their pages; what is less than one is zeroed.

        The last block of a file is whole if the range reaches its end, beyond that of the file; on
        ext4 already if the range ends beyond the file.  O(entries dropped)

        Parameters
        ----------
        position, length : int or str
            Bytes, or text such as "64K".

        Raises
        ------
        InputError
            A place that is negative, or beyond 2**63 bytes; a length of 0 (EINVAL).
        MemoryError
            A block that is cut is shared, and there are no frames to copy it; or there is no memory
            for the extents.  All is as before then.

        Examples
        --------
        >>> import pagecache as pc
        >>> mapping = pc.Mapping(file=pc.File(10000, like="xfs"))
        >>> mapping.read(0, 10000), mapping.punch(4096, 5904), mapping.pages
        (10000, None, 2)
        >>> mapping.punch(4096, "1M"), mapping.pages
        (None, 1)
        """
        start, end = span(position, length)
        self.do(OP_PUNCH, start, end)

    def run(self, op, index, count, out=None):
        """Run operations in a compiled loop: the sum of what they answer, modulo 2**64.

        Each is the same as a single call, and answers what operation.pxd says: reads the sum of
        their frames' numbers, writes their pages, what drops pages how many.  O(n), and what each
        call costs.

        Parameters
        ----------
        op : sequence or array of str, or uint8 array of shape (n,)
            Names of `pagecache.mapping.loop.OPERATIONS`, such as "read", "fault" or "punch", or
            their numbers.
        index, count : arrays of shape (n,)
            In pages, whole numbers.  `count` of "scan" is a mark, of "add" and "del" an order.
        out : uint64 array of shape (n,), optional
            What each operation answered.

        Raises
        ------
        InputError
            A name that is unknown, or that the file's filesystem does not have; nothing has run.
        ValueError
            Arrays of different lengths, places out of range; nothing has run.
        MemoryError
            An operation found no frames or nodes; those before it are done.

        Examples
        --------
        >>> import pagecache as pc
        >>> mapping = pc.Mapping(file="64M")
        >>> mapping.run(["read", "evict"], [0, 0], [32, 64]), mapping.shadows
        (560, 40)
        """
        op = numbers_of(op)
        index, count = pages_of(index, "index"), pages_of(count, "count")
        return Loop([self]).run(np.zeros(len(op), np.uint32), op, index, count, out)
