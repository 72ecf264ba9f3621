"""What every event of every design does, counted."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pagecache import designs
from pagecache.comparing import compare
from pagecache.errors import InputError
from pagecache.measure.counting import count, events
from pagecache.measure.counting.events import NO_MEMORY, count_events
from pagecache.measure.counting.watch import CAN_WATCH, Watch, slots_within
from pagecache.measure.events import EVENTS, NEEDS
from pagecache.page.frames import Frames
from pagecache.report.gate import counted_more
from pagecache.report.render import to_html, to_text
from pagecache.results import Results, read_results

if not CAN_WATCH:
    pytest.skip("accesses can be counted on x86-64 alone", allow_module_level=True)
TIMED = [name for name in EVENTS if name != "index-load-unchained"]  # the same walk twice
Counted = dict[tuple[str, str], dict[str, float]]


@pytest.fixture(scope="module")
def results(request: pytest.FixtureRequest) -> Results:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(count, "count_instructions", lambda names: None)
        return compare(designs.names(), events=TIMED, counts=True)


@pytest.fixture(scope="module")
def counted(results: Results) -> Counted:
    return by_row(results)


def by_row(results: Results) -> Counted:
    return {
        (row.design, row.event): {k: v for k, v in row.counts.items() if k != "instructions"}
        for row in results
        if row.counts is not None
    }


def test_every_event_that_a_design_has_is_counted(results: Results) -> None:
    missing = {(row.design, row.event): row.left_out for row in results if row.counts is None}
    for (name, event), why in missing.items():
        design = designs.find(name)
        assert why == NEEDS["huge-folios" if event == "huge-fault" else event]
        assert (event in design.provides) is False
        assert event != "huge-fault" or max(design.orders) == 0


def test_table_in_the_documentation_is_what_is_counted(counted: Counted) -> None:
    """Its numbers come from `pagecache compare --counts --json` with all designs and events."""
    path = Path(__file__).parents[3] / "docs" / "results" / "counts.json"
    assert by_row(read_results(path)) == counted


@pytest.mark.parametrize("name", designs.names())
def test_lookup_takes_one_reference_and_puts_it(counted: Counted, name: str) -> None:
    get = counted[name, "get"]
    assert (get["taken"], get["put"]) == (1, 1)
    assert get["slot_writes"] == 0


@pytest.mark.parametrize("name", [n for n in designs.names() if designs.find(n).on_xarray])
def test_walk_alone_touches_no_struct_page(counted: Counted, name: str) -> None:
    walk = counted[name, "index-load"]
    assert (walk["page_lines"], walk["taken"], walk["put"]) == (0, 0, 0)


@pytest.mark.parametrize("name", [n for n in designs.names() if designs.find(n).on_xarray])
def test_lookup_reads_the_slot_again_before_and_after_it_takes_the_reference(
    counted: Counted, name: str
) -> None:
    assert counted[name, "get"]["slot_reads"] == counted[name, "index-load"]["slot_reads"] + 2


@pytest.mark.parametrize(
    ("name", "slots"),
    [
        ("hugetlb-huge", 1),
        ("hugetlb-4k-multi", 8),
        ("hugetlb-4k-wide", 1),
        ("hugetlb-4k-narrow", 1),
    ],
)
def test_slots_written_to_insert_a_huge_page(counted: Counted, name: str, slots: int) -> None:
    assert counted[name, "populate"]["slot_writes"] == slots


@pytest.mark.parametrize("name", designs.names())
def test_a_folio_goes_in_with_a_reference_a_page_and_comes_out_with_them(
    counted: Counted, name: str
) -> None:
    pages = 512 if max(designs.find(name).orders) >= 9 else 1
    assert counted[name, "populate"]["taken"] == counted[name, "truncate"]["put"] == pages


def test_counts_are_equal_in_every_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(count, "count_instructions", lambda names: None)
    first, second = (
        compare(["thp-multi", "maple-multi"], size="2M", events=TIMED, counts=True) for _ in "ab"
    )
    assert by_row(first) == by_row(second)


def test_larger_files_are_not_gone_over_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(count, "count_instructions", lambda names: None)
    monkeypatch.setattr(events, "MOST_WHOLE", 100)
    found = compare(["thp-multi"], size="2M", events=["get", "truncate"], counts=True)
    assert [row.left_out for row in found] == [None, events.TOO_LARGE]


def test_mappings_are_refused() -> None:
    with pytest.raises(InputError, match="--counts: it counts bare indexes; leave out --holes"):
        compare(holes=["zero-pages"], size="2M", counts=True)


def test_without_memory_behind_struct_pages_nothing_is_counted(make_case, make_job) -> None:
    bench = make_case(["thp-multi"], events=["index-load"], backed=False)
    subject = bench.bench(make_job(bench)).subjects[0]
    assert dict(count_events(subject, None)) == {"index-load": NO_MEMORY}


# The watch -------------------------------------------------------------------------------------


def test_watch_sees_each_access_and_nothing_once_it_stopped() -> None:
    frames = Frames(512)
    frames.make_folios(np.array([0], np.uint64), np.array([0], np.uint8))
    watch = Watch([], frames.range)
    watch.start()
    frames.refcount(0)
    frames.make_folios(np.array([3], np.uint64), np.array([0], np.uint8))
    found = watch.stop()
    frames.refcount(0)
    base = frames.range[0]
    assert {(int(each) - base) // 64 for each in found["address"]} == {0, 3}
    assert found["writes"][0] == 0
    assert found["writes"][1:].sum() > 0
    assert found["change"].sum() == 1  # frame 3 is held by one reference now


def test_watch_without_room_says_so() -> None:
    frames = Frames(512)
    watch = Watch([], frames.range, 1)
    watch.start()
    frames.refcount(0), frames.refcount(0)
    with pytest.raises(MemoryError, match="accesses, and room for 1; watch less at once"):
        watch.stop()


def test_slots_lie_within_their_nodes() -> None:
    spans = {name: slots_within(designs.find(name).make_pool()) for name in designs.names()}
    assert spans["thp-multi"] == spans["radix-2018"] == (40, 552, 576)
    assert spans["hugetlb-4k-narrow"] == (40, 104, 128)
    assert spans["maple-multi"] == (128, 256, 256)
    assert slots_within(None) == (0, 8, 8)  # every word, of what is not known


# What is made of them --------------------------------------------------------------------------


def test_table_shows_each_count_and_why_one_is_missing(results: Results) -> None:
    text = to_text(results)
    assert "counted, not timed" in text
    assert "left out, its folios are smaller than a huge page." in " ".join(text.split())
    assert "<td>hugetlb-huge</td>" in to_html(results)


def test_gate_fails_for_one_more_slot_read_and_passes_for_the_same(results: Results) -> None:
    assert counted_more(results, results, 0.0) == []
    row = next(row for row in results if (row.design, row.event) == ("thp-multi", "get"))
    more = replace(row, counts={**row.counts, "slot_reads": row.counts["slot_reads"] + 1})
    changed = Results({}, [more if each is row else each for each in results])
    (told,) = counted_more(results, changed, 0.0)
    assert told.startswith("slot reads of get of thp-multi on uniform 20 MiB: ")
    assert counted_more(changed, results, 0.0) == []  # fewer is no failure


@pytest.mark.parametrize(("after", "fails"), [(50.004, False), (51.0, True)])
def test_instructions_have_the_slack_of_an_environment(results, after: float, fails: bool) -> None:
    row = next(row for row in results if row.counts is not None)
    old, new = (
        Results({}, [replace(row, counts={**row.counts, "instructions": n})]) for n in (50.0, after)
    )
    assert bool(counted_more(old, new, 0.0)) == fails
