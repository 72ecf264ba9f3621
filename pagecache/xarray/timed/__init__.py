"""Single calls of the XArray in compiled loops, for benchmarks.

loops   one call for each index, steps over all entries, and reads of plain memory beside them

Knows nothing of time: who calls them takes it.
"""
