"""What a case needs is known before it is built: held against what was built."""

import numpy as np
import pytest

from pagecache import designs
from pagecache.errors import InputError
from pagecache.inputs import Folios, Input, bundled_path, generate, read_trace, runs_input
from pagecache.measure import need
from pagecache.measure.case import Row
from pagecache.measure.held import bytes_at_most, folios_of, nodes_at_most, pieces_of
from pagecache.measure.need import (
    check_fits,
    check_input_fits,
    check_struct_pages,
    design_bytes,
    design_folios,
    design_nodes,
    fits_optimised,
)
from pagecache.measure.subject import IndexSubject
from pagecache.measure.truth import Truth
from pagecache.page.frames import Frames
from pagecache.replaying.fitting import assign_frames, fit

GIB_PAGES = 1 << 18
NODES = {  # hugetlb-huge, hugetlb-4k-multi, hugetlb-4k-slots
    "64M": (1, 5, 261),
    "1G": (9, 65, 4_161),
    "2G": (17, 131, 8_323),
    "100G": (814, 6_503, 416_103),
    "1T": (8_323, 66_577, 4_260_881),
}
PAGES = {"64M": 1 << 14, "1G": GIB_PAGES, "2G": 2 << 18, "100G": 100 << 18, "1T": 1 << 28}


FORESEEN = [name for name in designs.names() if designs.find(name).nodes_foreseen]


def built_nodes(name: str, folios: Folios, huge_order: int = 9) -> int:
    design = designs.find(name)
    pfn, count = assign_frames(folios.order)
    frames = Frames(count)
    frames.make_folios(pfn, folios.order, tails=design.names_subpages)
    return IndexSubject(
        Row("x"), design, Truth(folios, pfn), frames, huge_order=huge_order
    ).warm_up()["nodes"]


@pytest.mark.parametrize("size", NODES)
def test_planned_nodes_are_the_known_ones(size: str) -> None:
    names = ("hugetlb-huge", "hugetlb-4k-multi", "hugetlb-4k-slots")
    found = [design_nodes(designs.find(name), PAGES[size], 9) for name in names]
    assert tuple(found) == NODES[size]


@pytest.mark.parametrize("name", FORESEEN)
@pytest.mark.parametrize("pages", [512, 64 << 9, 65 << 9, 4096 << 6])
def test_planned_nodes_of_a_file_are_those_built(name: str, pages: int) -> None:
    design = designs.find(name)
    folios = fit(design, generate("uniform", pages, 9).folios)
    planned = design_nodes(design, pages, 9)
    # A single entry at index 0 stands in the root, without a node.
    assert planned - built_nodes(name, folios) in ({0, 1} if pages == 512 else {0})
    assert design_folios(design, pages, 9) <= len(folios)


@pytest.mark.parametrize("name", [name for name in designs.names() if "hugetlb" in name])
def test_planned_nodes_of_1g_pages_are_those_built(name: str) -> None:
    folios = generate("uniform", 2 << 18, 18).folios
    assert design_nodes(designs.find(name), 2 << 18, 18) == built_nodes(name, folios, 18)


SOURCES = [
    read_trace(bundled_path("lmdb_stat_random")).input(),
    runs_input(["a", "b"], [[(k * 700, 3) for k in range(300)], [(5, 1)]], ()),
    generate("sparse", 1 << 17, 0, seed=3),
]


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
@pytest.mark.parametrize("name", FORESEEN)
@pytest.mark.parametrize("order", [None, "largest", 9])
def test_bounds_for_any_input_hold_and_are_close(
    source: Input, name: str, order: int | str | None
) -> None:
    design = designs.find(name)
    if order is not None and design.family != "thp":
        order = None
    folios = folios_of(source, design, order, 9)
    assert len(folios) <= pieces_of(source, design, order, 9) or design.family == "hugetlb"
    bound, built = nodes_at_most(folios, design, 9), built_nodes(name, folios)
    assert built <= bound <= built + 4 * len(folios.files)


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
@pytest.mark.parametrize("name", [name for name in designs.names() if name not in FORESEEN])
def test_bytes_planned_for_other_structures_are_enough(source: Input, name: str) -> None:
    """Their nodes are of several sizes, so that bytes a folio are planned."""
    design = designs.find(name)
    folios = folios_of(source, design, None, 9)
    pfn, count = assign_frames(folios.order)
    frames = Frames(count)
    frames.make_folios(pfn, folios.order, tails=False)
    subject = IndexSubject(Row("x"), design, Truth(folios, pfn), frames)
    subject.batch.populate(folios.file, folios.index, folios.order, pfn)
    taken = sum(index.index_bytes for index in subject.indexes)
    assert 0 < taken <= bytes_at_most(folios, design, 9)


