"""The registry: what is known under which name, from here and from other distributions."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pagecache import designs
from pagecache.designs import registry
from pagecache.designs.contract import PageIndex
from pagecache.errors import InputError

BUILT_IN = [
    "base-4k",
    "hugetlb-huge",
    "hugetlb-4k-slots",
    "hugetlb-4k-multi",
    "hugetlb-4k-wide",
    "hugetlb-4k-narrow",
    "thp-slots-subpage",
    "thp-slots-head",
    "thp-multi",
    "radix-2018",
    "maple-multi",
    "maple-proposal",
    "pctrie-4k",
    "page-hash",
    "page-hash-folio",
]
BUDDY = {"pages", "compound", "fallback", "min-order"}
POLICIES = {
    name: {"huge-pool"} if name.startswith("hugetlb") else BUDDY for name in designs.names()
}
Install = Callable[[str, str], None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """A distribution on sys.path: its module's text, and the value of its entry point."""
    monkeypatch.syspath_prepend(tmp_path)

    def distribution(module: str, text: str) -> None:
        (tmp_path / f"{module}.py").write_text(text)
        info = tmp_path / f"{module}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[pagecache.designs]\nit = {module}:design\n")
        registry._registered.cache_clear()

    yield distribution
    registry._registered.cache_clear()


def design_text(name: str) -> str:
    return (
        "import dataclasses\n"
        "from pagecache.designs import BUILT_IN\n"
        "(multi,) = (one for one in BUILT_IN if one.name == 'thp-multi')\n"
        f"design = dataclasses.replace(multi, name={name!r})\n"
    )


def test_built_in_designs_come_in_a_fixed_order() -> None:
    assert list(designs.names()) == BUILT_IN


@pytest.mark.parametrize("name", BUILT_IN)
def test_design_is_found_and_made_by_its_name(name: str) -> None:
    design = designs.find(name)
    index = designs.make(name)
    assert design.name == name
    assert isinstance(index, design.layout)
    assert isinstance(index, PageIndex)
    assert (index.nodes, index.frames.count) == (0, 1 << 18)


@pytest.mark.parametrize("name", BUILT_IN)
def test_design_says_in_a_sentence_what_it_is_and_what_it_cannot_do(name: str) -> None:
    design = designs.find(name)
    for text in (design.summary, design.limits):
        assert text.endswith(".")
        assert len(text) < 100


@pytest.mark.parametrize("wrong", ["thp-mutli", "thpmulti", "THP-multi"])
def test_unknown_name_is_answered_with_the_nearest_and_all_others(wrong: str) -> None:
    known = ", ".join(BUILT_IN)
    answer = f"unknown design '{wrong}'; did you mean thp-multi? known: {known}"
    with pytest.raises(InputError) as caught:
        designs.find(wrong)
    assert str(caught.value) == answer


def test_name_that_is_near_none_is_answered_with_all() -> None:
    with pytest.raises(InputError, match=r"^unknown design 'zzz'; known: base-4k, hugetlb-huge, "):
        designs.make("zzz")


@pytest.mark.parametrize("name", BUILT_IN)
@pytest.mark.parametrize("policy", sorted(BUDDY | {"huge-pool"}))
def test_policies_go_with_the_designs_they_fit(name: str, policy: str) -> None:
    design = designs.find(name)
    if policy in POLICIES[name]:
        designs.check_policy(design, policy)
        return
    refusal = f"^{name} does not go with policy '{policy}'; use "
    with pytest.raises(InputError, match=refusal) as caught:
        designs.check_policy(design, policy)
    assert str(caught.value).endswith(", ".join(design.policies))


def test_unknown_policy_is_answered_with_the_nearest() -> None:
    with pytest.raises(InputError, match=r"^unknown policy 'falback'; did you mean fallback\?"):
        designs.check_policy(designs.find("thp-multi"), "falback")


@pytest.mark.parametrize("name", [n for n in BUILT_IN if n.startswith("hugetlb")])
@pytest.mark.parametrize("order", [0, 8, 12, 30])
def test_hugetlb_takes_pages_of_2m_and_1g_only(name: str, order: int) -> None:
    with pytest.raises(InputError, match=f"^--huge-page: {name} takes 2M or 1G, not order {order}"):
        designs.make(name, huge_order=order)


def test_orders_are_those_of_the_design_or_of_the_huge_page() -> None:
    orders = {name: designs.find(name).orders_for(18) for name in BUILT_IN}
    assert orders == {
        "base-4k": (0,),
        "hugetlb-huge": (18,),
        "hugetlb-4k-slots": (18,),
        "hugetlb-4k-multi": (18,),
        "hugetlb-4k-wide": (18,),
        "hugetlb-4k-narrow": (18,),
        "thp-slots-subpage": (0, 9),
        "thp-slots-head": (0, 9),
        "thp-multi": (*range(12), 13),
        "radix-2018": (0, 9),
        "maple-multi": (*range(12), 13),
        "maple-proposal": (*range(12), 13),
        "pctrie-4k": (0,),
        "page-hash": (0,),
        "page-hash-folio": (*range(12), 13),
    }


def test_unit_is_the_huge_page_where_the_design_counts_in_those() -> None:
    units = {name: designs.make(name, huge_order=18).unit for name in BUILT_IN}
    assert units == {name: 18 if name == "hugetlb-huge" else 0 for name in BUILT_IN}


def test_design_of_another_distribution_is_found(install: Install) -> None:
    install("pc_other", design_text("other-multi"))
    assert designs.names() == (*BUILT_IN, "other-multi")
    index = designs.make("other-multi")
    index.insert_folio(8, 3, 16)
    assert (designs.find("other-multi").name, index.named(12)) == ("other-multi", 16)


def test_name_taken_by_another_distribution_is_refused(install: Install) -> None:
    install("pc_clash", design_text("thp-multi"))
    with pytest.raises(InputError, match=r"^design 'thp-multi' of pc_clash:design: the name is"):
        designs.names()


def test_two_distributions_with_one_name_are_refused(install: Install) -> None:
    for module in ("pc_first", "pc_second"):
        install(module, design_text("both"))
    with pytest.raises(InputError, match=r"^design 'both' of pc_(first|second):design: "):
        designs.find("both")
    assert designs.find("thp-multi").name == "thp-multi"


def test_distribution_that_names_a_built_in_design_again_is_no_clash(install: Install) -> None:
    install("pc_again", "from pagecache.designs import BUILT_IN\ndesign = BUILT_IN[0]\n")
    assert list(designs.names()) == BUILT_IN


def test_abstract_index_cannot_be_made() -> None:
    with pytest.raises(TypeError, match="abstract; make a design"):
        PageIndex()


@pytest.mark.parametrize(
    ("asked", "refusal"),
    [
        ({"min_order": 4}, "policy min-order of order 4 does not go with a block of order 6; give"),
        ({"min_order": 7}, "policy min-order of order 7 does not go with a block of order 6; give"),
        ({"pool_order": 9}, "a pool of order 9 holds no block of order 6"),
    ],
)
def test_a_policy_has_the_blocks_of_the_file(asked: dict[str, int], refusal: str) -> None:
    design = designs.find("thp-multi")
    with pytest.raises(InputError, match=f"^{refusal}"):
        designs.check(design, block_order=6, **asked)  # type: ignore[arg-type]
    designs.check(design, block_order=6, **dict.fromkeys(asked, 6))  # type: ignore[arg-type]
