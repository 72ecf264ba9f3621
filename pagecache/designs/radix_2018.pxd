"""The page cache on the radix tree of Linux 4.19, as the 2018 list found it.

    a page         one insertion of order 0, after preloading 21 nodes
    a huge page    (tmpfs, order 9) 512 insertions, each from the root, slot i naming sub-page i
    a lookup       walk to the slot; take a reference on the head of the page; read the slot again
    a read         a lookup from the root for each page, huge or not
    fault-around   one walk in chunks over the 16 pages
    truncate       one walk in chunks: at each page its tags are cleared and its slot emptied

Nothing larger than a slot is ever stored: the tree could hold entries of any order, and only DAX
did so.  2 GiB take 8,323 nodes, whatever its pages.
"""

from pagecache.designs.contract cimport PageIndex
from pagecache.structures.pool cimport Pool
from pagecache.structures.radix.node cimport radix_root


cdef class Radix2018(PageIndex):
    cdef radix_root root
    cdef readonly Pool pool