def test_what_does_not_fit_is_refused_with_its_need(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(need, "available_bytes", lambda: 1 << 30)
    with pytest.raises(InputError) as caught:
        check_fits(("hugetlb-4k-slots",), PAGES["1T"], 9)
    # 2 x 4,260,881 nodes of 576 bytes, 524,288 folios of 80 and 400 MiB
    assert str(caught.value) == (
        "--size: needs 5 GiB of memory for the nodes and folios of hugetlb-4k-slots, and "
        "1 GiB is available; give a smaller --size or fewer --designs"
    )


def test_struct_pages_are_given_up_before_the_indexes(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("hugetlb-huge", "hugetlb-4k-multi")
    pages = PAGES["100G"]  # 1.56 GiB of struct pages; 404 MiB for the rest
    for free, backed in ((4 << 30, True), (3 << 30, False), (1 << 30, False)):
        monkeypatch.setattr(need, "available_bytes", lambda free=free: free)
        assert check_fits(names, pages, 9) is backed
    monkeypatch.setattr(need, "available_bytes", lambda: 400 << 20)
    with pytest.raises(InputError, match=r"^--size: needs 4\d\d\.\d+ MiB of memory"):
        check_fits(names, pages, 9)


def test_struct_pages_of_huge_pages_may_fit_as_the_vmemmap_optimisation_leaves_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """1 TiB: 16 GiB of struct pages, or 2 GiB for the heads of its 524,288 huge pages."""
    names, pages = ("hugetlb-huge", "hugetlb-4k-multi"), PAGES["1T"]
    for free, fits in ((20 << 30, True), (5 << 30, True), (4 << 30, False)):
        monkeypatch.setattr(need, "available_bytes", lambda free=free: free)
        assert not check_fits(names, pages, 9)
        assert fits_optimised(names, pages, 9) is fits
    monkeypatch.setattr(need, "available_bytes", lambda: 20 << 30)
    assert not fits_optimised(("hugetlb-huge", "thp-multi"), pages, 9)


def test_scattered_pages_at_a_large_order_need_their_struct_pages(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    source = runs_input(["a"], [[(k << 9, 1) for k in range(10_000)]], ())
    monkeypatch.setattr(need, "available_bytes", lambda: 1 << 30)
    arguments = (source, 9, "FILE", "fewer files")
    assert check_input_fits([Row("thp-multi")], *arguments)
    assert not check_input_fits([Row("thp-multi"), Row("thp-multi", 9)], *arguments)


def test_input_that_does_not_fit_names_its_place_and_need(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    index, order = np.zeros(1, np.uint64), np.full(1, 63, np.uint8)
    source = Input("x", Folios.one_file("x", index, order), draw=lambda rng, count: None)
    with pytest.raises(InputError) as caught:
        check_input_fits([Row("base-4k")], source, 9, "--trace", "a smaller --trace")
    text = str(caught.value)
    assert text.startswith("--trace: needs 640 EiB of memory for the nodes and folios of base-4k")
    assert text.endswith("; give a smaller --trace or fewer --designs")


def test_least_of_machine_and_cgroups_is_available(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(need, "cgroup_room", lambda: 3000)
    assert need.available_bytes() == 3000
    for room in (None, 1 << 80):
        monkeypatch.setattr(need, "cgroup_room", lambda room=room: room)
        assert 1 << 20 < need.available_bytes() < 1 << 60


def test_design_with_keys_in_struct_pages_is_refused_without_them() -> None:
    check_struct_pages([Row("thp-multi"), Row("base-4k")], "--size", "a smaller --size")
    with pytest.raises(InputError) as caught:
        check_struct_pages([Row("base-4k"), Row("page-hash")], "--size", "a smaller --size")
    assert str(caught.value) == (
        "--size: the struct pages do not fit in memory, and page-hash cannot do without them; "
        "give a smaller --size or leave it out"
    )


@pytest.mark.parametrize("name", ["page-hash", "page-hash-folio"])
def test_planned_bytes_of_a_page_hash_are_enough(name: str) -> None:
    design = designs.find(name)
    folios = fit(design, generate("uniform", 64 << 9, 9).folios)
    pfn, count = assign_frames(folios.order)
    frames = Frames(count)
    frames.make_folios(pfn, folios.order)
    subject = IndexSubject(Row("x"), design, Truth(folios, pfn), frames)
    assert 0 < subject.warm_up()["index_bytes"] <= design_bytes(design, 64 << 9, 9)
