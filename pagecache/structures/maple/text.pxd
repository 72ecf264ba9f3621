"""The tree as text, and the check of its rules.

Depth first, each node with its depth (1: the root), its first index and the last of each slot, in
leaves with the entry; hexadecimal:

    H n; N1 0 3f ffffffffffffffff; N2 0 9=p1 3f=-; N2 40 7f=v5 ffffffffffffffff=-;
"""

from libc.stdint cimport uint64_t

from pagecache.structures.maple.node cimport maple_tree

cdef str tree_text(maple_tree* tree)
cdef void check_tree(maple_tree* tree) except *
cdef uint64_t count_nodes(maple_tree* tree) noexcept nogil
