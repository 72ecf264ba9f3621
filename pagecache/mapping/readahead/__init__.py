"""Readahead: which pages are read before anyone asks, and in folios of which order, 5.18 to 7.1.

One small set of rules and a table of switches; a kernel is a row of the table.

    kernels     the table: what changed when
    rules       a row of it made compiled switches, and the five functions that Python may override
    cached_file what the rules ask of a file's cache, and the state of an open file description
    miss        a page that is not cached, or a folio with the mark: which window is next
    fill        a window becomes folios
    fault       the same two for mapped files; which pages a fault maps
    simulated   a file's cache that holds folios and nothing else, driven by programs of accesses
    accesses    the language of those programs
    traced      the accesses of a recorded program
    folios      `pagecache.readahead`: the folios that a program gets

Knows nothing of memory, of what a folio holds, or of any other way in which a cache changes.
"""
