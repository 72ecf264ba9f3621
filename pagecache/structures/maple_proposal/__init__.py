"""A proposal, not a kernel's: the maple tree with marks, and with a dense leaf for single pages.

    node       the two layouts of 256 bytes, and what their words mean
    walk       the essay: what was named, what is assumed; and the lookup
    items      a leaf's entries as a list, and how many leaves a list takes
    change     nodes made and given up, and the levels above a leaf
    store      insert, erase, destroy
    marks      setting, clearing and finding marks
    iterate    from entry to entry
    path       a lookup that writes down what it reads, for pictures
    text       the tree as text, and the check of its rules
    proposal   the Python face; loops: single calls in compiled loops, for benchmarks

It knows nothing of pages or files; what words it holds is its user's.
"""
