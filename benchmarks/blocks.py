"""Large blocks in files: faults that populate them, from memory more or less scattered."""

import numpy as np

import pagecache as pc

from .common import SEED, Benchmark

POLICIES = ("pages", "compound", "fallback", "min-order")
SCATTERED = ("0 %", "80 %", "100 %")  # of the free memory: one of eight pages survives there
BLOCKS = ("4K", "64K", "2M")
FILE = 64 << 20
FREE = 128 << 20


def mapping(policy: str, scattered: str, block: str) -> pc.Mapping:
    """An empty cache of a file with that block, over memory of which twice as much is free."""
    file = pc.File(FILE, block=block)
    options = {"min_order": file.block_order} if policy == "min-order" else {}
    memory = pc.Memory(4 * FREE, policy=policy, seed=SEED, min_free=0, **options)
    memory.policy.gfp &= ~0x400  # no compaction: what there is
    memory.fragment("keep-one-of", k=8, share=int(scattered.rstrip(" %")) / 100, free=FREE)
    return pc.Mapping(memory=memory, file=file, readahead_kb=0)


class Blocks(Benchmark):
    """How long do faults take that populate a file block by block, and what do they get?"""

    number = 1
    warmup_time = 0.0
    params = (POLICIES, SCATTERED, BLOCKS)
    param_names = ("policy", "scattered", "block")

    def setup(self, policy: str, scattered: str, block: str) -> None:
        self.mapping = mapping(policy, scattered, block)
        self.mapping.policy.reset_counts()
        self.index = np.arange(0, FILE >> 12, 1 << self.mapping.file.block_order, dtype=np.uint64)

    def fault_all(self) -> int:
        """Faults that failed."""
        codes = np.zeros(len(self.index), np.uint64)
        self.mapping.run(["fault"] * len(self.index), self.index, np.zeros_like(self.index), codes)
        return int((codes & pc.VmFault.ERROR.value != 0).sum())

    def time_fault(self, policy: str, scattered: str, block: str) -> None:
        self.fault_all()

    def track_failed(self, policy: str, scattered: str, block: str) -> float:
        """Share of the faults that answered OOM."""
        return self.fault_all() / len(self.index)

    def track_nodes(self, policy: str, scattered: str, block: str) -> int:
        self.fault_all()
        return self.mapping.nodes
