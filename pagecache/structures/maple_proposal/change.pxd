"""One change: the way down, the nodes made for it, the nodes it gives up, and the levels above.

    a leaf rewritten          one store into its parent's slot
    one leaf more, or fewer   a new parent, with one store into *its* parent's slot; and so on upward

Nothing that a reader can reach is written until all nodes are there.  A change that runs out of
memory gives back what it made, and the tree is as before.
"""

from libc.stdint cimport uint8_t, uint64_t

from pagecache.structures.maple_proposal.items cimport items_t, part_t
from pagecache.structures.maple_proposal.node cimport LEVELS, marked_node, marked_tree, word_t


cdef enum:
    MOST_MADE = 64  # a few leaves, two nodes a level, a root
    MOST_DEAD = 64


cdef struct path_t:
    marked_node* node[LEVELS]  # from the root, at depth 0
    uint64_t start[LEVELS]  # of the node's range
    uint64_t end[LEVELS]
    uint8_t slot[LEVELS]  # the way goes on through; in the leaf, the index's
    unsigned int leaf  # its depth
    unsigned int kind  # the leaf's


cdef struct change_t:
    marked_tree* tree
    path_t path
    word_t made[MOST_MADE]
    marked_node* dead[MOST_DEAD]
    unsigned int nr_made
    unsigned int nr_dead
    bint failed


cdef void path_down(path_t* path, const marked_tree* tree, uint64_t index) noexcept nogil
cdef void change_init(change_t* change, marked_tree* tree) noexcept nogil
cdef void give_up(change_t* change, marked_node* node) noexcept nogil
cdef void make_leaves(change_t* change, const items_t* items, uint64_t start, const part_t* parts,
                      unsigned int count, items_t* made) noexcept nogil
cdef int replace_children(change_t* change, int depth, unsigned int first, unsigned int last,
                          const items_t* made) noexcept nogil
cdef int commit(change_t* change, word_t* at, word_t child, word_t parent, unsigned int height) noexcept nogil
