"""The tree as text, and the check of its rules.

Depth first, each node with its depth (1: the root), its first index, and the last index of each slot;
in leaves with what it holds and its marks; a dense leaf with its window and each page in it:

    N1 0 1b ffffffffffffffff; D2 0 window 0 0=v5 1=v6/0; N2 1c 1ff=- 3ff=p7/02 ffffffffffffffff=-;
"""

from libc.stdint cimport uint64_t

from pagecache.structures.maple_proposal.node cimport marked_tree

cdef str tree_text(marked_tree* tree)
cdef void check_tree(marked_tree* tree) except *
cdef uint64_t count_nodes(marked_tree* tree) noexcept nogil
