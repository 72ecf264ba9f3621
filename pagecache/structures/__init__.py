"""Index structures that are no XArray, built as the kernels that use them have them.

    pool       nodes of one size from huge pages, counted and limited: each structure has one
    convert    indices, orders and errors, between Python and these structures
    radix/     the radix tree of Linux 4.19: the page cache's index of the 2018 list
    maple/     the maple tree of Linux 6.16: proposed as its index in 2026
    maple_proposal/  not a kernel's: the maple tree with marks and dense leaves, as named in 2023
    pctrie/    the path-compressed trie that FreeBSD keeps the pages of its objects in
    page_hash/ the hash of mapping and index of Linux 2.4, keyed by page or by folio

Each folder holds its essay, its nodes, a file a verb, and the check of its rules.  None knows
anything of designs, of files, of time, of the XArray, or of another structure.
"""
