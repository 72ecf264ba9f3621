"""One case of mappings in this process: counts that are exact, and answers that are checked."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import pagecache as pc
from pagecache.errors import WrongAnswer
from pagecache.measure.case import AGAIN, CLEARING, HARNESS, Job, Row
from pagecache.measure.choices import Choice, Setting
from pagecache.measure.crossed_plan import Crossing, crossed_cases
from pagecache.measure.mapping_bench import MappingBench, MappingCase
from pagecache.measure.mapping_subject import MappingSubject, run
from pagecache.measure.plan import Options

MIB = 1 << 20
SPARSE = Setting(64 * MIB, [[0, 32 * MIB]], 128 * MIB)


def one_case(size: str = "8M", **given: object) -> MappingCase:
    (case,) = crossed_cases(Crossing(**given), Options(rounds=2), size=size)
    return case


def make_bench(case: MappingCase, *, aged: bool = False) -> MappingBench:
    return MappingBench(case, Job((case,), seed=3, process=0, cpu=0, aged=aged))


def counted(case: MappingCase) -> dict[str, dict]:
    return {str(case.all_rows[one["row"]]): one for one in make_bench(case).counts()}


def test_sparse_gib_read_whole_takes_262144_pages_or_one_node() -> None:
    found = counted(one_case("1G", holes=("zero-pages", "zero-entries", "no-entry"), hole_share=1))
    pages = {name.split()[-1]: record["pages"] for name, record in found.items()}
    nodes = {name.split()[-1]: record["nodes"] for name, record in found.items()}
    assert pages == {"zero-pages": 262144, "zero-entries": 0, "no-entry": 0,
                     str(AGAIN): 262144, str(HARNESS): 262144}  # fmt: skip
    assert (nodes["zero-entries"], nodes["no-entry"]) == (1, 0)
    assert found["thp-multi zero-entries"]["counted"]["zero_entries"] == 1
    assert found["thp-multi zero-pages"]["counted"]["frames"] == 262144


def test_scattered_memory_refuses_compound_and_makes_fallback_fall_back() -> None:
    setting = replace(SPARSE, holes=[], memory=128 * MIB, fragment=["keep-one-of", 8, 1.0])
    found = {
        policy: MappingSubject(Row(policy), Choice(alloc=policy, block="64K"), setting, 1).warm_up(
            np.zeros(0, np.uint64)
        )
        for policy in ("compound", "fallback", "pages", "min-order")
    }
    for policy in ("compound", "min-order"):
        assert found[policy]["counted"]["oom_share"] == 1
        assert found[policy]["pages"] == found[policy]["counted"]["frames"] == 0
    assert found["fallback"]["counted"]["oom_share"] == 0
    assert found["fallback"]["counted"]["folios_by_order"] == {"2": 4096}
    assert found["pages"]["counted"]["folios_by_order"] == {"0": 16384}


def test_counts_are_equal_in_every_process() -> None:
    case = one_case(holes=("zero-pages", "zero-entries"), fragment="keep-one-of:8:50%")
    jobs = [Job((case,), seed=3, process=k, cpu=0) for k in (0, 1)]
    first, second = (list(MappingBench(case, job).counts()) for job in jobs)
    for record in (*first, *second):
        record.pop("huge_share")
    assert first == second


def test_every_row_has_every_event_in_every_round(times_of: Any) -> None:
    case = one_case(alloc=("compound", "fallback"), entries=("pointers", "pfns"))
    bench = make_bench(case, aged=True)
    list(bench.counts())
    rounds = list(bench.rounds(1e9))
    assert len(rounds) == 2
    for record in rounds:
        times = times_of(case, record)
        assert set(times) == set(map(str, case.all_rows))
        for row, timings in times.items():
            expected = ["fill"] if row == str(CLEARING) else sorted(case.events)
            assert sorted(event for event, _, _ in timings) == expected


def test_file_without_a_hole_leaves_first_writes_out(times_of: Any) -> None:
    case = one_case(holes=("zero-pages",), hole_share=0)
    bench = make_bench(case)
    record = next(iter(bench.counts()))
    assert record["reasons"] == {"first-write": "the file has no hole of a block"}
    (times, _) = (times_of(case, record) for record in bench.rounds(1e9))
    assert "first-write" not in {event for event, _, _ in times["thp-multi"]}


def test_first_writes_split_a_zero_entry_and_are_counted() -> None:
    subject = MappingSubject(
        Row("a"), Choice(holes="zero-entries"), replace(SPARSE, holes=[[0, 64 * MIB]]), 1
    )
    record = subject.warm_up(np.array([5], np.uint64))
    found = record["counted"]
    assert (record["nodes"], record["pages"], found["zero_entries"]) == (1, 0, 1)
    assert (found["writes"], found["writes_refused"], found["pages_written"]) == (1, 0, 1)
    assert found["nodes_written"] == 3


@pytest.mark.parametrize("size", [1, 4097, 5 * MIB + 1])
@pytest.mark.parametrize("block", ["4K", "64K", "2M"])
def test_files_that_end_within_a_block_are_right(size: int, block: str) -> None:
    setting = Setting(size, [], 64 * MIB)
    subject = MappingSubject(Row("a"), Choice(block=block), setting, 1)
    record = subject.warm_up(np.zeros(0, np.uint64))
    unit = pc.File(block, block=block).pages
    assert record["pages"] == -(-setting.pages // unit) * unit


# Wrong answers ---------------------------------------------------------------------------------


@pytest.fixture
def subject() -> MappingSubject:
    return MappingSubject(Row("some row"), Choice(holes="zero-entries"), SPARSE, 1)


def test_extents_that_are_not_the_files_are_found(subject: MappingSubject) -> None:
    subject.hole = ~subject.hole
    with pytest.raises(WrongAnswer, match=r"^some row: pages missing: answered 8192, expected 0"):
        subject.warm_up(np.zeros(0, np.uint64))


def test_wrong_content_names_its_page(subject: MappingSubject) -> None:
    mapping = subject.fresh(content=True)
    subject.fill(mapping)
    truth = np.where(subject.hole, 0, np.arange(1, 16385)).astype(np.uint64)
    subject.check_content(mapping, "fill", truth)
    truth[9000] = 7
    with pytest.raises(WrongAnswer, match=r"^some row: fill, page 9000: answered 9001, expected 7"):
        subject.check_content(mapping, "fill", truth)


def test_read_that_answers_other_frames_is_an_error(subject: MappingSubject) -> None:
    mapping = subject.fresh()
    filled, frames = subject.fill(mapping), subject.frames(mapping)
    subject.check_fill(filled, frames)
    frames[10000] += 1
    with pytest.raises(WrongAnswer, match=r"^some row: fill: answered \d+, expected \d+"):
        subject.check_fill(filled, frames)


def test_frame_that_does_not_come_back_is_an_error(subject: MappingSubject) -> None:
    mapping = subject.fresh()
    mapping.read(32 * MIB, 4096)
    with pytest.raises(WrongAnswer, match=r"^some row: frames that came back"):
        subject.check_all_free()


def test_refused_operations_are_told_and_the_others_run() -> None:
    memory = pc.Memory("64K", policy="compound", min_free=0)
    mapping = pc.Mapping(memory=memory, file=pc.File("1M"), readahead_kb=0)
    index = np.arange(20, dtype=np.uint64)
    ran = run(mapping, "read", index, np.ones_like(index))
    assert ran.refused.tolist() == [False] * 16 + [True] * 4
    assert mapping.pages == 16
    mapping.check()
    again = run(mapping, "read", index[:16], np.ones_like(index[:16]))
    assert not again.refused.any()
