"""A table of what requests for 2 MiB get in scattered memory: ``python -m benchmarks.large_blocks``

Every cell is allocated, none is worked out.  A row is a memory of which 1 GiB is free; it is made
anew for each supply, and 256 ranges of 2 MiB are asked for.
"""

from pagecache.supply.buddy_supply import Counting
from pagecache.supply.loops import cover

from .allocation import EFFORTS, HUGE, RANGES, SUPPLIES, scattered

SHAPES = (
    ("0 %", 2),
    ("60 %", 2),
    ("80 %", 2),
    ("90 %", 2),
    ("97 %", 2),
    ("100 %", 2),
    ("100 %", 8),
    ("100 %", 64),
    ("100 %", 512),
)
HEADS = (
    "scattered",
    "kept",
    "unusable",
    "2 MiB free",
    *SUPPLIES,
    "orders of `fallback`",
    "`compound` that may compact",
    "pages scanned",
    "moved",
)


def covered(supply: str, share: str, k: int, effort: str) -> Counting:
    """The supply after all ranges have been asked for; its memory is sound."""
    made = scattered(supply, share, effort, k)
    made.reset_counts()
    cover(made, RANGES, HUGE)
    made.buddy.check()
    return made


def success(made: Counting) -> str:
    return f"{made.got.get(HUGE, 0) / RANGES:.1%}"


def orders(made: Counting) -> str:
    """Blocks got, the largest first: "9: 100, 0: 79872"."""
    return ", ".join(f"{order}: {count}" for order, count in sorted(made.got.items(), reverse=True))


def row(share: str, k: int) -> list[str]:
    fast, hard = EFFORTS
    shape = scattered("compound", share, fast, k).buddy
    counts = shape.counts()
    made = {name: covered(name, share, k, fast) for name in SUPPLIES}
    compacted = covered("compound", share, k, hard)
    costs = compacted.buddy.costs
    return [
        share,
        f"1 of {k}",
        f"{shape.unusable_index(HUGE) / 1000:.3f}",
        str(counts[HUGE] + 2 * counts[HUGE + 1]),
        *(success(made[name]) for name in SUPPLIES),
        orders(made["fallback"]),
        success(compacted),
        f"{costs['migrate_scanned'] + costs['free_scanned']:,}",
        f"{costs['moved']:,}",
    ]


def table() -> str:
    """The table as Markdown."""
    lines = [HEADS, ["---"] * len(HEADS), *(row(*shape) for shape in SHAPES)]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


if __name__ == "__main__":
    print(table())
