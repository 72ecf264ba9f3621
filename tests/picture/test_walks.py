"""Walks: read by the structures themselves, drawn as the essays draw them."""

import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

import pagecache as pc
from pagecache import explaining
from pagecache.designs.contract import PageIndex
from pagecache.errors import InputError
from pagecache.page.frames import Frames
from pagecache.picture.nodes import KINDS
from pagecache.picture.svg import COLOURS
from pagecache.picture.text import PLURALS

ROOT = Path(__file__).parents[2]
ESSAY = (ROOT / "pagecache" / "xarray" / "walk.pxd").read_text("utf-8")
PROPOSAL = (ROOT / "pagecache" / "structures" / "maple_proposal" / "walk.pxd").read_text("utf-8")
EVERY = pc.designs.names()
LOCKED = ("page-hash", "page-hash-folio")
DESIGNS = [name for name in EVERY if pc.designs.find(name).layout.walk is not PageIndex.walk]


def block(first: str, last: str) -> str:
    """The lines of the essay from one to another, indented as they are there."""
    found = re.search(rf"^ *{re.escape(first)}.*?{re.escape(last)}[^\n]*$", ESSAY, re.M | re.S)
    assert found is not None
    return found[0]


def test_essay_is_what_the_walk_of_its_index_draws() -> None:
    drawn = block("head --> node shift 12", "the entry")
    assert drawn.count("\n") == 6
    found = str(pc.explain(0x1234, "base-4k"))
    assert drawn in found
    assert "Index 0x1234 = 4660 = (1, 8, 52) in digits of 6 bits:" in found
    assert "Index 0x1234 = 4660 = (1, 8, 52) in digits of 6 bits:" in ESSAY


def test_essay_draws_the_slots_of_a_huge_page_as_the_walk_does() -> None:
    drawn = block("node shift 6   slot:   8", "s8   s8   s8   s8   s8   s8   s8")
    assert drawn.count("\n") == 1
    assert drawn in str(pc.explain(700, "thp-multi", order=9))


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("index", [0, 63, 64, 700, 0x1234, (1 << 30) + 5])
def test_walk_ends_at_the_frame_that_a_lookup_finds(design: str, index: int) -> None:
    found = pc.explain(index, design)
    assert found.walk.found is not None
    frame = int(re.search(r"page \d+ is frame (\d+)", found.then)[1])  # type: ignore[index]
    named = int(found.walk.found.holds.removeprefix("frame "))
    first = pc.designs.find(design)
    order = int(re.search(r"folio of order (\d+)", found.cached)[1])  # type: ignore[index]
    assert named in {frame, frame - index % (1 << order)}
    assert first.names_subpages or named == frame - index % (1 << order)


@pytest.mark.parametrize("design", DESIGNS)
def test_walk_visits_as_many_nodes_as_the_tree_is_high(design: str) -> None:
    order = min(pc.designs.find(design).orders)
    index = fill(design, order, 600)
    if not hasattr(index, "height"):
        pytest.skip("the structure has no height")
    found = pc.designs.find(design)
    above = found.entry_order(order) // found.chunk_shift if found.on_xarray else 0
    walk = index.walk(599 << order)
    assert len(walk.nodes) == index.height - above  # large entries lie above the leaves
    assert walk.found.holds == f"frame {index.named(599 << order)}"


def fill(design: str, order: int, folios: int) -> PageIndex:
    found = pc.designs.find(design)
    return explaining.fill(
        found, [number << order for number in range(folios)], order, max(order, 9)
    )


@pytest.mark.parametrize("design", DESIGNS)
def test_walk_to_what_is_not_cached_ends_at_nothing(design: str) -> None:
    found = pc.explain(1 << 40, design, size="4M")
    assert found.walk.found is None
    assert "Nothing is cached there" in found.then


