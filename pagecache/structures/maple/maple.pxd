"""The Python face of the maple tree, and its plain calls in one place to cimport from.

    from pagecache.structures.maple.maple cimport maple_load, maple_store

    MapleTree().store_range(512, 1023, 7) --> maple_store(&tree.tree, 512, 1023, mk_value(7))
"""

from pagecache.structures.maple.iterate cimport maple_find
from pagecache.structures.maple.node cimport maple_tree
from pagecache.structures.maple.store cimport (
    maple_destroy,
    maple_erase,
    maple_insert,
    maple_store,
)
from pagecache.structures.maple.walk cimport maple_load
from pagecache.structures.pool cimport Pool


cdef class MapleTree:
    cdef maple_tree tree
    cdef readonly Pool pool
