"""What a page fault answers: a type of its own, so that no errno can pass for it.

A struct of one word converts neither from nor to an int: mixing the two does not compile.  Bits
and meanings are Linux 5.17's.
"""


cdef enum:
    FAULT_OOM = 0x1  # no memory
    FAULT_SIGBUS = 0x2  # beyond the end of the file, or an empty pool
    FAULT_MAJOR = 0x4  # storage was read
    FAULT_NOPAGE = 0x100  # the handler installed the entry itself


cdef struct vm_fault_t:
    unsigned int bits


cdef inline vm_fault_t vm_fault(unsigned int bits) noexcept nogil:
    cdef vm_fault_t code
    code.bits = bits
    return code
