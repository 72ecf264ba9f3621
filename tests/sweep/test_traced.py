"""Cells of recorded traces: what is run, in bounded memory, and what a sample says."""

import gzip
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from pagecache.errors import InputError
from pagecache.inputs import bundled_path, read_trace
from pagecache.mapping.history import History
from pagecache.sweep import traced
from pagecache.sweep.cell import Cell
from pagecache.sweep.columns import Row
from pagecache.sweep.sampling import Sampler, estimate, in_blocks, mix, parse_rate
from pagecache.sweep.traced import Facts, count_trace

LMDB, SHA = (str(bundled_path(name)) for name in ("lmdb_stat_random", "sha256sum_400mb"))
HEADER = "t_us,pid,ev,dev,ino,index,count,order\n"


def count(path: str | Path, rate: float = 1.0, **choices: object) -> Row:
    traced._Kept.pair = ((), Facts())
    return count_trace(Cell.of("thp-multi", trace="t", **choices), str(path), rate)  # type: ignore[arg-type]


@pytest.mark.parametrize("path", [LMDB, SHA])
def test_counts_are_those_of_mappings_that_run_the_whole_trace_at_once(path: str) -> None:
    counts = count(path)
    history = History(read_trace(path), recorded=False)
    history.sizes = traced._Kept.pair[1].sizes  # a file also reaches as far as its additions
    mappings = history.run("thp-multi").values()
    assert counts["pages"] == sum(mapping.pages for mapping in mappings)
    assert counts["nodes"] == sum(mapping.nodes for mapping in mappings)
    assert counts["misses"] == sum(mapping.stats["misses"] for mapping in mappings)
    assert counts["slots_written"] == sum(mapping.index.slots for mapping in mappings)


def test_trace_without_accesses_is_run_by_its_additions(tmp_path: Path) -> None:
    trace = tmp_path / "adds.csv"
    rows = ["0,1,add,1:1,5,0,4,2", "1,1,add,1:1,5,4,1,0", "2,1,del,1:1,5,4,1,0"]
    trace.write_text(HEADER + "\n".join(rows) + "\n")
    counts = count(trace)
    assert (counts["pages"], counts["orders"], counts["faults"]) == (4, {2: 1}, 0)


