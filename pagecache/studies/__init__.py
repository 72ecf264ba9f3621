"""Worked studies: questions beside the index, each answered by running it and printing a table.

layouts       which subsystem may use which bytes of struct page, in three layouts
attack        what it takes to overflow a map count, under every guard
scopes        GFP_NOFS by hand against one scope a lock, on call chains: chains reads them, lockdep
              finds what can wait for itself, strategies carries out each way
blocks        which share of a file falls back below its block, from the table of a sweep
shadows       nodes that hold shadow entries alone: the kernel's limit against freeing them at once
counts        references and map counts of one folio, from its first user to its last
memory        index bytes of every design, over sizes of files
descriptors   bytes of struct pages, and of the descriptors that would take their place
sizes         what saturating sizes and kvmalloc answer
page_size     what larger pages waste on a tree of files, and from which memory on they pay
columns       cells in columns

``pagecache study NAME`` runs one. What the product itself needs of them, struct page's layouts as
data, the counts and the flags, lies in `page` and `gfp`. Knows nothing of designs and mappings.
"""

STUDIES = {
    "attack": (
        "pagecache.studies.attack",
        "overflow a page's map count under every guard, and what that takes at full width",
    ),
    "blocks": (
        "pagecache.studies.blocks",
        "which share of a file falls back below its block, from a sweep",
    ),
    "counts": (
        "pagecache.studies.counts",
        "the life of a 2 MiB folio, by its references and map counts",
    ),
    "descriptors": (
        "pagecache.studies.descriptors",
        "bytes of struct pages of slabs and huge pages, and two ways to less",
    ),
    "layouts": (
        "pagecache.studies.layouts",
        "who may use which bytes of struct page, in three layouts",
    ),
    "memory": (
        "pagecache.studies.memory",
        "bytes of every design's index, for files of 64 MiB to 16 TiB; --plot draws them",
    ),
    "page-size": (
        "pagecache.studies.page_size",
        "what 4K, 16K and 64K pages round a tree of files up to, and when they pay",
    ),
    "scopes": (
        "pagecache.studies.scopes",
        "allocations that can wait for themselves, and the ways to keep reclaim out",
    ),
    "shadows": (
        "pagecache.studies.shadows",
        "what shadow entries cost, and what freeing them at once would lose",
    ),
    "sizes": (
        "pagecache.studies.sizes",
        "sizes that saturate instead of wrapping, and kvmalloc with and without a block",
    ),
}
