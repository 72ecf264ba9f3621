"""struct page: layouts, reference counts and protocols, map counts.

frames              an array of struct pages, one for each page frame
struct_pages        an array of them in one of several layouts; fields: who uses which of the bytes
layouts             the layouts by name; page_structs: the same as C structs, written by a script
descriptors         bytes of struct pages, and of what might take their place
counts, mapcount    references and mappings counted, and what keeps the counts from overflowing
protocols           how a lookup keeps a folio, by name; a file each: cas, assume_1, locked_bit,
                    sequence (none, none-folio), striped

Knows nothing of how pages are allocated.
"""
