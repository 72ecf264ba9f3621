"""The page hash of Linux 2.4: one table for all files, chained through the struct pages.

    table      the essay, an entry's words, the lookup, adding and taking out
    page_hash  the Python face, with the text and the check of the rules
    path       a lookup that writes down what it reads, for pictures
    loops      single calls in compiled loops, for benchmarks

It knows nothing of pages or files: an entry is five words that lie in its user's record.
"""
