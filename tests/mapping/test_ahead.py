"""What the next operations will look at is fetched ahead; it changes nothing."""

import numpy as np
import pytest

import pagecache as pc
from pagecache import designs
from pagecache.designs.matrix import serves_mappings
from pagecache.mapping.loop import OPERATIONS, Loop

PAGES = 1 << 12
MAPPED = [name for name in designs.names() if serves_mappings(designs.find(name))]
SOME = ("read", "fault", "look", "evict")


def ran(design: str, ahead: bool) -> tuple[list[int], list[list[tuple[int, int, int]]]]:
    """What 4,000 operations on three files answer, and what is cached afterwards."""
    huge = designs.find(design).huge_files
    sizes = [PAGES << 12, (PAGES // 2) << 12, 0]  # the last is empty
    like = "hugetlbfs" if huge else "ext4"
    files = [pc.File(size, like=like, block="2M" if huge else "4K") for size in sizes]
    mappings = [pc.Mapping(design, file=file) for file in files]
    rng = np.random.default_rng(5)
    op = rng.choice([OPERATIONS[name] for name in SOME if not huge or name == "fault"], 4001)
    file, index = rng.integers(0, 3, 4001), rng.integers(0, PAGES, 4001)
    count, out = rng.integers(1, 40, 4001), np.zeros(4001, np.uint64)
    Loop(mappings).run(
        file.astype(np.uint32),
        op.astype(np.uint8),
        index.astype(np.uint64),
        count.astype(np.uint64),
        out,
        np.zeros(4001, np.uint8),
        ahead=ahead,
    )
    for mapping in mappings:
        mapping.check()
    return out.tolist(), [mapping.entries() for mapping in mappings]


@pytest.mark.parametrize("design", MAPPED)
def test_answers_and_entries_are_the_same_with_what_comes_next_fetched(design: str) -> None:
    answers, entries = ran(design, ahead=True)
    assert (answers, entries) == ran(design, ahead=False)
    assert any(answers)
