"""Linux's XArray, node for node: an ordered map from 64-bit indices to entries of any order.

entry, node           what 64 bits mean; 64 slots with their marks, and where nodes come from
grace                 when a node that was taken out may be used again: readers beside a writer
walk                  the essay, and the lookup
step, find            on from where a state stands, and to the next entry, by presence or by mark
store, trim           entries and nodes into the tree; nodes out of it
range, split          one entry over any range; one entry made into smaller ones
marks, alloc, holes   three bits an entry; the lowest free index; the ends of runs of entries
api                   the plain calls: one walk each
batch, batch_store, batch_scan   many lookups, many stores, passes over a range
check, text           the invariant; the tree as text
tree, entries, xarray, cursor, convert   the Python face, in parts; cursors; words to objects
timed/                single calls in compiled loops, for benchmarks

Knows nothing of pages, of files, or of time.
"""
