"""The Python face of the trie: records of 64 bytes, as struct pages are, that hold its keys.

    byte 0    8       16            64
         | key | value | not used ... |

The records lie in a pool of their own, so that `nodes` are the trie's alone.
"""

from libc.stdint cimport uint64_t

from pagecache.structures.pctrie.trie cimport trie_root
from pagecache.structures.pool cimport Pool


cdef struct trie_record:
    uint64_t key
    uint64_t value
    uint64_t unused[6]


cdef class PcTrie:
    cdef trie_root root
    cdef readonly Pool pool
    cdef readonly Pool records
    cdef int put(self, uint64_t index, uint64_t value) noexcept nogil
    cdef trie_record* drop(self, uint64_t index) noexcept nogil


cdef str trie_text(const trie_root* root)
cdef str trie_violation(const trie_root* root)
