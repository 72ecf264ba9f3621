"""Recorded and written traces, replayed into the index of a design."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pagecache as pc
from pagecache.designs import Design, check_order
from pagecache.errors import InputError
from pagecache.inputs import ADD, DEL, Folios, Trace, read_trace
from pagecache.measure.loops import Batch
from pagecache.page.frames import Frames
from pagecache.replaying.fitting import assign_frames, fit
from pagecache.replaying.replay import replay

HEADER = "t_us,pid,ev,dev,ino,index,count,order\n"
FILE = "8:1/5"
Event = tuple[str, int, int]  # add or del, index, order
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """A trace of events on one file; "ino:add" is an event on another."""

    def events(*events: Event) -> Path:
        path = tmp_path / "t.csv"
        path.write_text(HEADER + "".join(f"{line(*event)}\n" for event in events))
        return path

    return events


def line(event: str, index: int, order: int) -> str:
    ino, _, name = event.rpartition(":")
    return f"0,1,{name},8:1,{ino or 5},{index},{1 << order},{order}"


@cache
def recorded_trace(path: Path) -> Trace:
    return read_trace(path)


def contents(design: Design, folios: Folios, huge_order: int = 9) -> dict[str, Any]:
    """What freshly built indexes of these folios hold, file by file."""
    return {
        name: content(design, folios.take(folios.file == number), huge_order)
        for number, name in enumerate(folios.files)
    }


def content(design: Design, folios: Folios, huge_order: int) -> dict[str, Any]:
    pfn, count = assign_frames(folios.order)
    frames = Frames(count, backed=design.needs_struct_pages)
    if frames.backed:
        frames.make_folios(pfn, folios.order)
    index = design.make(frames, huge_order=huge_order)
    zeros = np.zeros(len(folios), np.uint32)
    Batch([index]).populate(zeros, folios.index, folios.order, pfn)
    orders = {str(order): number for order, number in folios.orders().items()}
    return {
        "pages": folios.pages,
        "folios": len(folios),
        "nodes": index.nodes,
        "orders": orders,
    }


def test_replay_holds_what_the_kernel_held(recorded: tuple[Path, dict[str, Any]]) -> None:
    path, expected = recorded
    assert replay(path, "thp-multi").files == expected


@pytest.mark.parametrize("name", pc.designs.names())
def test_replay_into_any_design_equals_its_index_built_again(
    recorded: tuple[Path, dict[str, Any]], name: str
) -> None:
    design, trace = pc.designs.find(name), recorded_trace(recorded[0])
    folios = fit(design, trace.final_folios())
    assert replay(trace, name).files == contents(design, folios)


@pytest.mark.parametrize(
    ("name", "order"),
    [("base-4k", 0), ("thp-slots-subpage", 9), ("hugetlb-huge", 9)]
    + [("thp-multi", order) for order in (0, 2, 4, 5, 6, 9)],
)
def test_order_forced_on_a_recorded_trace_holds_every_block_with_a_cached_page(
    recorded: tuple[Path, dict[str, Any]], name: str, order: int
) -> None:
    trace = recorded_trace(recorded[0])
    folios = trace.final_folios().at_order(order)
    folios.check()
    assert replay(trace, name, order=order).files == contents(pc.designs.find(name), folios)


@pytest.mark.parametrize(
    ("name", "order"),
    [(f"thp-slots-{names}", order) for names in ("head", "subpage") for order in (0, 9)]
    + [("hugetlb-4k-multi", 9), ("hugetlb-4k-slots", 9), ("thp-multi", 11), ("thp-multi", 13)],
)
def test_order_forced_on_one_large_file_holds_every_block(name: str, order: int) -> None:
    trace = recorded_trace(pc.inputs.bundled_path("sha256sum_400mb"))
    folios = trace.final_folios().at_order(order)
    assert replay(trace, name, order=order).files == contents(pc.designs.find(name), folios)


def test_forced_gigabyte_pages_hold_every_block_with_a_cached_page() -> None:
    trace = read_trace(pc.inputs.bundled_path("sha256sum_400mb"))
    folios, design = trace.final_folios().at_order(18), pc.designs.find("hugetlb-huge")
    assert replay(trace, "hugetlb-huge", order=18).files == contents(design, folios, 18)


def test_totals_are_sums_over_the_files(recorded: tuple[Path, dict[str, Any]]) -> None:
    path, expected = recorded
    replayed = replay(str(path))
    assert replayed.design == "thp-multi"
    for what in ("pages", "folios", "nodes"):
        assert replayed.total(what) == sum(held[what] for held in expected.values()) > 0


REFUSED = [("base-4k", 9), ("thp-slots-head", 4), ("thp-slots-subpage", 1), ("thp-multi", 12)]


@pytest.mark.parametrize(("name", "order"), REFUSED)
def test_order_that_a_design_does_not_take_is_refused_in_one_line(
    write: Write, name: str, order: int
) -> None:
    refusal = f"^{name} takes no folios of order {order}; it takes 0"
    with pytest.raises(InputError, match=refusal) as caught:
        replay(write(("add", 0, 0)), name, order=order)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["hugetlb-huge", "hugetlb-4k-slots", "hugetlb-4k-multi"])
@pytest.mark.parametrize("order", [0, 5, 12])
def test_hugetlb_forced_to_an_order_of_no_huge_page_is_refused(
    write: Write, name: str, order: int
) -> None:
    with pytest.raises(InputError, match=name):
        replay(write(("add", 0, 0)), name, order=order)


def test_unknown_design_is_answered_with_the_nearest(write: Write) -> None:
    with pytest.raises(InputError, match=r"^unknown design 'thp-mutli'; did you mean thp-multi\?"):
        replay(write(("add", 0, 0)), "thp-mutli")


def test_check_order_takes_what_the_design_lists() -> None:
    for name in pc.designs.names():
        design = pc.designs.find(name)
        for order in design.orders_for(18):
            check_order(design, order, huge_order=18)
    with pytest.raises(InputError, match=r"^hugetlb-huge takes no folios of order 9; it takes 18$"):
        check_order(pc.designs.find("hugetlb-huge"), 9, huge_order=18)


def test_del_of_part_of_a_folio_leaves_its_buddies(write: Write) -> None:
    path = write(("add", 16, 4), ("del", 21, 0))
    held = {"pages": 15, "folios": 4, "nodes": 1, "orders": {"0": 1, "1": 1, "2": 1, "3": 1}}
    assert replay(path).files == {FILE: held}


def test_del_of_an_aligned_part_leaves_larger_buddies_whole(write: Write) -> None:
    path = write(("add", 512, 9), ("del", 768, 7))
    assert replay(path).files[FILE]["orders"] == {"7": 1, "8": 1}
    assert replay(path).files == contents(
        pc.designs.find("thp-multi"), read_trace(path).final_folios()
    )


def test_pieces_of_a_split_folio_can_go_one_by_one(write: Write) -> None:
    events = [("add", 16, 4), ("del", 21, 0), ("del", 24, 3), ("del", 16, 2), ("del", 22, 1)]
    held = {"pages": 1, "folios": 1, "nodes": 1, "orders": {"0": 1}}
    assert replay(write(*events)).files == {FILE: held}
    assert replay(write(*events, ("del", 20, 0))).total("pages") == 0


def test_del_of_the_first_page_of_a_folio_leaves_its_buddies(write: Write) -> None:
    path = write(("add", 0, 2), ("del", 0, 0))
    held = {"pages": 3, "folios": 2, "nodes": 1, "orders": {"0": 1, "1": 1}}
    assert replay(path).files == {FILE: held}


@pytest.mark.parametrize("name", ["thp-slots-head", "thp-slots-subpage"])
def test_del_of_part_of_a_huge_page_leaves_single_pages_where_nothing_lies_between(
    write: Write, name: str
) -> None:
    held = {"pages": 511, "folios": 511, "nodes": 9, "orders": {"0": 511}}
    assert replay(write(("add", 0, 9), ("del", 3, 0)), name).files == {FILE: held}


def test_replay_agrees_with_a_set_of_pages_on_random_overlaps(write: Write) -> None:
    trace = read_trace(write(*random_events(np.random.default_rng(12), 2000)))
    design = pc.designs.find("thp-multi")
    assert replay(trace).files == contents(design, trace.final_folios())


@pytest.mark.parametrize("order", [0, 2, 3, 5, 6])
def test_forced_order_agrees_with_a_set_of_pages_on_random_overlaps(
    write: Write, order: int
) -> None:
    """Adds over adds, dels of parts and of nothing: a block stays while a page of it does."""
    trace = read_trace(write(*random_events(np.random.default_rng(13), 2000)))
    files = replay(trace, order=order).files
    assert files == contents(pc.designs.find("thp-multi"), trace.final_folios().at_order(order))
    assert all(0 < held["folios"] < 192 for held in files.values())


def random_events(rng: np.random.Generator, count: int) -> list[Event]:
    """Adds and dels of aligned folios of two files, in 192 pages each."""
    order = rng.integers(6, size=count)
    index = (rng.integers(192, size=count) >> order) << order
    event = rng.choice(["5:add", "5:del", "6:add", "6:del"], size=count)
    return list(zip(event.tolist(), index.tolist(), order.tolist(), strict=True))


def test_add_takes_the_place_of_what_it_overlaps(write: Write) -> None:
    path = write(("add", 4, 0), ("add", 6, 1), ("add", 4, 2))
    assert replay(path).files[FILE]["orders"] == {"2": 1}


def test_del_of_what_was_never_added_is_dropped(write: Write) -> None:
    path = write(("4:del", 3, 0), ("add", 8, 3), ("del", 64, 6), ("del", 0, 0))
    for order in (None, 3):
        held = {"pages": 8, "folios": 1, "nodes": 1, "orders": {"3": 1}}
        assert replay(path, order=order).files == {FILE: held}


def test_emptied_file_stays_listed_with_zeros(write: Write) -> None:
    path = write(("add", 0, 0), ("del", 0, 0), ("6:add", 1, 0))
    nothing = {"pages": 0, "folios": 0, "nodes": 0, "orders": {}}
    one = {"pages": 1, "folios": 1, "nodes": 1, "orders": {"0": 1}}
    assert replay(path, "base-4k").files == {FILE: nothing, "8:1/6": one}


def test_block_leaves_with_the_last_of_its_pages_and_may_come_back(write: Write) -> None:
    events = [("add", 1, 0), ("add", 2, 0), ("del", 1, 0)]
    assert replay(write(*events), order=2).total("pages") == 4
    assert replay(write(*events, ("del", 2, 0)), order=2).total("pages") == 0
    again = [*events, ("del", 2, 0), ("add", 3, 0)]
    assert replay(write(*again), order=2).total("folios") == 1


def test_folio_above_every_order_of_a_design_enters_in_pieces(write: Write) -> None:
    path = write(("add", 0, 12))
    assert replay(path).files[FILE]["orders"] == {"11": 2}
    assert replay(path, "thp-slots-head").files[FILE]["orders"] == {"9": 8}
    assert replay(path, "base-4k").files[FILE]["orders"] == {"0": 4096}


def test_folio_at_the_end_of_the_index_is_counted_once(write: Write) -> None:
    path = write(("add", 2**64 - 1, 0))
    assert replay(path).files[FILE]["folios"] == 1


def test_trace_without_events_on_the_cache_holds_nothing(write: Write) -> None:
    path = write(("del", 0, 0))
    assert replay(path).files == {}


def test_trace_of_accesses_alone_adds_each_page_once(tmp_path: Path) -> None:
    path = tmp_path / "blocks.lis"
    path.write_text("64 2 0 0\n65 1 0 1\n0 1 0 2\n")
    assert replay(path, "base-4k", format="arc").files == {
        "blocks": {"pages": 3, "folios": 3, "nodes": 3, "orders": {"0": 3}}
    }
    assert replay(path, "thp-multi", order=4, format="arc").files["blocks"]["orders"] == {"4": 2}
    assert replay(path, "base-4k", format="arc:8192").files["blocks"]["pages"] == 6


def test_trace_in_memory_replays_like_its_file(write: Write) -> None:
    path = write(("add", 0, 1), ("del", 0, 0))
    trace = read_trace(path)
    assert isinstance(trace, Trace)
    assert trace.event.tolist() == [ADD, DEL]
    assert replay(trace, "base-4k") == replay(path, "base-4k")


def test_doubts_of_a_trace_are_those_of_its_replay(write: Write) -> None:
    sound = replay(write(("add", 0, 0), ("del", 0, 0)))
    assert (sound.doubts, "doubt" in repr(sound)) == ((), False)
    path = write(("add", 0, 0), ("add", 0, 0), ("del", 9, 0))
    found = replay(path, "base-4k")
    assert found.doubts == read_trace(path).doubts()
    assert [text.split(":")[1] for text in found.doubts] != []
    assert repr(found).endswith("0 nodes; 2 doubts>")


def test_repr_of_many_files_is_one_line(write: Write) -> None:
    path = write(*((f"{ino}:add", 0, 0) for ino in range(100, 160)))
    shown = repr(replay(path, "thp-multi"))
    assert shown == "<Replayed into thp-multi: 60 files, 60 pages, 60 folios, 0 nodes>"
