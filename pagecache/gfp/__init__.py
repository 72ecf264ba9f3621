"""What callers say when they allocate: flags, scopes, sizes.

flags               the GFP masks and their names
scope               memalloc_nofs_save() and its kin: what the mask of a scope takes away
window, kvmalloc    contiguous or page by page; sizes that saturate instead of wrapping

Knows nothing of pages.
"""
