"""What page sizes round trees of files up to, and Hansen's table of a kernel tree."""

import csv
import os
from pathlib import Path

import pytest

from pagecache.errors import InputError
from pagecache.studies.page_size import file_sizes, more, rounded

PUBLISHED = Path(__file__).parents[1] / "data" / "published" / "page_size_bloat_hansen_2026.csv"
KIB = 1 << 10


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "deep" / "er").mkdir(parents=True)
    for name, size in (("a", 1), ("deep/b", 4096), ("deep/er/c", 70000), ("empty", 0)):
        (tmp_path / name).write_bytes(bytes(size))
    os.link(tmp_path / "a", tmp_path / "a again")
    (tmp_path / "link").symlink_to("deep")
    os.mkfifo(tmp_path / "fifo")
    return tmp_path


def test_each_file_counts_once(tree: Path) -> None:
    assert sorted(file_sizes(tree)) == [1, 4096, 70000]


@pytest.mark.parametrize("page", [4 * KIB, 8 * KIB, 16 * KIB, 64 * KIB])
def test_rounding_is_an_independent_sum_of_this_repositorys_files(page: int) -> None:
    root = Path(__file__).parents[1]
    paths = [path for path in root.rglob("*") if path.is_file() and not path.is_symlink()]
    whole = 0
    for path in {path.stat().st_ino: path for path in paths}.values():
        size = path.stat().st_size
        whole += size + (page - size % page) % page
    assert rounded(file_sizes(root), page).cached == whole


def test_published_percentages_follow_from_the_published_sums() -> None:
    rows = {
        row["what"]: int(row["KB"]) for row in csv.DictReader(PUBLISHED.read_text().splitlines())
    }
    least = rows["4k page cache"]
    assert more(rows["16k page cache"], least) == "8.2 %"
    assert more(rows["64k page cache"], least) == "47.1 %"
    for name, page in (("4k", 4), ("16k", 16), ("64k", 64)):
        assert rows[f"{name} page cache"] % page == 0


def test_larger_pages_pay_where_struct_pages_save_what_rounding_wastes() -> None:
    sizes = [100] * 1000
    for page in (16 * KIB, 64 * KIB):
        found = rounded(sizes, page)
        assert found.wasted == 1000 * (page - 4096)
        assert found.pays_from is not None
        saved = [memory // 4096 * 64 - memory // page * 64 for memory in (found.pays_from, 1 << 40)]
        assert abs(saved[0] - found.wasted) <= 64
        assert saved[1] > found.wasted
    assert rounded(sizes, 4096).pays_from == 0
    assert rounded(sizes, 8192, base=4096).pays_from is None


def test_study_prints_a_tree(run, tree: Path) -> None:
    ran = run("study", "page-size", tree)
    assert ran.code == 0
    lines = [" ".join(line.split()) for line in ran.out.splitlines()]
    assert lines[0] == f"{tree}: 3 files of 72.36 KiB (74,097 bytes)"
    assert "4 KiB 80 KiB 0.0 % -" in lines
    assert "16 KiB 112 KiB 40.0 % 2.67 MiB" in lines
    assert "64 KiB 256 KiB 220.0 % 11.73 MiB" in lines
    assert "1 88 KiB 10.0 %" in lines


@pytest.mark.parametrize("what", ["empty", "missing", "file"])
def test_what_is_no_tree_is_refused(tmp_path: Path, what: str) -> None:
    path = tmp_path / what
    if what == "empty":
        path.mkdir()
    elif what == "file":
        path.write_text("x")
    with pytest.raises(InputError, match=r"; name (a|another) directory$"):
        file_sizes(path)
