"""Mapped faults."""

from libc.stdint cimport uint64_t

from pagecache.mapping.core cimport Core
from pagecache.mapping.readahead.cached_file cimport readahead_t
from pagecache.mapping.vm_fault cimport vm_fault_t


cdef vm_fault_t fault(
    Core m, readahead_t* ra, unsigned int advice, uint64_t index, bint write,
    uint64_t identity) noexcept nogil
