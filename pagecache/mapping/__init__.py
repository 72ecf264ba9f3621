"""One file's page cache: what read(), write(), a page fault, truncate and their like do with it.

    mapping, calls, pages, view   the face: `Mapping`, its calls on bytes and on pages, its counts
    file, parts, arguments what a mapping is made of, and what its calls are given
    vm_fault               what a page fault answers
    core, folio, content   the struct of parts that all functions work on; flags; what pages hold
    storage/               what is behind the cache: extents, shared blocks, filesystems
    operation, loop        one operation by its number; arrays of them in a compiled loop
    access, faults         read and write; page faults
    populate, holes        folios and zero entries made and put into the index
    blocks/                blocks allocated, copied, no longer shared
    truncate, evict, writeback   what leaves the cache, and how
    readable, open_file, readahead/   which pages are read ahead, in which folios
    history                a recorded trace run through mappings

Nothing here knows how anything is timed.
"""
