"""Designs in C: what a shared object says of itself, and what becomes of one that does wrong.

That the example keeps the contract is held by test_contract.py, which runs on it as on all others.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import pagecache as pc
from pagecache import designs
from pagecache.designs import c_header
from pagecache.designs.c_design import CDesign
from pagecache.errors import InputError
from pagecache.measure.loops import Batch
from pagecache.page.frames import Frames

from .c_designs import BEARS_CRASHES, altered, build

HEADER = Path(designs.include()) / "pagecache_design.h"


def test_shared_object_says_what_it_takes_and_has(example: str) -> None:
    design = designs.find(example)
    assert (design.name, design.family, design.foreign) == (example, "thp", True)
    assert design.orders == (*range(12), 13)
    assert (design.provides, design.needs_struct_pages) == (frozenset(), False)
    assert (design.summary, design.folio_bytes) == ("One sorted array a file.", 48)


def test_header_and_description_have_the_same_fields_in_the_same_order() -> None:
    text = re.sub(r"/\*.*?\*/", "", HEADER.read_text(), flags=re.DOTALL)
    body = text.partition("struct pagecache_design {")[2].partition("\n};")[0]
    names = [re.findall(r"\(\*(\w+)\)|(\w+)$", field.strip())[0] for field in body.split(";")[:-1]]
    assert [call or plain for call, plain in names] == [
        name for name, _ in c_header.Header._fields_
    ]
    assert f"#define PAGECACHE_DESIGN_VERSION {c_header.VERSION}\n" in re.sub(
        r"[ \t]+\n", "\n", text
    )


def test_timed_loop_calls_the_function_of_the_shared_object(example: str, tmp_path: Path) -> None:
    # A second one, whose `get` counts: were it called through another, frames would be the same.
    path = altered(
        tmp_path,
        "counting",
        "return pagecache_get(((struct array *)self)->file, self, index, load);",
        "return 1000 + pagecache_get(((struct array *)self)->file, self, index, load);",
    )
    for name, more in ((example, 0), (path, 1000)):
        frames = Frames(16)
        frames.make_folios(np.uint64([4]), np.uint8([2]))
        index = designs.make(name, frames)
        index.insert_folio(8, 2, 4)
        assert Batch([index]).get(np.zeros(2, np.uint32), np.uint64([8, 11])) == 11 + 2 * more
        assert index.frame(9) == 5 + more


def test_compared_design_in_c_has_a_row_like_all_others(example: str) -> None:
    events = ["get", "populate", "scan"]
    found = pc.compare(["thp-multi", example], size="16M", events=events, rounds=1, processes=1)
    rows = {row.event: row for row in found if row.design == example}
    assert [event for event in events if rows[event].ns_per_event] == events[:-1]
    assert rows["scan"].left_out == "it has no marks to scan"
    assert (rows["get"].nodes, rows["get"].index_bytes) == (1, 16 * 24)


@BEARS_CRASHES
def test_command_prints_the_table_and_fails_for_what_it_left_out(tmp_path: Path) -> None:
    fault = "return array->folios[at].pfn;", "return *(uint64_t *)8;"
    path, out = altered(tmp_path, "load_crashes", *fault), tmp_path / "out.json"
    command = [sys.executable, "-m", "pagecache", "compare", "--designs", f"base-4k,{path}"]
    short = ["--size", "16M", "--rounds", "1", "--processes", "1", "--events", "get"]
    ran = subprocess.run(
        [*command, *short, "--json", str(out)], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 1
    assert {row["design"] for row in json.loads(out.read_text())["results"]} >= {"base-4k"}
    said = " ".join(ran.stdout.split())
    assert (
        "load_crashes.so is left out: with get alone, a worker process ended with SIGSEGV" in said
    )


TEXTS = {
    "int nothing;": "it has no variable pagecache_design; define it as the header shows",
    "unsigned pagecache_design[64] = {7};": "it is of version 7 of pagecache_design.h, and this",
    "unsigned pagecache_design[64] = {1};": "it lacks create, destroy, set_limit, load, insert",
    "__attribute__((constructor)) void f(void) { *(volatile int *)8 = 1; }": (
        "it crashed when it was loaded (SIGSEGV)"
    ),
    "void f(void); void g(void) { f(); } void *h = f;": "it cannot be loaded: ",
}


@BEARS_CRASHES
@pytest.mark.parametrize("text", TEXTS)
def test_shared_object_that_cannot_be_used_is_refused_in_a_line(
    tmp_path: Path, example: str, text: str
) -> None:
    source = tmp_path / "wrong.c"
    source.write_text(text)
    path = build(source, tmp_path / "wrong.so")
    with pytest.raises(InputError) as caught:
        designs.find(path)
    assert str(caught.value).startswith(f"design {path}: {TEXTS[text]}")
    assert "\n" not in str(caught.value)


def test_file_that_became_another_version_after_it_was_looked_at_is_refused(tmp_path: Path) -> None:
    """The loader looks itself: a file may change between the two."""
    source = tmp_path / "later.c"
    source.write_text("unsigned pagecache_design[64] = {7};")
    kind = type("Later", (CDesign,), {"library": build(source, tmp_path / "later.so")})
    with pytest.raises(OSError, match=r"later\.so has no pagecache_design of version 1 to \d+$"):
        kind(Frames(64))


def test_design_without_orders_is_refused(tmp_path: Path) -> None:
    path = altered(tmp_path, "none", ".orders = 0x2fff,", ".orders = 0,")
    with pytest.raises(InputError, match=r"it takes folios of no order; set a bit of \.orders"):
        designs.find(path)


def test_path_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"design \./no\.so: No such file or directory; build it"):
        designs.find("./no.so")


def test_flags_of_a_shared_object_are_its_own(tmp_path: Path) -> None:
    path = altered(
        tmp_path, "flags", ".orders = 0x2fff,", ".orders = 1, .flags = PAGECACHE_CONCURRENT | 2,"
    )
    design = designs.find(path)
    assert (design.family, design.orders) == ("base", (0,))
    assert (design.provides, design.needs_struct_pages) == (frozenset({"concurrent"}), True)
    with pytest.raises(InputError, match="keeps its keys in struct pages"):
        designs.make(path, Frames(16, backed=False))


def test_shared_object_built_again_is_described_again(tmp_path: Path) -> None:
    path = altered(tmp_path, "mine", '"One sorted array a file."', '"First."')
    assert designs.find(path).summary == "First."
    altered(tmp_path, "mine", '"One sorted array a file."', '"Second."')
    assert designs.find(path).summary == "Second."


def test_index_that_create_did_not_give_is_no_index(tmp_path: Path) -> None:
    path = altered(
        tmp_path,
        "full",
        "\treturn array;\n}\n\nstatic void destroy",
        "\tfree(array);\n\treturn NULL;\n}\n\nstatic void destroy",
    )
    with pytest.raises(MemoryError, match="create\\(\\) gave no index"):
        designs.make(path)


def test_violation_that_the_design_finds_is_raised(tmp_path: Path) -> None:
    path = altered(
        tmp_path,
        "broken",
        "if (array->folios[at].index <= last_page(array->folios + at - 1))",
        "if (array->count > 1)",
    )
    index = designs.make(path)
    index.insert_folio(0, 0, 0)
    index.check()
    index.insert_folio(1, 0, 1)
    with pytest.raises(AssertionError, match="the folios are out of order, or two overlap\n0 ord"):
        index.check()
