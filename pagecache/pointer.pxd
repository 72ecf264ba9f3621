"""Pointer entries, as Python shows them: every structure that holds words takes and gives these."""

from libc.stdint cimport uint64_t


cdef class Pointer:
    cdef readonly uint64_t address
