"""The maple tree of Linux 6.16, node for node: proposed as the page cache's index in 2026.

    node       a node of 16 slots, and what its words mean
    walk       the essay, and the lookup
    path       a lookup that writes down what it reads, for pictures
    lists      slots taken out of nodes and put into new ones
    change     one change of the tree: its paths, the nodes made and the nodes given up
    leaf       a store within one leaf, and what a tree without nodes does
    grow       a list too long for its node: sharing with a neighbour, or cutting in two
    combine    a list too short, or one that takes the place of many nodes
    span       a store that ends in another leaf than it begins in
    store      store, insert and erase
    iterate    finding the next entry
    bulk       loading in ascending order
    text       the tree as text, and the check of its rules
    maple      the Python face; loops: single calls in compiled loops, for benchmarks

It knows nothing of pages or files; what words it holds is its user's.
"""
