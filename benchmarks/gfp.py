"""What a scope costs the task that opens it, and every allocation that looks at it."""

from contextlib import nullcontext
from typing import Any

from pagecache.gfp.flags import GFP_KERNEL
from pagecache.gfp.scope import memalloc_nofs
from pagecache.gfp.scope_loops import mask_each, mask_each_inline, nest_each

from .common import Benchmark

CALLS = 1 << 20  # over a millisecond of either loop
OUTER: dict[str, Any] = {"none": nullcontext, "nofs": memalloc_nofs}


class Scopes(Benchmark):
    """How long does it take to open and close a scope, and to take an effective mask?"""

    params: Any = (tuple(OUTER),)
    param_names = ("open already",)

    def time_open_and_close(self, outer: str) -> None:
        with OUTER[outer]():
            nest_each(CALLS)

    def time_effective_mask(self, outer: str) -> None:
        with OUTER[outer]():
            mask_each(CALLS, GFP_KERNEL)

    def time_effective_mask_inline(self, outer: str) -> None:
        with OUTER[outer]():
            mask_each_inline(CALLS, GFP_KERNEL)
