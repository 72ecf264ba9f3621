"""A table of what requests for 2 MiB get in scattered memory: ``python -m benchmarks.large_blocks``

Every cell is allocated, not computed.  A row is a memory of which 1 GiB is free; it is made
again for each policy, and 256 ranges of 2 MiB are asked for.
"""

from pagecache.allocation.buddy_policy import Counting
from pagecache.allocation.loops import cover

from .allocation import EFFORTS, HUGE, POLICIES, RANGES, scattered

SHAPES = (
    ("0 %", 2, "keep-one-of"),
    ("60 %", 2, "keep-one-of"),
    ("80 %", 2, "keep-one-of"),
    ("90 %", 2, "keep-one-of"),
    ("97 %", 2, "keep-one-of"),
    ("100 %", 2, "keep-one-of"),
    ("100 %", 8, "keep-one-of"),
    ("100 %", 64, "keep-one-of"),
    ("100 %", 512, "keep-one-of"),
    ("97 %", 8, "random"),
    ("97 %", 8, "pinned"),
)
HEADS = (
    "scattered",
    "survivors",
    "unusable",
    "2 MiB free",
    *POLICIES,
    "orders of `fallback`",
    "`compound` may compact",
    "pages scanned",
    "moved",
)


def covered(policy: str, share: str, k: int, pattern: str, effort: str) -> Counting:
    """The policy after all ranges have been asked for; its memory is sound."""
    made = scattered(policy, share, effort, k, pattern)
    made.reset_counts()
    cover(made, RANGES, HUGE)
    made.buddy.check()
    return made


def success(made: Counting) -> str:
    """Ranges that are one block, and pages that came from anywhere."""
    pages = sum(count << order for order, count in made.got.items())
    return f"{made.got.get(HUGE, 0) / RANGES:.1%}, {pages / (RANGES << HUGE):.1%}"


def orders(made: Counting) -> str:
    """Blocks got, the largest first: "9: 100, 0: 79872"."""
    return ", ".join(f"{order}: {count}" for order, count in sorted(made.got.items(), reverse=True))


def row(share: str, k: int, pattern: str) -> list[str]:
    fast, hard = EFFORTS
    shape = scattered("compound", share, fast, k, pattern).buddy
    counts = shape.counts()
    made = {name: covered(name, share, k, pattern, fast) for name in POLICIES}
    compacted = covered("compound", share, k, pattern, hard)
    costs = compacted.buddy.costs
    return [
        share,
        f"1 of {k}" if pattern == "keep-one-of" else f"1 of {k}, {pattern}",
        f"{shape.unusable_index(HUGE):.3f}",
        str(counts[HUGE] + 2 * counts[HUGE + 1]),
        *(success(made[name]) for name in POLICIES),
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
