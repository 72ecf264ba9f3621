"""The Python face of the proposal, and its plain calls in one place to cimport from.

    from pagecache.structures.maple_proposal.proposal cimport marked_insert, marked_load

    ProposalTree().insert_range(512, 1023, 7) --> marked_insert(&tree.tree, 512, 1023, 7 << 1 | 1)
"""

from pagecache.structures.maple_proposal.node cimport marked_tree
from pagecache.structures.maple_proposal.store cimport marked_destroy, marked_erase, marked_insert
from pagecache.structures.maple_proposal.walk cimport marked_load
from pagecache.structures.pool cimport Pool


cdef class ProposalTree:
    cdef marked_tree tree
    cdef readonly Pool pool
