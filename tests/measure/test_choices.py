"""The choices crossed: what fits, what rows are called, and what is refused."""

from pathlib import Path

import pytest

from pagecache.allocation.arguments import parse_fragment
from pagecache.allocation.registry import POLICIES
from pagecache.errors import InputError
from pagecache.measure.choices import CHOICES, Choice, Setting, cross, labels, unfit
from pagecache.measure.crossed_plan import Crossing, crossed_cases
from pagecache.measure.mapping_bench import MappingCase
from pagecache.measure.plan import Options

MIB = 1 << 20
USUAL = {what: (getattr(Choice(), what),) for what in CHOICES}


def rows(crossing: Crossing, **options: object) -> list[str]:
    (case,) = crossed_cases(crossing, Options(**options), size="1M")
    return list(map(str, case.rows))


def test_labels_name_the_design_and_what_differs() -> None:
    two = ("zero-pages", "zero-entries")
    assert rows(Crossing(holes=two)) == [f"thp-multi {holes}" for holes in two]
    assert rows(Crossing(holes=two, alloc=("compound", "fallback"), block=("64K",))) == [
        "thp-multi zero-pages compound",
        "thp-multi zero-pages fallback",
        "thp-multi zero-entries compound",
        "thp-multi zero-entries fallback",
    ]
    assert rows(Crossing(entries=("pfns",))) == ["thp-multi"]
    assert rows(Crossing(block=("64K", "65536", "2M"))) == ["thp-multi 64K", "thp-multi 2M"]


def test_labels_are_distinct_for_distinct_choices() -> None:
    asked = {**USUAL, "holes": ("zero-pages", "no-entry"), "entries": ("pointers", "pfns")}
    fit, left_out = cross(asked)
    assert (len(labels(fit)), left_out) == (4, [])


def test_what_does_not_fit_is_left_out_with_its_reason() -> None:
    crossing = Crossing(holes=("zero-pages", "zero-entries"), block=("4K", "64K"))
    (case,) = crossed_cases(crossing, Options(designs=("thp-multi", "base-4k")), size="1M")
    assert len(case.rows) == 7
    assert "base-4k zero-entries 64K" not in map(str, case.rows)
    (note,) = case.doubts
    assert note.startswith(
        "base-4k zero-entries fallback pointers 64K is left out: zero-entries do"
    )


@pytest.mark.parametrize(
    ("choice", "reason"),
    [
        (Choice("base-4k", "zero-entries", block="64K"), "zero-entries do not go with base-4k"),
        (Choice(alloc="huge-pool"), "thp-multi does not go with policy 'huge-pool'; use pages"),
        (Choice("thp-slots-head", entries="pfns"), "entries='pfns' do not go with thp-slots-head"),
        (Choice("hugetlb-4k-multi"), "hugetlb-4k-multi indexes hugetlbfs files"),
    ],
)
def test_what_can_never_fit_is_refused(choice: Choice, reason: str) -> None:
    assert (unfit(choice) or "").startswith(reason)
    crossing = Crossing(
        *((getattr(choice, what),) for what in ("holes", "alloc", "entries", "block"))
    )
    with pytest.raises(InputError, match=reason.partition("'")[0]):
        crossed_cases(crossing, Options(designs=(choice.design,)), size="1M")


@pytest.mark.parametrize("policy", [name for name in POLICIES if name != "huge-pool"])
@pytest.mark.parametrize("block", ["4K", "64K", "2M"])
def test_every_policy_of_single_blocks_fits_every_block(policy: str, block: str) -> None:
    assert unfit(Choice(alloc=policy, block=block)) is None


def test_a_case_of_mappings_comes_back_from_json() -> None:
    crossing = Crossing(holes=("no-entry",), fragment="random:4:50%")
    (case,) = crossed_cases(crossing, Options(seed=7, rounds=2), size="1M")
    assert MappingCase.from_dict(case.to_dict()) == case
    setting = Setting.from_dict(case.spec)
    assert (setting.size, setting.fragment) == (MIB, ["random", 4, 0.5])
    assert sum(length for _, length in setting.holes) == MIB // 2


def test_holes_of_a_real_file_are_taken(tmp_path: Path) -> None:
    path = tmp_path / "sparse.img"
    with path.open("wb") as file:
        file.truncate(MIB)
        file.seek(MIB // 2)
        file.write(b"x" * 65536)
    (case,) = crossed_cases(Crossing(holes=("zero-pages",)), Options(), files=[path])
    holes = Setting.from_dict(case.spec).holes
    assert case.title == "sparse.img"
    assert holes == [[0, MIB // 2], [MIB // 2 + 65536, MIB // 2 - 65536]]


def test_generated_holes_are_not_cut_by_the_largest_block() -> None:
    (case,) = crossed_cases(Crossing(block=("4K", "2M"), hole_share=0.5), Options(), size="64M")
    assert all(start % (2 * MIB) == length % (2 * MIB) == 0 for start, length in case.spec["holes"])


def test_only_mappings_have_memory_and_holes() -> None:
    assert not Crossing().asked
    assert Crossing(block=("4K",)).asked
    for name in ("hole_share", "memory", "fragment"):
        with pytest.raises(InputError, match=f"^--{name.replace('_', '-')}: it is for mappings"):
            Crossing(**{name: "1"}).asked  # noqa: B018


@pytest.mark.parametrize("text", ["a:b:c:d", "keep-one-of:x", "keep-one-of:-1", "keep-one-of:8:9"])
def test_fragment_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"^--fragment: "):
        parse_fragment(text, "--fragment")
