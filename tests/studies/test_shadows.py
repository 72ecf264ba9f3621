"""``pagecache study shadows``: what each rule keeps, recognises and loses."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pagecache.errors import InputError
from pagecache.inputs import bundled_path, read_trace
from pagecache.studies.shadows import (
    RULES,
    Accesses,
    Cache,
    memory_of,
    of_trace,
    priced,
    read_twice,
    shown,
)

TEXT = (Path(__file__).parents[2] / "docs" / "structures.md").read_text()


def after(rule: str, memory: int, *indices: int) -> Cache:
    cache = Cache(memory, rule)
    for index in indices:
        cache.want((0, index))
    return cache


def test_page_that_comes_back_is_recognised_while_a_page_beside_it_holds_the_node() -> None:
    for rule in RULES:  # 64 is cached yet when 65 comes back
        cache = after(rule, 2, 65, 64, 66, 64, 65)
        assert cache.counts["recognised in time"] == 1
        assert (cache.counts["lost"], cache.counts["lost in time"]) == (0, 0)


def test_eager_rule_loses_a_node_with_its_last_page_and_the_kernels_keeps_it() -> None:
    indices = (*range(64, 80), *range(128, 144), *range(64, 80))
    kernel, eager = (after(rule, 16, *indices) for rule in RULES)
    assert kernel.counts["recognised in time"] == eager.counts["lost in time"] == 16
    assert kernel.counts["first"] == eager.counts["first"] == 32
    assert (kernel.counts["most shadow nodes"], eager.counts["most shadow nodes"]) == (1, 0)
    # Two leaves and their parent; the eager rule frees the leaf of what left.
    assert (kernel.nodes, eager.nodes) == (3, 2)


def test_refault_after_more_pages_left_than_are_cached_was_not_in_time() -> None:
    cache = after("kernel", 2, 64, 65, 66, 67, 68, 69, 64)
    assert cache.counts["recognised"] == 1
    assert cache.counts["recognised in time"] == 0
    cache = after("kernel", 2, 64, 65, 66, 67, 64)  # as many as the cache holds
    assert cache.counts["recognised in time"] == 1


def test_kernels_rule_keeps_one_shadow_node_for_eight_cached_pages() -> None:
    far = [leaf << 6 for leaf in range(1, 101)]
    cache = after("kernel", 32, *far)
    assert cache.counts["most shadow nodes"] == len(cache.shadow_nodes) == 32 // 8
    last = far[100 - 32 - 4 : 100 - 32]  # the four that left last
    held = [index for index, entry in cache.array(0) if isinstance(entry, int)]
    assert held == last
    cache.array(0).check()


def test_node_with_a_page_again_is_no_shadow_node() -> None:
    cache = after("kernel", 16, *range(64, 80), *range(128, 144))
    assert list(cache.shadow_nodes) == [(0, 1)]
    cache.want((0, 100))
    assert list(cache.shadow_nodes) == []


def test_lone_entry_in_the_root_pointer_is_in_no_node() -> None:
    cache = Cache(1, "eager")
    for key in ((0, 0), (1, 0), (0, 0)):
        cache.want(key)
    assert cache.counts["recognised in time"] == 1


def test_trace_is_taken_with_its_additions_and_without_its_removals() -> None:
    path = Path(__file__).parents[1] / "data" / "traces" / "git_log_p.filemap.csv.gz"
    trace = read_trace(path)
    accesses = of_trace(trace)
    counts = np.bincount(trace.event, weights=trace.count)
    assert counts[1] > 0
    assert len(accesses.index) == counts.sum() - counts[1]
    assert accesses.pages >= len(trace.final_folios())


def numbers(accesses: Accesses, rule: str) -> list[int]:
    return list(shown(priced(accesses, memory_of("25%", accesses.pages), rule)))


def test_both_rules_meet_the_same_refaults_and_differ_in_what_they_recognise() -> None:
    accesses = read_twice(1 << 11)
    kernel, eager = (numbers(accesses, rule) for rule in RULES)
    assert kernel[0] == eager[0] == accesses.pages
    for total in (1, 2):  # all of them, and those in time
        assert kernel[total] + kernel[total + 2] == eager[total] + eager[total + 2]


@pytest.mark.slow
def test_table_of_the_document_is_what_the_command_prints(run: Any) -> None:
    block = TEXT.partition("$ pagecache study shadows\n")[2].partition("```")[0]
    assert run("study", "shadows").out == block


def test_command_takes_traces_and_shares(run: Any) -> None:
    ran = run("study", "shadows", bundled_path("python_import_numpy"), "--memory", "50%")
    head, *lines = ran.out.splitlines()
    assert head.split()[:3] == ["input", "memory", "rule"]
    assert [line.split()[0] for line in lines] == ["python_import_numpy"] * 2


@pytest.mark.parametrize("share", ["0%", "101%", "25", "x%", "-5%"])
def test_share_that_is_none_is_refused(share: str) -> None:
    with pytest.raises(InputError, match=r"--memory: .* give 1% to 100%"):
        memory_of(share, 1000)
