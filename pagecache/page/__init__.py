"""struct page: records, reference counts, map counts, byte layouts.

frames              an array of struct pages, one for each page frame
records, fields     the 64 bytes in several layouts, and who uses which of them
layouts             the layouts by name; page_structs: the same as C structs, written by a script
counts, mapcount    references and mappings counted, and what keeps the counts from overflowing
protocols           how a lookup keeps a folio, by name; a file each: cas, assume_1, locked_bit,
                    sequence (none, none-folio), striped

Knows nothing of how pages are allocated.
"""
