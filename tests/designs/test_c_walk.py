"""The walk that a design in C tells: drawn as it is told, and held against what `load` answers."""

import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

import pagecache as pc
from pagecache import apart, designs
from pagecache.designs.contract import PageIndex
from pagecache.errors import InputError, WrongAnswer
from pagecache.page.frames import Frames

from .c_designs import BEARS_CRASHES, EXAMPLE, altered, build

HEADER = Path(designs.include()) / "pagecache_design.h"
READ = 'to->read(to, &slot, "the middle of what is left");'


def holding_512(path: str) -> PageIndex:
    """An index in this process, with a folio of 2 MiB at 512 on frame 0."""
    frames = Frames(512)
    frames.make_folios(np.uint64([0]), np.uint8([9]))
    index = designs.make(path, frames)
    index.insert_folio(512, 9, 0)
    return index


def test_search_of_the_example_is_told_read_by_read(example: str) -> None:
    found = pc.explain(5, example, order=0, size="32K")
    (node,) = found.walk.nodes
    assert (node.name, node.first, node.last, node.width) == ("array", 0, 7, 8)
    assert [slot.number for slot in node.slots] == list(range(8))
    assert [(step.slot.number, step.slot.holds) for step in found.walk.steps] == [
        (4, "index 4"),
        (6, "index 6"),
        (5, "frame 5"),
        (5, "frame 5"),
    ]
    assert "1 node, 4 slots read. The entry names frame 5" in found.then
    text = str(found)
    assert "root --> array   slot 4  = the middle of what is left" in text
    assert "slot 5  = the first that ends at the index or above  the entry" in text


@pytest.mark.parametrize("index", [0, 511, 512, 700, 4095, 4096, 1 << 40])
def test_walk_ends_where_a_lookup_does(example: str, index: int) -> None:
    found = pc.explain(index, example, order=9, size="16M")
    assert (found.walk.found is not None) == (index < 4096)
    if found.walk.found is not None:
        assert found.walk.found.holds == f"frame {index >> 9 << 9}"
        assert f"page {index} is frame {index}." in found.then
    else:
        assert found.walk.steps[-1].slot is None
        assert "beyond" in str(found)


def test_long_search_is_drawn_a_line_a_read_within_the_picture(example: str) -> None:
    found = pc.explain(0x1234, example, order=0, size="64M")
    assert len(found.walk.nodes[0].slots) == len({step.slot.number for step in found.walk.steps})
    tree = ElementTree.fromstring(found._repr_svg_())
    words = [each for each in tree.iter() if each.tag.endswith("text")]
    lines = [each for each in words if (each.text or "").startswith("slot ")]
    assert len(lines) == len(found.walk.steps) == 15
    heights = [float(each.get("y", "0")) for each in words]
    assert max(heights) <= float(tree.get("height", "0"))
    assert len(set(heights)) == len(heights) - 1  # the legend's two words are side by side
    assert max(map(len, str(found).splitlines())) <= 101


def test_longest_searches_leave_out_reads_before_the_last(tmp_path: Path) -> None:
    path = altered(tmp_path, "slow", READ, f"for (int i = 0; i < 9; i++) {READ}")
    svg = pc.explain(5, path, order=0, size="32K")._repr_svg_()
    assert "and 4 more" in svg  # of 28 reads
    assert svg.count('font-size="12">slot ') == 24


def old(folder: Path) -> str:
    """The example with the header as version 1 was; behind it lies what is no function."""
    text = HEADER.read_text()
    field = re.search(r"\tvoid \(\*walk\)\(void \*self.*?\n", text)
    assert field is not None
    include = folder / "old"
    include.mkdir()
    first = text.replace("DESIGN_VERSION 2", "DESIGN_VERSION 1").replace(field[0], "")
    (include / "pagecache_design.h").write_text(first)
    source = EXAMPLE.read_text().replace(" .walk = walk,", "")
    head, tail = source.split("const struct pagecache_design pagecache_design = {")
    outer = "const struct { struct pagecache_design design; void *behind; } pagecache_design = { {"
    tail = tail.replace("};", "}, (void *)8 };")
    (folder / "old.c").write_text(head + outer + tail)
    return build(folder / "old.c", folder / "old.so", f"-I{include}", f"-iquote{include}")


