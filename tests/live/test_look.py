"""The model against the running kernel, on files that are filled in known ways."""

import ctypes
import os
import resource
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pagecache.errors import InputError
from pagecache.live import answers, fallback, kpageflags
from pagecache.live import look as look_module
from pagecache.live.entries import Entries
from pagecache.live.filesystem import HUGETLBFS, check_indexed_in_pages, name_of
from pagecache.live.inodes import cached_inodes
from pagecache.live.look import look, look_everywhere
from pagecache.live.slab import node_slab
from pagecache.live.walk import Walk

from .conftest import MIB, evict, fill

MFD_HUGETLB = 4


def seen(path: Path, **options):
    (result,) = look([path], **options).results
    return result


@pytest.fixture
def equal(may_walk):
    """Look at a file and hold the model to the kernel."""

    def at(path: Path):
        result = seen(path)
        assert result.steady
        assert result.nodes == result.predicted_nodes == result.nodes_by_design[result.model]
        assert result.pages == sum(n << int(order) for order, n in result.orders.items())
        assert sum(result.levels.values()) == result.nodes
        return result

    return at


@pytest.mark.parametrize(("huge", "order", "nodes"), [("never", "0", 261), ("always", "9", 5)])
def test_tmpfs(mount, equal, huge: str, order: str, nodes: int) -> None:
    path = mount("-t", "tmpfs", "-o", f"huge={huge},size=128M", "tmpfs") / "file"
    fill(path, 64 * MIB)
    result = equal(path)
    if result.orders != {order: (64 * MIB >> 12) >> int(order)}:
        pytest.skip(f"memory too fragmented for huge pages: {result.orders}")
    assert (result.nodes, result.filesystem, result.shadows) == (nodes, "tmpfs", 0)


def test_holes_leave_subtrees_out(mount, equal) -> None:
    path = mount("-t", "tmpfs", "-o", "huge=never,size=64M", "tmpfs") / "file"
    with path.open("wb") as file:
        for position in (0, 5 << 12, 1 << 18, 1 << 40):
            file.seek(position)
            file.write(b"x")
    result = equal(path)
    assert (result.pages, result.levels) == (4, {"0": 3, "1": 2, "2": 2, "3": 2, "4": 1})


def test_empty_file_and_single_page_have_no_nodes(mount, equal) -> None:
    place = mount("-t", "tmpfs", "tmpfs")
    for size, pages in ((0, 0), (1, 1)):
        fill(place / str(size), size)
        result = equal(place / str(size))
        assert (result.pages, result.folios, result.nodes, result.levels) == (pages, pages, 0, {})


def test_hugetlbfs(huge_pages, equal) -> None:
    memfd = ctypes.CDLL(None, use_errno=True).memfd_create(b"pagecache", MFD_HUGETLB)
    if memfd < 0:
        pytest.skip(f"memfd_create: {os.strerror(ctypes.get_errno())}")
    try:
        os.ftruncate(memfd, 8 * MIB)
        os.posix_fallocate(memfd, 0, 8 * MIB)
        result = equal(Path(f"/proc/self/fd/{memfd}"))
    finally:
        os.close(memfd)
    assert (result.orders, result.nodes, result.model) == ({"9": 4}, 1, "hugetlb-4k-multi")
    assert result.filesystem == "hugetlbfs"


@pytest.mark.parametrize("kind", ["ext4", "xfs"])
def test_files_read_sequentially_and_at_random(image, equal, kind: str) -> None:
    path = image(kind) / "file"
    fill(path, 96 * MIB)
    evict(path)
    assert equal(path).pages == 0
    with path.open("rb", buffering=0) as file:
        while file.read(128 << 10):
            pass
    sequential = equal(path)
    assert sequential.pages > 90 * MIB >> 12  # all, unless memory is short
    assert max(map(int, sequential.orders)) > 0
    evict(path)
    rng = np.random.default_rng(1)
    with path.open("rb", buffering=0) as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_RANDOM)
        for page in rng.integers(0, 96 * MIB >> 12, 500):
            os.pread(file.fileno(), 1, int(page) << 12)
    random = equal(path)
    assert 0 < random.pages <= 500
    assert random.nodes > 100


