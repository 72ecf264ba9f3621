"""The least room among the memory cgroups of a process: trees of both versions, as files."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pagecache.measure.cgroup import cgroup_room

NO_LIMIT = 0x7FFFFFFFFFFFF000  # what version 1 shows where no limit is set
Tree = Callable[..., Path]


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """Write a /proc/self, and the files of a mounted hierarchy; give the /proc/self."""

    def write(own: str, mount: str, **files: str) -> Path:
        mounted = tmp_path / "mounted"
        for name, text in files.items():
            path = mounted / name.replace("__", "/").replace("_dot_", ".")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        (tmp_path / "cgroup").write_text(own)
        (tmp_path / "mountinfo").write_text(mount.format(at=mounted))
        return tmp_path

    return write


V2 = "20 1 0:20 / / rw - ext4 /dev/sda rw\n31 23 0:28 / {at} rw,nosuid - cgroup2 none rw,memory\n"
V1 = "33 31 0:30 / /x rw - cgroup cgroup rw,cpu\n35 31 0:32 / {at} rw - cgroup cgroup rw,memory\n"


def limits(folder: str, limit: object, used: object, stat: str = "") -> dict[str, str]:
    """The three files of version 2 in a folder, as `tree` wants them named."""
    place = f"{folder}__" if folder else ""
    return {
        f"{place}memory_dot_max": f"{limit}\n",
        f"{place}memory_dot_current": f"{used}\n",
        f"{place}memory_dot_stat": stat,
    }


def limits_1(folder: str, limit: object, used: object, stat: str = "") -> dict[str, str]:
    place = f"{folder}__" if folder else ""
    return {
        f"{place}memory_dot_limit_in_bytes": f"{limit}\n",
        f"{place}memory_dot_usage_in_bytes": f"{used}\n",
        f"{place}memory_dot_stat": stat,
    }


@pytest.mark.parametrize("tightest", ["a", "a__b", "a__b__c"])
def test_nested_limit_of_version_2_counts_wherever_it_is_set(tree: Tree, tightest: str) -> None:
    files: dict[str, str] = {}
    for folder in ("a", "a__b", "a__b__c"):
        files |= limits(folder, 5000 if folder == tightest else "max", 2000)
    assert cgroup_room(tree("0::/a/b/c\n", V2, **files)) == 3000


def test_least_room_counts_not_the_least_limit(tree: Tree) -> None:
    files = limits("a", 9000, 8500) | limits("a__b", 4000, 1000)
    assert cgroup_room(tree("0::/a/b\n", V2, **files)) == 500


@pytest.mark.parametrize("tightest", ["", "a", "a__b"])
def test_limit_of_version_1_counts_wherever_it_is_set(tree: Tree, tightest: str) -> None:
    files: dict[str, str] = {}
    for folder in ("", "a", "a__b"):
        files |= limits_1(folder, 5000 if folder == tightest else NO_LIMIT, 2000)
    own = "5:cpu,cpuacct:/elsewhere\n4:memory:/a/b\n0::/\n"
    assert cgroup_room(tree(own, V1, **files)) == 3000


def test_both_versions_at_once_are_asked(tree: Tree) -> None:
    files = limits("a", 7000, 2000) | limits_1("a", 6000, 2000)
    assert cgroup_room(tree("4:memory:/a\n0::/a\n", V1 + V2, **files)) == 4000


@pytest.mark.parametrize("mount_root", ["/docker/1f", "/kubepods/pod7"])
def test_container_whose_mount_is_its_own_cgroup_sees_its_limit(
    tree: Tree, mount_root: str
) -> None:
    mount = V2.replace("0:28 /", f"0:28 {mount_root}")
    for own in (f"{mount_root}/inner", f"{mount_root}", "/../elsewhere", "/"):
        files = limits("", 5000, 2000) | limits("inner", "max", 1)
        assert cgroup_room(tree(f"0::{own}\n", mount, **files)) == 3000


@pytest.mark.parametrize(
    ("make", "own", "mount", "name"),
    [
        (limits, "0::/a\n", V2, "inactive_file"),
        (limits_1, "4:memory:/a\n", V1, "total_inactive_file"),
    ],
)
def test_file_pages_that_are_reclaimed_first_are_room(
    tree: Tree, make: Callable[..., dict[str, str]], own: str, mount: str, name: str
) -> None:
    stat = f"anon 77\nactive_file 400\n{name} 1500\n"
    assert cgroup_room(tree(own, mount, **make("a", 5000, 4900, stat))) == 1600


def test_room_is_never_below_nothing(tree: Tree) -> None:
    assert cgroup_room(tree("0::/a\n", V2, **limits("a", 5000, 5100))) == 0


@pytest.mark.parametrize(
    ("own", "mount"),
    [("", ""), ("0::/\n", ""), ("0::/\n", V2), ("broken\n", "broken - cgroup2\n"), ("0::/a\n", V2)],
)
def test_no_limit_is_no_number(tree: Tree, own: str, mount: str) -> None:
    assert cgroup_room(tree(own, mount, **limits("a", "max", 2000))) is None
    assert cgroup_room(Path("/nowhere")) is None
