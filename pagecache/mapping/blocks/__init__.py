"""The blocks of a file, changed: each function here changes extents, and what is cached with them.

    allocate   holes become data
    breaking   a block that others have too becomes the file's own
    unshare    the same of a range, asked for

Nothing here knows how blocks are freed: truncate.pyx does that.
"""