@pytest.mark.parametrize("run", [7, 64, 1000])
def test_where_pieces_and_runs_end_changes_nothing(
    run: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = count(LMDB)
    monkeypatch.setattr(traced, "RUN", run)
    monkeypatch.setattr(traced, "KEPT_EVENTS", run)
    assert count(LMDB) == whole


def test_trace_is_kept_for_the_next_cell_and_read_again_once_it_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trace = tmp_path / "t.csv"
    trace.write_text(HEADER + "0,1,get,1:1,5,0,1,\n")
    cell, read = Cell.of("thp-multi", trace="t"), []
    first = count_trace(cell, str(trace), 1.0, read.append)
    monkeypatch.setattr(traced, "trace_pieces", None)
    assert count_trace(cell, str(trace), 1.0, read.append) == first
    assert sum(read) == 4 * trace.stat().st_size
    monkeypatch.undo()
    trace.write_text(HEADER + "0,1,get,1:1,5,0,1,\n1,1,get,1:1,6,0,1,\n")
    assert count_trace(cell, str(trace))["asked"] == 2


def test_files_share_a_memory_that_is_too_small_for_them(tmp_path: Path) -> None:
    """Two files of 64 MiB, read by turns in 16 MiB: neither is starved by the other."""
    trace = tmp_path / "t.csv.gz"
    rows = [f"{at},1,get,1:1,{file},{at},32," for at in range(0, 1 << 14, 32) for file in (1, 2)]
    trace.write_bytes(gzip.compress((HEADER + "\n".join(rows) + "\n").encode()))
    counts = count(trace, memory=16 << 20)
    assert counts["refused"] == 0
    assert counts["evictions"] > 0
    assert counts["brought_in"] >= 1 << 15
    assert counts["pages"] <= 4096


def test_faults_of_the_trace_are_counted() -> None:
    trace = read_trace(LMDB)
    counts = count(LMDB)
    assert counts["faults"] == int((trace.event == 3).sum())


# Samples ---------------------------------------------------------------------------------------


def test_rate_is_a_share_above_zero() -> None:
    assert (parse_rate("1%"), parse_rate("0.5"), parse_rate(1)) == (0.01, 0.5, 1.0)
    for text in ("0", "101%", "x", "-1%", "nan"):
        with pytest.raises(InputError, match=r"--sample: .* is no rate"):
            parse_rate(text)


def test_events_are_cut_where_blocks_end() -> None:
    trace = read_trace(SHA)
    row, index, pages = in_blocks(trace)
    assert (index >> np.uint64(9) == (index + pages - np.uint64(1)) >> np.uint64(9)).all()
    for number in (0, 100, 5000):
        mine = row == number
        parts = list(zip(index[mine].tolist(), pages[mine].tolist(), strict=True))
        assert parts[0][0] == trace.index[number]
        assert sum(n for _, n in parts) == max(trace.count[number], 1)
        assert all(a + n == b for (a, n), (b, _) in pairwise(parts))


def test_block_is_in_the_sample_or_not_whatever_the_order_of_files() -> None:
    index = np.arange(1000, dtype=np.uint64) << np.uint64(9)
    first = Sampler(0.3).chosen(["a", "b"], np.zeros(1000, np.uint32), index)
    second = Sampler(0.3).chosen(["b", "a"], np.ones(1000, np.uint32), index)
    assert (first == second).all()
    within = Sampler(0.3).chosen(["a"], np.zeros(1000, np.uint32), index + np.uint64(511))
    assert (first == within).all()
    other = Sampler(0.3).chosen(["b"], np.zeros(1000, np.uint32), index)
    assert (first != other).any()


def test_larger_sample_has_the_smaller_one_in_it() -> None:
    index = np.arange(4096, dtype=np.uint64) << np.uint64(9)
    few, many = (
        Sampler(rate).chosen(["a"], np.zeros(4096, np.uint32), index) for rate in (0.1, 0.4)
    )
    assert (many | ~few).all()
    assert abs(few.mean() - 0.1) < 0.03
    assert abs(many.mean() - 0.4) < 0.03


def test_hash_spreads_single_bits() -> None:
    ones = np.uint64(1) << np.arange(64, dtype=np.uint64)
    changed = mix(ones) ^ mix(np.zeros(1, np.uint64))
    assert 24 < np.unpackbits(changed.view(np.uint8)).sum() / 64 < 40


def test_stated_error_covers_the_truth_as_often_as_it_says() -> None:
    """Of 400 samples of one population about 95 in 100 are within 2 errors of the truth."""
    rng = np.random.default_rng(1)
    population = rng.integers(1, 513, 2000)
    near, total = 0, 0.0
    for _ in range(400):
        sample = population[rng.random(2000) < 0.1].tolist()
        found, error = estimate(sample, 0.1)
        near += abs(found - population.sum()) < 2 * error
        total += found
    assert 0.92 * 400 < near < 0.98 * 400
    assert abs(total / 400 / population.sum() - 1) < 0.01


def test_sample_of_a_trace_estimates_its_pages() -> None:
    truth = count(SHA)["pages"]
    counts = count(SHA, rate=0.5)
    assert counts["sample"] == 0.5
    assert abs(counts["estimated_pages"] - truth) < 3 * counts["error_pages"]
    assert counts["asked"] < 0.7 * count(SHA)["asked"]
    assert count(SHA, rate=0.5) == counts


def test_memory_of_a_sample_is_as_much_smaller() -> None:
    whole = count(SHA, memory=64 << 20)
    half = count(SHA, rate=0.5, memory=64 << 20)
    assert half["pages"] <= (32 << 20) / 4096 < whole["pages"]
