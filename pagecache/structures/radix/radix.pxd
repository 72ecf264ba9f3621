"""The Python face of the radix tree, and its plain calls in one place to cimport from.

    from pagecache.structures.radix.radix cimport radix_insert, radix_lookup

    RadixTree().insert(512, 7, order=9) --> radix_insert(&tree.root, 512, 9, mk_exceptional(7))
"""

from pagecache.structures.pool cimport Pool
from pagecache.structures.radix.create cimport radix_create, radix_insert
from pagecache.structures.radix.node cimport radix_root
from pagecache.structures.radix.replace cimport radix_delete, radix_destroy, radix_replace
from pagecache.structures.radix.walk cimport radix_lookup


cdef class RadixTree:
    cdef radix_root root
    cdef readonly Pool pool
