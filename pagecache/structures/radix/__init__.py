"""The radix tree of Linux 4.19, node for node: the page cache's index when the 2018 list was made.

    entry      what a word in a slot means
    node       a node of 64 slots, its tags, and where nodes come from
    walk       the essay, and the lookup
    path       a lookup that writes down what it reads, for pictures
    create     growing and descending, and the insertion
    replace    writing a slot that was found, the empty-node test, shrinking, deleting
    tags       set, clear, get
    join       one large entry over what is there, and a large one split into smaller ones
    iterate    walking entries in order, all or by tag
    preload    spare nodes, taken before the lock
    text       the tree as text, and the check of its rules
    radix      the Python face; loops: single calls in compiled loops, for benchmarks

It knows nothing of pages or files; what words it holds is its user's.
"""
