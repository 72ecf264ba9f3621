"""The page cache on the page hash of Linux 2.4: one table for all files.

    a page       linked into its bucket and into the list of its file; nothing is allocated
    a lookup     the lock of the whole cache; the chain; a reference; the lock is dropped
    a read       a lookup for each page
    truncate     along the file's list

A struct page of 2.4 had fields for all this.  Ours has 64 bytes as today's, so that they lie in
words which page caches of then did not know or a folio's head does not use:

    byte 0      8      16        24        32      40     48         56      64
         | flags | list | list  | mapping | index | next | counts  | pprev |
                                          |<------ the chain's entry ------>|

So keys are in struct pages, and without memory for these there is no index.  The table belongs to
the machine; `index_bytes` counts it with the first file that was made with it, and 16 bytes of
links a folio with each.  Nothing else is taken for a folio, so its links stand for its one *node*.

Of what a page cache asks for it has no order of indices: the next folio is found only by a look
at all of the file.  Marks were lists of dirty pages in 2.4; they are not built here.
"""

from libc.stdint cimport uint64_t

from pagecache.designs.contract cimport PageIndex
from pagecache.structures.page_hash.table cimport HashTable


cdef extern from *:
    """
    #ifndef PC_LISTED
    #define PC_LISTED
    /* Two words of a struct page, which has a type of its own. */
    typedef struct pc_listed pc_listed;
    struct __attribute__((may_alias)) pc_listed {
        pc_listed *next;
        pc_listed **pprev;
    };
    #endif
    """
    ctypedef struct listed_t "pc_listed":
        listed_t* next
        listed_t** pprev


cdef class PageHashIndex(PageIndex):
    cdef readonly HashTable pool
    cdef listed_t* first  # of the file's folios, the latest first
    cdef uint64_t folios_cached
    cdef uint64_t table_bytes  # of the table, if this index was the first with it
    cdef uint64_t limit
