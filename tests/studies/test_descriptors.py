"""What describes memory, by Wilcox's example of 2022 and the documentation of 6.16."""

import csv
from pathlib import Path

import pytest

from pagecache.page.descriptors import (
    PAGE_SIZE,
    STRUCT_PAGE_BYTES,
    descriptor_bytes,
    optimised_bytes,
    vmemmap_pages,
)
from pagecache.studies.descriptors import slabs_in

PUBLISHED = Path(__file__).parents[1] / "data" / "published" / "memdesc_slab_wilcox_2022.csv"
SLABINFO = """slabinfo - version: 2.1
# name  <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> : tunables ... : slabdata ...
ext4_inode_cache 1014 1044 1096 29 8 : tunables 0 0 0 : slabdata 36 36 0
dentry 7140 7140 192 21 1 : tunables 0 0 0 : slabdata 340 340 0
inode_cache 900 910 600 26 4 : tunables 0 0 0 : slabdata 35 35 0
tw_sock 0 0 248 16 1 : tunables 0 0 0 : slabdata 2 2 0
"""


def test_slabs_of_the_published_example_take_its_bytes() -> None:
    (row,) = csv.DictReader(PUBLISHED.read_text().splitlines())
    slabs, pages = int(row["slabs"]), int(row["pages_each"])
    assert slabs * pages * STRUCT_PAGE_BYTES == int(row["bytes_today"])
    assert descriptor_bytes(slabs, pages) == int(row["bytes_memdesc"])


def test_huge_pages_have_the_documented_pages_of_struct_pages() -> None:
    """Of 2 MiB eight, of which seven are freed; of 1 GiB 4096, of which 4095 are."""
    assert [vmemmap_pages(order) for order in (9, 18)] == [8, 4096]
    for order in (9, 18):
        assert optimised_bytes(4 << order, order) == 4 * PAGE_SIZE


def test_slabs_are_summed_by_their_pages() -> None:
    assert slabs_in(SLABINFO) == {1: 342, 4: 35, 8: 36}


def test_study_shows_the_slabs_that_are_given(run) -> None:
    ran = run("study", "descriptors", "--slabs", "9941x4,10x1")
    assert (ran.code, ran.err) == (0, "")
    rows = [line.split() for line in ran.out.splitlines()]
    assert [row[-4:] for row in rows if row[:2] == ["4", "9,941"]] == [
        ["2,544,896", "bytes", "954,336", "bytes"]
    ]
    assert [row[-4::2] for row in rows if row[:2] == ["1", "10"]] == [["640", "720"]]


@pytest.mark.parametrize("text", ["x", "4", "9941x0", "9941x", "-1x4", ""])
def test_slabs_that_are_no_number_by_pages_are_refused(run, text: str) -> None:
    ran = run("study", "descriptors", f"--slabs={text}")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == (
        f"pagecache: --slabs: {text!r} is not a number of slabs by pages; write 9941x4\n"
    )
