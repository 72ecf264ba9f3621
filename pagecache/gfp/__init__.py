"""What callers say when they allocate: flags, scopes, sizes.

flags, bits         the GFP masks and their names; their bits for compiled code
scope               memalloc_nofs_save() and the like: what an open scope removes from every mask
scope_loops         scopes in compiled loops, for benchmarks
window, kvmalloc    contiguous or page by page; sizes that saturate instead of wrapping
kv, kvframes        the same for Python, and over frames
reentry             allocations that would wait for themselves, found while a program runs

Knows nothing of pages.
"""

from pagecache.lazy import attach

NAMES = {
    "GFP_KERNEL": "pagecache.gfp.flags:GFP_KERNEL",
    "GFP_NOFS": "pagecache.gfp.flags:GFP_NOFS",
    "GFP_NOIO": "pagecache.gfp.flags:GFP_NOIO",
    "Gfp": "pagecache.gfp.flags:Gfp",
    "memalloc_nofs": "pagecache.gfp.scope:memalloc_nofs",
    "memalloc_noio": "pagecache.gfp.scope:memalloc_noio",
    "memalloc_pin": "pagecache.gfp.scope:memalloc_pin",
}

__all__ = list(NAMES)
__getattr__, __dir__ = attach(__name__, NAMES)
