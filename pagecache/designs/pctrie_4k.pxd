"""The page cache on FreeBSD's pctrie: a leaf for each page, its key in the struct page.

    a page       one leaf, the address of `index` in its struct page; one node at most
    a lookup     the walk; a reference; the page says itself whether it is still the one asked for
    a read       one walk, then the pages of a node in turn
    a huge page  not one entry: 512 pages, as a superpage reservation is

Keys are in struct pages, so a walk ends with a touch of one, and without memory for them there is
no index.  Trie and pages know no marks; nothing but pages can be kept.
"""

from pagecache.designs.contract cimport PageIndex
from pagecache.structures.pctrie.trie cimport trie_root
from pagecache.structures.pool cimport Pool


cdef class PcTrie4k(PageIndex):
    cdef trie_root root
    cdef readonly Pool pool
