"""The buddy allocator: blocks of 2^order pages, split, merged, fragmented and compacted.

blocks, bitset      the free blocks of each order, as bits
zone, pcp           allocation and freeing, watermarks, one CPU's lists of single pages
compact, moves      free pages gathered into large blocks
fragment, ageing    memory scattered on purpose, or as a machine does it over time
loading             a state as /proc tells it: buddyinfo, pagetypeinfo
buddy               the Python face
measures, check     fragmentation figures; the invariant
chance, loops       random numbers from a seed; requests in compiled loops, for benchmarks

Knows nothing of indexes, files and policies.
"""
