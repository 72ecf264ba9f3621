"""The comparison on the kernel: what it counts is right, and nothing stays behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import pagecache as pc
from pagecache import designs
from pagecache.errors import InputError
from pagecache.live import detached, timing
from pagecache.live import experiment as module
from pagecache.live.experiment import EVENTS, Measured, experiment, rows
from pagecache.measure.loops import Batch

from .conftest import hears_ctrl_c

SIZE = 8 << 20


@pytest.fixture(scope="module")
def measured() -> list[Measured]:
    found = experiment(SIZE, rounds=2, seed=3)
    if found[0].left_out:
        pytest.skip(found[0].left_out)
    return found


def mounts() -> str:
    return Path("/proc/self/mountinfo").read_text()


def pool() -> list[str]:
    """Huge pages in all, free and reserved."""
    return [(detached.POOL / f"{name}_hugepages").read_text() for name in ("nr", "free", "resv")]


def test_files_in_pages_and_in_huge_pages_have_the_models_nodes(measured, may_walk) -> None:
    never, always, _ = measured
    assert (never.nodes, never.model_nodes, never.orders) == (33, 33, {"0": 2048})
    if always.orders == {"9": 4}:
        assert (always.nodes, always.model_nodes) == (1, 1)


def test_each_event_is_timed_in_each_round(measured) -> None:
    for one in measured[:2]:
        assert [set(times) for times in one.kernel] == [set(EVENTS)] * 2
        assert [set(times) for times in one.model] == [set(EVENTS)] * 2
        assert all(ns > 0 for times in one.kernel + one.model for ns in times.values())


def test_ratios_are_made_within_a_round() -> None:
    found = [Measured(subject) for subject in module.SUBJECTS]
    found[0].kernel = [{"mincore": 10.0}, {"mincore": 20.0}, {"mincore": 40.0}]
    found[1].kernel = [{"mincore": 5.0}, {"mincore": 2.0}, {"mincore": 10.0}]
    found[2].left_out = "no pool"
    by_name = {(row["file"], row["event"]): row for row in rows(found)}
    always = by_name["tmpfs huge=always", "mincore"]
    assert always["kernel"] == {"ns": 5.0, "ratio": 0.25, "ratio_low": 0.1, "ratio_high": 0.5}
    assert (always["model"], by_name["hugetlbfs", "mincore"]["left_out"]) == (None, "no pool")
    assert always["model_to_kernel"] is None


def test_models_are_held_against_the_kernel_round_by_round() -> None:
    """A machine that is half as fast for one of the files is so for its model as well."""
    found = [Measured(subject) for subject in module.SUBJECTS]
    found[0].kernel = [{"mincore": 10.0}, {"mincore": 20.0}, {"mincore": 10.0}]
    found[0].model = [{"mincore": 4.0}, {"mincore": 8.0}, {"mincore": 4.0}]
    found[1].kernel = [{"mincore": 5.0}, {"mincore": 5.0}, {"mincore": 10.0}]
    found[1].model = [{"mincore": 2.2}, {"mincore": 2.2}, {"mincore": 4.4}]
    found[2].kernel, found[2].left_out = [{"mincore": 5.0}], "the pool was taken"
    by_name = {(row["file"], row["event"]): row for row in rows(found)}
    assert by_name["tmpfs huge=always", "mincore"]["model_to_kernel"] == pytest.approx(1.1)
    assert by_name["tmpfs huge=never", "mincore"]["model_to_kernel"] == 1
    assert by_name["hugetlbfs", "mincore"]["kernel"]["ratio"] == 0.5


def test_hugetlbfs_takes_part_where_there_is_a_pool(huge_pages, may_walk) -> None:
    before = pool()
    hugetlbfs = experiment(SIZE, rounds=1)[2]
    assert (hugetlbfs.left_out, hugetlbfs.orders, hugetlbfs.nodes) == (None, {"9": 4}, 1)
    assert set(EVENTS) - set(hugetlbfs.kernel[0]) == {"cachestat", "mincore"}
    assert pool() == before


def test_pool_that_is_too_small_is_left_as_it_is(measured, monkeypatch) -> None:
    monkeypatch.setattr(detached, "_free_huge_pages", lambda: 3)
    with pytest.raises(InputError, match="3 free huge pages of the 4 wanted"):
        detached.hugetlb_file(SIZE)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_nothing_is_left_when_it_is_killed(measured, number: int) -> None:
    before = mounts()
    code = "from pagecache.cli import main; import sys; sys.exit(main())"
    command = [sys.executable, "-c", code, "live", "--experiment", "--rounds", "1000"]
    command += ["--size", "8M"]
    child = subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=-1,
        preexec_fn=hears_ctrl_c,  # noqa: PLW1509 - the tests run in one thread
    )
    deadline = time.monotonic() + 30
    while not _has_unnamed_file(child.pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert _has_unnamed_file(child.pid)
    child.send_signal(number)
    child.communicate()
    assert child.returncode != 0
    assert mounts() == before


def _has_unnamed_file(pid: int) -> bool:
    try:
        links = [os.readlink(path) for path in Path(f"/proc/{pid}/fd").iterdir()]
    except OSError:
        return False
    return any("(deleted)" in link for link in links)


def test_loops_answer_what_they_did(tmp_path: Path) -> None:
    index = designs.make("thp-multi")
    every = np.arange(1024, dtype=np.uint64)
    index.frames.make_folios(np.array([512], np.uint64), np.array([9], np.uint8))
    index.insert_folio(0, 9, pfn=512)
    assert timing.model_gets(index, every)[1] == 512
    assert timing.model_truncate(index)[1] == 512
    path = tmp_path / "file"
    path.write_bytes(bytes(9000))
    with path.open("r+b") as file:
        assert timing.preads(file.fileno(), np.array([0, 8999, 9000], np.uint64))[1] == 2
        assert timing.cachestats(file.fileno())[1] == 3
        timing.truncates(file.fileno())
    assert path.stat().st_size == 0
    with pytest.raises(OSError, match="failed"):
        timing.preads(-1, every)
    with pytest.raises(ValueError, match="1 bytes do not hold 2 pages"):
        timing.mincores(bytearray(8192), bytearray(1))


def test_usual_time_is_that_of_warm_caches() -> None:
    assert module._usual([(900, 7), (20, 7), (10, 7), (30, 7)], 7) == 20
    with pytest.raises(InputError, match="6 of 7 pages were cached; give a smaller --size"):
        module._usual([(10, 7), (10, 6)], 7)


@pytest.mark.parametrize("name", ["base-4k", "thp-multi"])
def test_model_of_cachestat_counts_what_the_kernel_counts(name: str) -> None:
    """Cached and dirty pages of folios of many orders, from the first to each that may be last."""
    rng, index = np.random.default_rng(1), designs.make(name)
    order = rng.integers(13, size=40).astype(np.uint8) if name == "thp-multi" else np.zeros(40, int)
    first = np.arange(40, dtype=np.uint64) << np.uint64(12)
    index.frames.make_folios(first, order.astype(np.uint8))
    for at, of in zip(first.tolist(), order.tolist(), strict=True):
        index.insert_folio(at, of, pfn=at)
    dirty = first[::3].copy()
    Batch([index]).mark(np.zeros(len(dirty), np.uint32), dirty)
    counted = np.zeros(41 << 12, np.int64)
    for at, of in zip(first.tolist(), order.tolist(), strict=True):
        counted[at : at + (1 << of)] += 2 if at in dirty else 1
    for last in (0, 1, 4095, 4096, 5000, 100_000, len(counted) - 1, (1 << 64) - 1):
        assert timing.model_cachestat(index, last)[1] == counted[: last + 1].sum()


def test_model_of_cachestat_counts_what_was_reclaimed() -> None:
    mapping = pc.Mapping(index="thp-multi", file=pc.File("1M"))
    mapping.read(0, "1M")
    assert timing.model_cachestat(mapping.index, 255)[1] == 256
    mapping.evict(0, "64K")
    assert (mapping.pages < 256, mapping.shadows > 0) == (True, True)
    assert timing.model_cachestat(mapping.index, 255)[1] == 256


@pytest.mark.parametrize("size", [0, 4096, 3 << 20, 1 << 60])
def test_sizes_that_cannot_be_are_refused(size: int) -> None:
    with pytest.raises(InputError, match="--size"):
        experiment(size)
