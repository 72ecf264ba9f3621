"""The path-compressed radix trie of FreeBSD: the page index of its VM objects.

    trie     the essay, a node, the lookup
    change   inserting and removing
    pctrie   the Python face, with the walk in order, the text and the check of the rules
    path     a lookup that writes down what it reads, for pictures
    loops    single calls in compiled loops, for benchmarks

It knows nothing of pages or files: a leaf is the address of a key in its user's record.
"""
