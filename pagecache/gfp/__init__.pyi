"""The names of the package, for type checkers; they are imported when first used."""

from pagecache.gfp.flags import GFP_KERNEL as GFP_KERNEL
from pagecache.gfp.flags import GFP_NOFS as GFP_NOFS
from pagecache.gfp.flags import GFP_NOIO as GFP_NOIO
from pagecache.gfp.flags import Gfp as Gfp
from pagecache.gfp.scope import memalloc_nofs as memalloc_nofs
from pagecache.gfp.scope import memalloc_noio as memalloc_noio
from pagecache.gfp.scope import memalloc_pin as memalloc_pin

__all__ = [
    "GFP_KERNEL",
    "GFP_NOFS",
    "GFP_NOIO",
    "Gfp",
    "memalloc_nofs",
    "memalloc_noio",
    "memalloc_pin",
]
NAMES: dict[str, str]
