"""One change of the tree: the paths down, the nodes made for it and the nodes it gives up.

Nothing that a reader can reach is written until all nodes are there.  Then one store puts the new
nodes into their place, and the old ones die:

    made   leaf A', leaf B', parent P'          commit:  grandparent's slot --> P'
    dead   leaf A,  leaf B,  parent P                    A, B, P marked dead and freed
    gone   whole subtrees that a store swallowed: slots `first` to `end` - 1 of a node

So a change that runs out of memory gives back what it made, and the tree is as before.
"""

from libc.stdint cimport uint8_t, uint64_t

from pagecache.structures.maple.lists cimport maple_list
from pagecache.structures.maple.node cimport INNER, LEAF, LEVELS, maple_node, maple_tree, word_t


cdef enum:
    MOST_MADE = 80  # three a level, and a root
    MOST_DEAD = 120
    MOST_GONE = 48


cdef struct maple_path:
    maple_node* node[LEVELS]  # from the root, at depth 0
    uint64_t start[LEVELS]  # of the node's range
    uint64_t end[LEVELS]
    uint8_t slot[LEVELS]  # the way goes on through


cdef struct maple_gone:
    maple_node* node
    uint64_t node_end
    unsigned int depth
    unsigned int first
    unsigned int end


cdef struct maple_change:
    maple_tree* tree
    uint64_t first
    uint64_t last
    word_t entry
    unsigned int leaf  # the depth of the leaves
    unsigned int nr_made
    unsigned int nr_dead
    unsigned int nr_gone
    bint failed
    maple_path left
    maple_path right
    word_t made[MOST_MADE]
    uint64_t made_end[MOST_MADE]  # of each one's range
    maple_node* dead[MOST_DEAD]
    maple_gone gone[MOST_GONE]


cdef inline unsigned int kind_at(const maple_change* change, unsigned int depth) noexcept nogil:
    return LEAF if depth == change.leaf else INNER


cdef void change_init(maple_change* change, maple_tree* tree, uint64_t first, uint64_t last,
                      word_t entry) noexcept nogil
cdef void path_down(maple_path* path, unsigned int depth, unsigned int to, uint64_t index) noexcept nogil
cdef unsigned int path_count(const maple_path* path, unsigned int depth) noexcept nogil
cdef word_t make_node(maple_change* change, unsigned int kind, const maple_list* items,
                      unsigned int first, unsigned int end) noexcept nogil
cdef void give_up(maple_change* change, maple_node* node) noexcept nogil
cdef int commit(maple_change* change, unsigned int depth, word_t child) noexcept nogil
cdef int commit_root(maple_change* change, word_t child, unsigned int height) noexcept nogil
cdef void free_subtree(maple_tree* tree, maple_node* node, uint64_t end, unsigned int depth,
                       unsigned int leaf) noexcept nogil
cdef int undo(maple_change* change) noexcept nogil