@pytest.mark.parametrize(
    ("design", "order"),
    [
        ("base-4k", 0),
        ("thp-multi", 0),
        ("radix-2018", 0),
        ("hugetlb-huge", 9),
        ("maple-multi", 9),
        ("maple-proposal", 9),
        ("maple-proposal", 0),
    ],
)
def test_reader_in_a_node_that_is_freed_begins_again(design: str, order: int) -> None:
    found = pc.explain(0, design, order=order, meanwhile="truncate")
    assert found.walk.restarts == 1
    assert "began again once" in found.then
    kinds = [step.slot.kind for step in found.walk.steps if step.slot is not None]
    met = kinds.index("retry")
    plain = pc.explain(0, design, order=order)
    after = [step.slot for step in found.walk.steps[met + 1 :]]
    assert after == [step.slot for step in plain.walk.steps]
    assert "retry: the node is freed, begin again" in str(found)


def test_proposal_is_walked_as_its_essay_draws_it() -> None:
    frames = Frames(1024)
    heads = np.array([*range(39), 512], np.uint64)
    frames.make_folios(heads, np.array([0] * 39 + [9], np.uint8))
    index = pc.designs.find("maple-proposal").make(frames, huge_order=9)
    for page in range(39):
        index.insert_folio(page, 0, page)
    index.insert_folio(512, 9, 512)
    walk = index.walk(700)
    assert [node.name for node in walk.nodes] == ["inner node", "leaf"]
    assert [slot.last for slot in walk.nodes[0].slots] == [27, (1 << 64) - 1]
    assert "Pages 0-38 cached one by one, a folio of 2 MiB at 512; index 700" in PROPOSAL
    assert [slot.last for slot in walk.nodes[1].slots][-4:] == [38, 511, 1023, (1 << 64) - 1]
    assert walk.found.holds == "frame 512"
    assert (walk.steps[-1].slot.first, walk.steps[-1].slot.last) == (512, 1023)
    dense = index.walk(5)
    assert [node.name for node in dense.nodes] == ["inner node", "dense leaf"]
    assert (dense.steps[-1].how, dense.found.holds) == ("5 - 0", "frame 5")
    assert [slot.number for slot in dense.nodes[1].slots] == list(range(28))


def test_proposal_says_that_an_index_lies_outside_of_the_window() -> None:
    proposal = pc.designs.find("maple-proposal")
    index = explaining.fill(proposal, [60, 61], 0, 9)
    assert index.walk(84).steps[-1].how == "84 - 56 is above 27"
    assert index.walk(55).steps[-1].how == "55 is below 56"
    assert index.walk(57).steps[-1].slot.kind == "nothing"
    assert index.walk(84).found is index.walk(55).found is index.walk(57).found is None
    empty = explaining.fill(proposal, [], 0, 9)
    assert empty.walk(0).found is None


def test_trie_is_walked_as_its_essay_draws_it() -> None:
    index = explaining.fill(pc.designs.find("pctrie-4k"), [0x1234, 0x1239, 0x50000], 0, 9)
    walk = index.walk(0x1239)
    assert [step.slot.number for step in walk.steps] == [0, 9]
    assert [(node.name, len(node.slots)) for node in walk.nodes] == [
        ("owner 0x0, level 16", 2),
        ("owner 0x1230, level 0", 2),
    ]
    assert walk.found.holds == "frame 1"
    assert [step.how for step in walk.steps] == ["4665 >> 16", "4665 - 4656"]


def test_trie_compares_the_key_at_the_leaf_and_says_what_no_node_covers() -> None:
    index = explaining.fill(pc.designs.find("pctrie-4k"), [0x1234, 0x1239, 0x50000], 0, 9)
    for wanted in (0x50001, 0x1235, 0x1240, 1 << 20):
        walk = index.walk(wanted)
        assert walk.found is None
        assert index.named(wanted) is None
    assert index.walk(0x50001).steps[-1].slot.holds == "key 327680"
    assert "key 327680: another" in str(index.walk(0x50001))
    assert index.walk(0x1240).steps[-1].how == "4672 - 4656 is above 15"