def test_frames_flags_find_the_same_folios(image, equal) -> None:
    if not kpageflags.readable():
        pytest.skip("kpageflags needs root")
    path = image("ext4") / "file"
    fill(path, 40 * MIB + 5)
    evict(path)
    with path.open("rb", buffering=0) as file:
        while file.read(1 << 20):
            pass
    walked, flagged = equal(path), seen(path, way="kpageflags")
    assert max(map(int, walked.orders)) > 0
    assert (flagged.pages, flagged.orders) == (walked.pages, walked.orders)
    assert flagged.nodes_by_design == walked.nodes_by_design
    assert (flagged.nodes, flagged.shadows, flagged.way) == (None, None, "kpageflags")
    assert "nodes" in flagged.missing[0]


def test_flags_of_frames_as_folios() -> None:
    tail = np.array([False, True, False, False, True, True, True, False], np.bool_)
    index = np.array([0, 1, 2, 4, 5, 6, 7, 900], np.uint64)
    found = kpageflags.decode(index, tail)
    assert found.index.tolist() == [0, 2, 4, 900]
    assert found.order.tolist() == [1, 0, 2, 0]


def test_residency_tells_pages_and_what_depends_on_no_order(tmp_path: Path) -> None:
    path = tmp_path / "file"
    fill(path, 2 * MIB)
    result = seen(path, way="residency")
    assert (result.pages, result.folios, result.nodes, result.predicted_nodes) == (512, *[None] * 3)
    assert (result.nodes_by_design["base-4k"], result.nodes_by_design["hugetlb-huge"]) == (9, 0)
    assert "thp-multi" not in result.nodes_by_design
    assert any("root may read /proc/kpageflags" in text for text in result.missing)


def as_nobody(path: Path) -> str:
    """What a look at a file by another user answers, from a child that has become one."""
    seen(path)  # imports what it needs, from folders that the other user may not enter
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setresgid(*[65534] * 3)
            os.setresuid(*[65534] * 3)
            fd = os.open(path.name, os.O_RDONLY)  # from its folder: those above are not open to all
            os.write(writer, repr(seen(Path(f"/proc/self/fd/{fd}"))).encode())
        except BaseException as error:  # whatever it is, the parent shows it
            os.write(writer, repr(error).encode())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as file:
        answer = file.read()
    os.waitpid(child, 0)
    return answer


def test_other_users_are_told_what_is_missing(tmp_path: Path, monkeypatch) -> None:
    if os.geteuid():
        pytest.skip("only root can become another user")
    path = tmp_path / "file"
    fill(path, MIB)
    tmp_path.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    os.chown(path, 65534, 65534)
    answer = as_nobody(path)
    assert "pages=256, folios=None, orders=None, nodes=None" in answer
    assert "way='residency'" in answer
    assert "CAP_BPF" in answer or "lockdown" in answer
    os.chown(path, 0, 0)
    path.chmod(0o644)
    answer = as_nobody(path)
    assert "pages=None" in answer
    assert "neither yours nor may you write it" in answer


