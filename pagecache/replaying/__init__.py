"""Replay: what a recorded trace put into page caches and took out, applied to a design's index.

    replay      a trace into one index a file: what `pagecache.replay` does
    changes     additions and removals applied in one compiled loop
    fitting     which folios a design holds of those that were recorded, and the frames they lie in

No file is simulated here: `pagecache.mapping.history` runs a trace through whole mappings.  Nothing
here knows how anything is timed.
"""