def test_reader_in_a_freed_node_of_the_trie_reads_on() -> None:
    found = pc.explain(0, "pctrie-4k", meanwhile="truncate")
    assert found.walk.restarts == 0
    assert found.walk.found.holds == "frame 0"
    assert "own index again" in found.then


def test_chain_of_a_page_hash_is_read_up_to_the_entry_or_its_end() -> None:
    index = explaining.fill(pc.designs.find("page-hash"), [5], 0, 9)
    assert [step.slot.kind for step in index.walk(5).steps] == ["entry"]
    # Few buckets: some other index has that of the one entry.
    walks = (index.walk(other) for other in range(6, 1 << 20))
    missed = next(walk for walk in walks if len(walk.steps) > 1)
    assert [(step.slot.kind, step.slot.holds) for step in missed.steps] == [
        ("other", "index 5"),
        ("nothing", "nothing"),
    ]
    assert missed.found is None


def test_page_hash_tries_a_chain_for_each_order_that_it_has() -> None:
    frames = Frames(1024)
    frames.make_folios(np.array([0, 512], np.uint64), np.array([9, 0], np.uint8))
    index = pc.designs.find("page-hash-folio").make(frames, huge_order=9)
    index.insert_folio(512, 9, 0)
    index.insert_folio(7, 0, 512)
    walk = index.walk(700)
    names = [node.name.partition(",")[0] for node in walk.nodes]
    assert names == ["chain of order 0", "chain of order 9"]
    assert walk.found.holds == "frame 0"
    assert str(walk).count("table --> ") == 2
    assert [node.name.partition(",")[0] for node in index.walk(7).nodes] == names[:1]


def test_reader_whose_way_leads_past_the_freed_node_reads_on() -> None:
    found = pc.explain(64, "base-4k", size="1M", meanwhile="truncate")
    assert found.walk.restarts == 0
    assert found.walk.found is not None


@pytest.mark.parametrize(
    ("holes", "kind", "holds"),
    [
        ("zero-entries", "value", "zero entry"),
        ("zero-pages", "entry", r"frame \d+"),
        ("no-entry", None, None),
    ],
)
def test_hole_is_found_as_its_policy_keeps_it(
    holes: str, kind: str | None, holds: str | None
) -> None:
    found = pc.explain(700, "thp-multi", holes=holes)
    if kind is None:
        assert found.walk.found is None
    else:
        assert found.walk.found is not None
        assert found.walk.found.kind == kind
        assert re.fullmatch(str(holds), found.walk.found.holds)


def test_reserved_slot_is_read_and_counts_as_nothing() -> None:
    xa = pc.XArray()
    xa.store(1, 7)
    xa.reserve(5)
    walk = xa.walk(5)
    assert walk.steps[-1].slot.kind == "reserved"
    assert walk.found is None
    assert "reserved: reads as nothing" in str(walk)


def test_subtree_replaced_under_the_reader_sends_it_back() -> None:
    xa = pc.XArray()
    for index in range(512, 1024, 64):
        xa.store(index, index)
    walk = xa.walk(512, between=lambda: xa.store(512, 9, order=9))
    assert walk.restarts == 1
    assert walk.found.holds == "value 9"
    assert [step.slot.number for step in walk.steps] == [8, 0, 8]  # node, retry, the new entry


def test_exception_of_the_writer_reaches_the_caller() -> None:
    xa = pc.XArray()
    xa.store(5, 1)

    def fail() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        xa.walk(5, between=fail)
    xa.check()


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("options", [{}, {"meanwhile": "truncate"}, {"size": "4M"}])
def test_picture_is_well_formed_and_outlines_what_was_read(
    design: str, options: dict[str, str]
) -> None:
    if "meanwhile" in options and design in LOCKED:
        with pytest.raises(InputError, match="holds the lock of the table"):
            pc.explain(0, design, **options)
        return
    found = pc.explain(0, design, **options)
    tree = ElementTree.fromstring(found._repr_svg_())
    width = float(tree.get("width", "0"))
    assert width == 800
    outlined = [each for each in tree.iter() if each.get("stroke-width") == "2"]
    assert len(outlined) == sum(step.node is not None for step in found.walk.steps)
    for each in tree.iter():
        assert 0 <= float(each.get("x", "0")) <= width
    told = " ".join(each.text or "" for each in tree.iter())
    assert found.walk.found is not None
    assert found.walk.found.holds in told