def test_ways_that_are_not_allowed_are_errors(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setattr(kpageflags, "KPAGEFLAGS", tmp_path / "none")
    fill(tmp_path / "file", 1)
    with pytest.raises(InputError, match=r"--way kpageflags: .* needs root"):
        look([tmp_path / "file"], "kpageflags")


def test_every_cached_file_is_found(mount, may_walk, monkeypatch) -> None:
    place = mount("-t", "tmpfs", "-o", "huge=never,size=64M", "tmpfs")
    fill(place / "file", 20 * MIB)
    fill(place / "page", 1)
    fill(place / "empty", 0)
    device = place.stat().st_dev
    encoded = os.major(device) << 20 | os.minor(device)

    def here_alone(offsets):
        found = cached_inodes(offsets)
        return replace(found, records=found.records[found.records["device"] == encoded])

    monkeypatch.setattr(look_module, "cached_inodes", here_alone)
    found = look_everywhere()
    names = [
        f"{os.major(device)}:{os.minor(device)}/{(place / name).stat().st_ino}"
        for name in ("file", "page")
    ]
    assert [result.file for result in found.results] == names  # most nodes first
    counts = [(one.pages, one.nodes, one.predicted_nodes) for one in found.results]
    assert counts == [(5120, 83, 83), (1, 0, 0)]
    assert found.meta["slab"]["objects"] >= 83


@pytest.mark.slow
def test_model_equals_the_kernel_in_every_file_of_the_machine(may_walk) -> None:
    found = look_everywhere()
    steady = [result for result in found.results if result.steady]
    assert len(steady) > 0.9 * len(found.results)
    assert all(result.nodes == result.predicted_nodes for result in steady)
    assert {"ext4", "xfs", "btrfs", "tmpfs"} & {result.filesystem for result in steady}
    assert sum(result.nodes for result in found.results) <= found.meta["slab"]["objects"]


def test_more_inodes_than_the_first_table_holds(walker, mount) -> None:
    place = mount("-t", "tmpfs", "tmpfs")
    for number in range(70):
        fill(place / str(number), 1)
    found = cached_inodes(walker.offsets, room=64)
    device = place.stat().st_dev
    encoded = os.major(device) << 20 | os.minor(device)
    mine = found.records[found.records["device"] == encoded]
    inodes = {path.stat().st_ino for path in place.iterdir()}
    assert (set(mine["number"].tolist()), set(mine["bytes"].tolist())) == (inodes, {1})
    assert len(np.unique(found.records["mapping"])) == len(found.records)


def test_slab_of_nodes_is_read_by_its_columns(tmp_path: Path) -> None:
    path = tmp_path / "slabinfo"
    path.write_text(
        "slabinfo - version: 2.1\n# name <active_objs> ...\n"
        "radix_tree_node    40979  41104    584   14    2 : tunables    0    0    0\n"
    )
    slab = {"active": 40979, "objects": 41104, "object_bytes": 584, "bytes": 2936 * 8192}
    assert node_slab(path) == slab
    path.write_text("slabinfo - version: 2.1\n")
    assert node_slab(path) is None
    assert node_slab(tmp_path / "none") is None


def test_models_are_refused_where_pages_are_not_of_4_kib(monkeypatch, tmp_path, may_walk) -> None:
    monkeypatch.setattr(answers, "page_size", lambda: 65536)
    fill(tmp_path / "file", MIB)
    result = seen(tmp_path / "file")
    assert (result.pages, result.predicted_nodes, result.nodes_by_design) == (256, None, {})
    assert "64 KiB" in result.missing[0]


def test_hugetlbfs_before_6_7_is_refused() -> None:
    with pytest.raises(InputError, match=r"before Linux 6\.7"):
        check_indexed_in_pages("file", HUGETLBFS, "6.6.30-lts")
    check_indexed_in_pages("file", HUGETLBFS, "6.18.0")
    check_indexed_in_pages("file", 0xEF53, "5.17.0")
    assert (name_of(HUGETLBFS), name_of(0x123)) == ("hugetlbfs", "0x123")


def test_nothing_is_left_open_or_loaded(may_walk, tmp_path: Path) -> None:
    fill(tmp_path / "file", 1)
    before = sorted(os.listdir("/proc/self/fd"))
    look([tmp_path / "file"])
    with pytest.raises(InputError):
        look([tmp_path / "file", tmp_path / "missing"])
    assert sorted(os.listdir("/proc/self/fd")) == before


def test_more_files_than_may_be_open_at_once(may_walk, tmp_path: Path) -> None:
    files = look_module.OPEN_AT_ONCE + 3
    for number in range(files):
        fill(tmp_path / str(number), 4096 * (number % 3 + 1))
    paths = [tmp_path / str(number) for number in range(files)]
    limit = len(os.listdir("/proc/self/fd")) + look_module.OPEN_AT_ONCE + 20
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, before[1]))
    try:
        for way in (None, "residency"):
            results = look(paths, way).results
            assert [result.file for result in results] == list(map(str, paths))
            assert [result.pages for result in results] == [k % 3 + 1 for k in range(files)]
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_file_that_becomes_shorter_under_a_look_is_said(tmp_path: Path, monkeypatch) -> None:
    fill(tmp_path / "file", 3 * MIB)

    folios_of = kpageflags.folios_of

    def too_late(fd, size, resident):
        os.truncate(tmp_path / "file", 4096)
        return folios_of(fd, size, resident)

    monkeypatch.setattr(kpageflags, "folios_of", too_late)
    with (tmp_path / "file").open("rb") as file:
        found = fallback.without_walk("name", file.fileno(), "no reason", flags=True)
    assert (found.pages, found.folios, found.orders) == (768, None, None)
    assert any("became shorter meanwhile" in text for text in found.missing)


