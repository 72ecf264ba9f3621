"""What is behind a file's page cache.

    extents       where a file has data and where holes; its size
    sharing       the blocks that several files have, and the folios that cache them
    filesystems   what each filesystem does, and what it refuses

Nothing here knows what is cached.
"""
