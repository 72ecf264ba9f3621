"""tools/structure-times: what Linux took, the rule, and that all structures are driven alike."""

import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

TOOLS = Path(__file__).resolve().parents[1] / "tools"
sys.path.append(str(TOOLS))

from structure_times import recorded, subjects  # noqa: E402

FILL = "2 GiB of order 0"


def test_every_row_that_ours_stand_beside_was_recorded() -> None:
    rows = recorded.read()
    for fill in subjects.FILLS:
        for key, name in recorded.NAMES.items():
            if "order 0" in fill or key in subjects.LARGE_FOLIOS:
                for operation in recorded.OPERATIONS:
                    row = rows[name, operation, fill]
                    assert row.lowest <= row.ratio <= row.highest
                    assert recorded.walk_ns(rows, operation, fill)
    assert recorded.walk_ns(rows, "load random (chained)", "8 GiB of order 0") is None


def test_row_is_slow_only_beyond_both_the_highest_ratio_and_a_quarter_more_walks() -> None:
    row = recorded.Recorded(ns=100.0, ratio=2.0, lowest=1.5, highest=3.0)
    assert recorded.verdict(row, 3.0, 999, 10.0) == "within"
    assert recorded.verdict(row, 3.1, 12.5, 10.0) == "within"
    assert recorded.verdict(row, 3.1, 12.6, 10.0) == "slower"
    assert recorded.verdict(row, 3.1, 1.0, None) == "slower"
    assert recorded.verdict(row, 1.4, 999, 10.0) == "faster"


@pytest.mark.parametrize("name", list(subjects.MAKERS))
def test_all_structures_are_driven_alike_and_answer_alike(name: str) -> None:
    make, loops = subjects.MAKERS[name]
    module, tree = subjects.import_module(loops), make()
    indices = np.arange(0, 1000, dtype=np.uint64)
    shuffled = np.random.default_rng(1).permutation(indices)
    assert module.store_each(tree, shuffled, 0) == len(indices)
    total = module.load_each(tree, indices)
    assert total == module.load_chained(tree, shuffled) > 0
    assert module.iterate(tree) == len(indices)
    assert module.erase_each(tree, indices[:500]) == 500
    assert module.erase_each(tree, indices[:500]) == 0
    assert module.iterate(tree) == 500


@pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler")
def test_bare_walk_finds_every_page() -> None:
    walker = subjects.Walker(5000)
    pages = np.arange(5000, dtype=np.uint64)
    assert walker.load(pages) == int((pages << np.uint64(2) | np.uint64(1)).sum())
    walker.fill()
    assert walker.load(pages[:1]) == 1