def test_index_larger_than_the_first_table(walker, mount) -> None:
    path = mount("-t", "tmpfs", "-o", "huge=never,size=64M", "tmpfs") / "file"
    with path.open("wb") as file:  # a page in each of 5,000 nodes
        for node in range(5000):
            os.pwrite(file.fileno(), b"x", node << 18)
    with path.open("rb") as file:
        walk = walker.descriptors([file.fileno()] * 2)
    assert walk.levels[:, :2].tolist() == [[5000, 79]] * 2
    assert walk.steady.all()


def test_pages_that_the_walk_did_not_meet_make_it_unsteady(walker, monkeypatch, mount) -> None:
    path = mount("-t", "tmpfs", "-o", "huge=never,size=64M", "tmpfs") / "file"
    fill(path, MIB)
    run = walker._run

    def with_a_page_more(roots):
        done, copied, context = run(roots)
        done = done.copy()
        for name in ("pages", "pages_after"):
            done[name][0] += 1
        return done, copied, context

    monkeypatch.setattr(walker, "_run", with_a_page_more)
    with path.open("rb") as file:
        assert walker.descriptors([file.fileno()] * 2).steady.tolist() == [False, True]


def test_shadows_keep_nodes_in_the_prediction() -> None:
    folios = Entries(np.uint32([0]), np.uint64([0]), np.uint8([0]))
    shadows = Entries(np.uint32([0, 0]), np.uint64([64, 4096]), np.uint8([0, 0]))
    levels = np.array([[3, 2, 1]])
    walk = Walk(np.array([1]), levels, np.array([True]), folios, shadows)
    (result,) = look_module._results(["file"], [0xEF53], walk)
    assert (result.nodes, result.predicted_nodes, result.shadows) == (6, 6, 2)
    assert (result.folios, result.levels) == (1, {"0": 3, "1": 2, "2": 1})


def test_file_that_changes_under_the_walk_is_walked_again(walker, monkeypatch, mount) -> None:
    path = mount("-t", "tmpfs", "-o", "huge=never,size=64M", "tmpfs") / "file"
    fill(path, MIB)
    run, runs = walker._run, []

    def changing(roots):
        done, copied, context = run(roots)
        runs.append(len(roots))
        if len(runs) <= changes:
            done = done.copy()
            done["pages_after"][0] += 1
        return done, copied, context

    monkeypatch.setattr(walker, "_run", changing)
    with path.open("rb") as file:
        changes = 2
        walk = walker.descriptors([file.fileno()] * 3)
        assert (runs, walk.steady.tolist()) == ([3, 1, 1], [True] * 3)
        assert walk.folios.pages(3).tolist() == [256] * 3
        changes, runs[:] = 100, []
        walk = walker.descriptors([file.fileno()] * 3)
    assert walk.steady.tolist() == [False, True, True]
    assert walk.nodes.tolist() == [5] * 3
