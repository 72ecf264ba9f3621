import errno
import os

import numpy as np
import pytest

from pagecache.errors import InputError
from pagecache.inputs import files_input, residency, scan
from pagecache.inputs.files import FileResidency
from pagecache.inputs.residency import Refusal
from pagecache.inputs.runs import as_runs, gaps, pages_of

PAGE = 4096


@pytest.fixture
def sparse(tmp_path):
    """A file of 64 pages and a half: data at 8-15 and 32, holes elsewhere, nothing cached."""
    path = tmp_path / "sparse.img"
    with open(path, "wb") as file:
        for page, pages in ((8, 8), (32, 1)):
            os.pwrite(file.fileno(), b"x" * pages * PAGE, page * PAGE)
        os.ftruncate(file.fileno(), 64 * PAGE + 100)
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    return path


def read_pages(path, first, pages):
    """Read without readahead, so that only these pages become resident."""
    fd = os.open(path, os.O_RDONLY)
    os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_RANDOM)
    os.pread(fd, pages * PAGE, first * PAGE)
    os.close(fd)


def counted(runs):
    return set(pages_of(runs).tolist())


def test_data_and_holes_of_a_sparse_file(sparse):
    (found,) = scan([sparse])
    assert (found.pages, found.size) == (65, 64 * PAGE + 100)
    assert found.data.tolist() == [[8, 8], [32, 1]]
    assert found.holes.tolist() == [[0, 8], [16, 16], [33, 32]]
    assert found.data_pages == 9


def test_pages_that_were_read_are_resident_and_those_over_holes_counted(sparse):
    read_pages(sparse, 4, 6)
    (found,) = scan([sparse])
    resident = counted(found.resident)
    assert {8, 9} <= resident  # 4 to 7 are holes, which tmpfs does not cache
    assert found.resident_pages == len(resident)
    assert found.resident_over_holes == len(resident & counted(found.holes))
    assert found.doubts == ()


def test_scanning_caches_nothing(sparse):
    before = [found.resident_pages for found in scan([sparse])]
    assert [found.resident_pages for found in scan([sparse])] == before


@pytest.mark.parametrize("window", [1, 7, 64, 1 << 18])
def test_windows_of_mincore_join(sparse, monkeypatch, window):
    read_pages(sparse, 4, 20)
    (whole,) = scan([sparse])
    monkeypatch.setattr(residency, "WINDOW_PAGES", window)
    (found,) = scan([sparse])
    assert found.resident.tolist() == whole.resident.tolist()


def test_halving_by_cachestat_finds_what_mincore_does(sparse):
    read_pages(sparse, 4, 6)
    read_pages(sparse, 64, 1)
    with open(sparse, "rb") as file:
        if isinstance(residency.try_cachestat(file.fileno()), Refusal):
            pytest.skip("this kernel has no cachestat, or forbids it")
        by_counting = residency.by_cachestat(file.fileno(), 65)
    (found,) = scan([sparse])
    assert found.resident_pages >= 7
    assert by_counting.tolist() == found.resident.tolist()


def test_file_of_someone_else_is_counted_by_cachestat(sparse, monkeypatch):
    read_pages(sparse, 4, 6)
    (known,) = scan([sparse])
    if known.cachestat is None:
        pytest.skip("this kernel has no cachestat, or forbids it")
    monkeypatch.setattr(residency, "mincore_is_true", lambda fd: False)
    monkeypatch.setattr(residency, "by_mincore", None)
    (found,) = scan([sparse])
    assert found.resident.tolist() == known.resident.tolist()


