"""Inserting a key and removing one.

    insert 0x1300 beside 0x1234 and 0x1239         remove 0x1239: one child is left, and moves up

    [0x1230, 0] becomes a child of                 [0x1000, 8] --> 2 --> key 0x1234
    [0x1000, 8] --> 2 --> [0x1230, 0]                          |-> 3 --> key 0x1300
                |-> 3 --> key 0x1300

A new node takes the place of what the walk ended at: a leaf with another key, or a node that does
not cover the index; its level is that of the highest digit in which the two differ.  One node
is allocated at most, before anything is changed.
"""

from libc.stdint cimport uint64_t

from pagecache.structures.pctrie.trie cimport trie_root

cdef int trie_insert(trie_root* root, uint64_t* key) noexcept nogil
cdef uint64_t* trie_remove(trie_root* root, uint64_t index) noexcept nogil
cdef void trie_forget(trie_root* root) noexcept nogil
