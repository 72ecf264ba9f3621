"""Mapped faults."""

from libc.stdint cimport uint64_t

from pagecache.mapping.core cimport Core
from pagecache.mapping.vm_fault cimport vm_fault_t


cdef vm_fault_t fault(Core m, uint64_t index, bint write, uint64_t identity) noexcept nogil