@pytest.mark.parametrize("number", [errno.ENOSYS, errno.EPERM, errno.EOPNOTSUPP])
def test_kernel_that_tells_nothing_leaves_a_doubt(sparse, monkeypatch, number):
    def refuse(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(residency, "cachestat", refuse)
    monkeypatch.setattr(residency, "mincore_is_true", lambda fd: False)
    (found,) = scan([sparse])
    assert (found.resident, found.resident_pages, found.resident_over_holes) == (None,) * 3
    assert found.cachestat is None
    assert "which of its 65 pages are resident is unknown" in found.doubts[0]


def test_kernel_without_cachestat_is_asked_by_mincore(sparse, monkeypatch):
    def refuse(*_):
        raise OSError(errno.ENOSYS, "not there")

    read_pages(sparse, 4, 6)
    monkeypatch.setattr(residency, "cachestat", refuse)
    (found,) = scan([sparse])
    assert (found.cachestat, found.doubts) == (None, ())
    assert {8, 9} <= counted(found.resident)


def test_counts_that_disagree_leave_a_doubt(sparse, monkeypatch):
    read_pages(sparse, 4, 6)
    monkeypatch.setattr(residency, "by_mincore", lambda *_, **__: as_runs([(0, 65)]))
    (found,) = scan([sparse])
    if found.cachestat is None:
        pytest.skip("this kernel has no cachestat, or forbids it")
    assert "mincore found 65 resident pages, cachestat" in found.doubts[0]


def test_empty_file_is_legal(tmp_path):
    path = tmp_path / "empty"
    path.touch()
    (found,) = scan([path])
    assert (found.size, found.pages, found.resident_pages, found.doubts) == (0, 0, 0, ())
    assert len(found.data) == len(found.holes) == 0


def test_file_that_is_all_hole_has_no_data(tmp_path):
    path = tmp_path / "hole"
    path.touch()
    os.truncate(path, 1 << 40)
    (found,) = scan([path])
    assert found.holes.tolist() == [[0, 1 << 28]]
    assert (found.data_pages, found.resident_pages) == (0, 0)


def test_directory_fifo_and_device_are_refused_without_waiting(tmp_path):
    os.mkfifo(tmp_path / "fifo")
    for path in (tmp_path, tmp_path / "fifo", "/dev/zero", tmp_path / "missing"):
        with pytest.raises(InputError, match=f"^{path}: .*; "):
            scan([path])


def residency_of(path, resident, data, pages=100):
    data = as_runs(data)
    runs = None if resident is None else as_runs(resident)
    return FileResidency(path, pages * PAGE, data, gaps(data, pages), runs, None)


def test_resident_pages_over_holes_are_counted():
    assert residency_of("a", [(10, 20)], [(0, 12), (28, 1)]).resident_over_holes == 17
    assert residency_of("a", [(10, 20)], []).resident_over_holes == 20


def test_input_holds_the_resident_pages_as_single_folios():
    one = residency_of("/x/a.img", [(3, 2)], [(0, 100)])
    other = residency_of("/x/b.img", [(0, 1), (50, 3)], [])
    source = files_input([one, other])
    assert source.name == "2 files"
    assert source.folios.files == ("/x/a.img", "/x/b.img")
    assert source.folios.file.tolist() == [0, 0, 1, 1, 1, 1]
    assert source.folios.index.tolist() == [3, 4, 0, 50, 51, 52]
    assert source.folios.orders() == {0: 6}
    assert source.doubts == ()
    file, index = source.draw(np.random.default_rng(1), 500)
    assert source.folios.holds(file, index).all()
    assert len(set(zip(file.tolist(), index.tolist(), strict=True))) == 6


def test_data_stands_in_where_nothing_is_resident():
    scans = [residency_of("a", [], [(2, 3)]), residency_of("b", None, [])]
    source = files_input(scans)
    assert source.folios.index.tolist() == [2, 3, 4]
    assert "3 pages with data are taken as cached" in source.doubts[-1]


def test_doubts_of_the_scans_stay_with_the_input(sparse, monkeypatch):
    monkeypatch.setattr(residency, "try_cachestat", lambda fd: Refusal.UNSUPPORTED)
    source = files_input(scan([sparse]))
    assert source.name == "sparse.img"
    assert [doubt.endswith(".") for doubt in source.doubts] == [True, True]
    assert "as hugetlbfs" in source.doubts[0]
    assert source.spec["doubts"] == list(source.doubts)


@pytest.mark.parametrize("scans", [[], [residency_of("a", [], [], pages=0)]])
def test_files_without_any_page_are_no_input(scans):
    with pytest.raises(InputError, match="no page is resident or has data; name a file with data"):
        files_input(scans)


# Names that are left out --------------------------------------------------------------------------


def doubts_of(paths):
    return [doubt for found in scan(paths) for doubt in found.doubts]


@pytest.fixture
def image(tmp_path):
    path = tmp_path / "lib.so.1.2"
    path.write_bytes(b"x" * 5 * PAGE)
    return path


def test_inode_named_again_is_counted_once_under_its_first_name(image, tmp_path):
    hard, soft = tmp_path / "hard", tmp_path / "lib.so"
    os.link(image, hard)
    soft.symlink_to(image.name)
    for paths in ([soft, image, hard], [hard, image, soft], [image, image, soft]):
        (found,) = scan(paths)
        assert found.path == str(paths[0])
        assert files_input([found]).folios.pages == 5
        assert found.doubts[-1] == (
            f"Counted once though named more than once: {paths[1]} is {paths[0]}, "
            f"{paths[2]} is {paths[0]}."
        )


def test_equal_files_of_two_inodes_are_two(image, tmp_path):
    other = tmp_path / "copy"
    other.write_bytes(image.read_bytes())
    assert len(scan([image, other])) == 2
    assert doubts_of([image, other]) == []


def test_what_is_no_readable_file_is_skipped_and_said_so(image, tmp_path, monkeypatch):
    closed, fifo, broken = (tmp_path / name for name in ("closed", "fifo", "broken"))
    closed.touch()
    broken.symlink_to("nowhere")
    os.mkfifo(fifo)
    opened = os.open

    def deny(path, *rest, **named):  # root may read everything
        if path == str(closed):
            raise PermissionError(errno.EACCES, "Permission denied")
        return opened(path, *rest, **named)

    monkeypatch.setattr(os, "open", deny)
    names = [tmp_path, image, closed, broken, fifo, "/dev/null"]
    (found,) = scan(names)
    assert found.path == str(image)
    assert found.doubts[-1] == (
        f"Skipped: {tmp_path}: it is a directory, {closed}: permission denied, "
        f"{broken}: it is a link to nothing and 2 more."
    )


@pytest.mark.parametrize("names", [["/"], ["/", "/dev/null"]])
def test_nothing_left_to_scan_is_an_error(names):
    with pytest.raises(InputError, match=r"^/: it is a directory; name a regular file$"):
        scan(names)


def test_missing_file_among_others_is_an_error(image, tmp_path):
    with pytest.raises(InputError, match="missing: no such file; check the path"):
        scan([image, tmp_path / "missing", "/"])