def test_design_of_the_old_header_is_taken_and_tells_nothing_of_its_walk(tmp_path: Path) -> None:
    path = old(tmp_path)
    assert holding_512(path).frame(700) == 188
    with pytest.raises(InputError, match=r"old\.so tells nothing of its walk; give it a walk as"):
        pc.explain(700, path)


def test_design_without_a_walk_tells_nothing_of_it(tmp_path: Path) -> None:
    path = altered(tmp_path, "silent", " .walk = walk,", "")
    with pytest.raises(
        InputError, match=r"silent\.so tells nothing of its walk; give it a walk as"
    ):
        pc.explain(700, path)


WRONG = {
    "slot.value++; to->read(to, &slot, NULL);": "ends at frame 1, and load answers frame 0",
    "slot.kind = PAGECACHE_OTHER; to->read(to, &slot, NULL);": "ends at nothing, and load answers",
    "slot.kind = 77; to->read(to, &slot, NULL);": "slot 0 is of kind 77, which the header has not",
    "slot.number = 9; to->read(to, &slot, NULL);": "slot 9 is beyond the 1 of its node",
    "": "it read nothing",
}


@pytest.mark.parametrize("end", WRONG)
def test_walk_that_is_not_what_load_does_is_wrong(tmp_path: Path, end: str) -> None:
    text = EXAMPLE.read_text().replace(READ, "")
    last = re.search(r"\tto->read\(to, low < .*?;\n", text)
    assert last is not None
    (tmp_path / "wrong.c").write_text(text.replace(last[0], end))
    path = build(tmp_path / "wrong.c", tmp_path / "wrong.so")
    with pytest.raises(WrongAnswer, match=f"wrong.so: walk of index 700: .*{end and WRONG[end]}"):
        holding_512(path).walk(700)


def test_text_of_a_walk_stays_on_its_line_whatever_it_is(tmp_path: Path) -> None:
    path = altered(tmp_path, "noisy", '"array", 0', r'"\x1b[31m\nar<ray\xff", 0')
    walk = holding_512(path).walk(700)
    assert walk.nodes[0].name == "\\x1b[31m\\nar<ray\N{REPLACEMENT CHARACTER}"
    ElementTree.fromstring(walk._repr_svg_())


@BEARS_CRASHES
def test_walk_that_crashes_or_never_ends_is_an_error_of_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = altered(tmp_path, "crashes", READ, "*(volatile int *)8 = 1;")
    with pytest.raises(InputError, match=r"crashes\.so: the walk of index 7: it crashed \(SIGSEGV"):
        pc.explain(7, path)
    endless = altered(tmp_path, "endless", READ, "for (;;);")
    monkeypatch.setattr(apart, "SECONDS", 1.0)
    with pytest.raises(InputError, match=r"endless\.so: the walk of .* did not end within 1 s"):
        pc.explain(7, endless)


def test_what_the_design_prints_does_not_reach_the_answer(tmp_path: Path) -> None:
    text = EXAMPLE.read_text().replace(READ, f'{READ} puts("hello");')
    (tmp_path / "prints.c").write_text(f"#include <stdio.h>\n{text}")
    path = build(tmp_path / "prints.c", tmp_path / "prints.so")
    ran = subprocess.run(
        [sys.executable, "-m", "pagecache", "explain", "7", "--design", path, "--order", "0"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert " ".join(ran.stdout.split()).startswith(f"{path}: one folio of order 0 is")
    assert ran.stderr == "hello\n"


def test_writer_cannot_come_between_the_reads_of_a_design_in_c(example: str) -> None:
    with pytest.raises(InputError, match="--meanwhile: a design in C tells its walk when it has"):
        pc.explain(7, example, meanwhile="truncate")