def test_design_that_does_not_tell_its_walk_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert set(DESIGNS) == set(pc.designs.names())
    silent = replace(pc.designs.find("base-4k"), layout=PageIndex)
    monkeypatch.setattr(explaining, "find", lambda name: silent)
    with pytest.raises(
        InputError, match="--design: base-4k tells nothing of its walk; give another"
    ):
        pc.explain(1, "base-4k")


def test_every_kind_of_slot_has_a_colour_and_a_plural() -> None:
    assert set(KINDS) == set(COLOURS) == set(PLURALS)


def test_small_tree_is_drawn_with_every_node_and_slot() -> None:
    xa = pc.XArray()
    for index in (0, 5, 64, 4096, 4160):
        xa.store(index, index)
    tree = ElementTree.fromstring(xa._repr_svg_())
    text = [each.text or "" for each in tree.iter() if each.tag.endswith("text")]
    assert sum(line.startswith("node shift") for line in text) == xa.nodes
    titles = [each.text or "" for each in tree.iter() if each.tag.endswith("title")]
    for index in (0, 5, 64, 4096, 4160):
        assert any(title.endswith(f"value {index}") for title in titles)


def test_tall_tree_of_too_many_nodes_says_so() -> None:
    """Three paths to the bottom, no more than three nodes abreast."""
    xa = pc.XArray()
    for top in range(3):
        xa.store(top << 62, top)
    assert xa.nodes == 31
    assert "31 nodes are too many to draw" in xa._repr_svg_()


@pytest.mark.parametrize("nodes", [9, 25, 5000])
def test_tree_that_is_too_large_says_so(nodes: int) -> None:
    xa = pc.XArray()
    for number in range(nodes):
        xa.store(number << 6, number)
    svg = xa._repr_svg_()
    assert f"{xa.nodes:,} nodes are too many to draw" in svg
    assert len(svg) < 2000


@pytest.mark.parametrize("chunk_shift", [3, 6, 9])
def test_tree_without_nodes_and_of_other_widths_is_drawn(chunk_shift: int) -> None:
    xa = pc.XArray(chunk_shift=chunk_shift)
    assert "nothing" in xa._repr_svg_()
    xa.store(0, 7)
    assert "value 7" in xa._repr_svg_()
    xa.store(1, 8)
    ElementTree.fromstring(xa._repr_svg_())


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"index": -1}, "INDEX: -1 is out of range"),
        ({"index": 1 << 64}, "is out of range"),
        ({"design": "thp-mutli"}, "did you mean thp-multi"),
        ({"order": 3, "design": "base-4k"}, "--order: base-4k takes folios of order 0, not 3"),
        ({"size": "1T"}, "--size: pictures are made of files of up to 4G"),
        ({"huge_page": "3M"}, "--huge-page: '3M' is unknown"),
        ({"meanwhile": "collapse"}, "--meanwhile: 'collapse' is unknown; give truncate"),
        ({"holes": "some"}, "--holes: 'some' is unknown"),
        ({"holes": "zero-entries", "order": 0}, "--holes: it goes with none of"),
        ({"index": (1 << 64) - 1, "meanwhile": "truncate"}, "--meanwhile: no page lies behind"),
    ],
)
def test_what_does_not_go_together_is_refused(options: dict[str, object], said: str) -> None:
    asked = {"index": 0, **options}
    with pytest.raises(InputError, match=re.escape(said)):
        pc.explain(**asked)  # type: ignore[arg-type]
