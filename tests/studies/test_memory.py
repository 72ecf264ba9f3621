"""What indexes take, built where that is possible and computed beyond."""

import re
from pathlib import Path

import pytest

from pagecache.cli.program import run as main
from pagecache.designs import find, names
from pagecache.measure.need import design_bytes
from pagecache.studies import memory


@pytest.mark.parametrize("name", [name for name in names() if find(name).nodes_foreseen])
def test_what_is_computed_is_what_is_built(name: str) -> None:
    design = find(name)
    for size in memory.SIZES[:3]:
        pages = size >> 12
        assert memory.can_build(design, pages)
        assert memory.built_bytes(design, pages) == design_bytes(design, pages, 9)


def test_every_size_is_there_and_the_largest_are_computed() -> None:
    found = list(memory.table([find("hugetlb-4k-slots"), find("thp-multi")]))
    slots = [each for each in found if each.designs == ("hugetlb-4k-slots",)]
    assert [each.size for each in slots] == list(memory.SIZES)
    assert [each.built for each in slots] == sorted((each.built for each in slots), reverse=True)
    assert slots[0].built
    assert not slots[-1].built
    one_tib = next(each for each in slots if each.size == 1 << 40)
    assert one_tib.bytes == 4_260_881 * 576


def test_structure_that_cannot_be_foreseen_is_left_out_where_it_is_not_built() -> None:
    found = list(memory.table([find("maple-multi")]))
    assert found
    assert all(each.built for each in found)


def test_designs_of_one_tree_share_a_row() -> None:
    found = memory.together(
        list(memory.table([find("hugetlb-4k-multi"), find("thp-multi"), find("base-4k")]))
    )
    assert {each.designs for each in found} == {("hugetlb-4k-multi", "thp-multi"), ("base-4k",)}


def test_command_prints_and_draws(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("matplotlib", reason="the extra `plot` is not installed")
    plot = tmp_path / "memory.svg"
    arguments = ["study", "memory", "--designs", "hugetlb-huge,hugetlb-4k-multi"]
    assert main([*arguments, "--plot", str(plot)]) == 0
    said = capsys.readouterr().out
    assert re.search(r"^16 TiB +73\.14 MiB\* +585\.14 MiB\*$", said, re.M)
    text = plot.read_text("utf-8")
    assert "computed" in text
    assert "size of the file" in text
