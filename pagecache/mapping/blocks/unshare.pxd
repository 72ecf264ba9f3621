"""Unsharing (FALLOC_FL_UNSHARE_RANGE): a file gets blocks of its own, as if it wrote what it holds.

Shared blocks are read into the cache and made dirty; holes become data; the file grows, as with
fallocate.
"""

from libc.stdint cimport uint64_t

from pagecache.mapping.core cimport Core

cdef int unshare(Core m, uint64_t start, uint64_t end, uint64_t* broken) noexcept nogil
