"""What the memory cgroups of this process leave it, whichever of the two versions they are.

A limit holds for all cgroups below it, so that the least room on the way from this process's own
cgroup up to the root of the mount counts.

| | version 2 | version 1 |
|---|---|---|
| line of /proc/self/cgroup | ``0::/PATH`` | ``N:...memory...:/PATH`` |
| file system in mountinfo | cgroup2 | cgroup, with the option memory |
| limit | memory.max, or ``max`` | memory.limit_in_bytes, or nearly 2**63 |
| in use | memory.current | memory.usage_in_bytes |

Pages of files that nobody has used lately are counted as used, yet reclaimed before anything is
killed: they are room.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

PROC_SELF = Path("/proc/self")


class Files(NamedTuple):
    """What a version calls its files, and the file pages in memory.stat that come free first."""

    limit: str
    used: str
    reclaimable: str


VERSION_1 = Files("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
VERSION_2 = Files("memory.max", "memory.current", "inactive_file")


def cgroup_room(proc: Path = PROC_SELF) -> int | None:
    """Bytes that this process may take before a limit is met; None where nothing limits it."""
    rooms = [room(folder, files) for folder, files in limiting(proc)]
    return min((found for found in rooms if found is not None), default=None)


def limiting(proc: Path) -> Iterator[tuple[Path, Files]]:
    """The folders of the cgroups that this process is in, each after those below it."""
    paths = dict(own_paths(text_of(proc / "cgroup") or ""))
    for files, root, mounted in mounts(text_of(proc / "mountinfo") or ""):
        if files in paths:
            folder = mounted / below(paths[files], root)
            yield from (
                (place, files) for place in (folder, *folder.parents) if inside(place, mounted)
            )


def own_paths(text: str) -> Iterator[tuple[Files, str]]:
    """The path of this process within each hierarchy that may limit memory."""
    for line in text.splitlines():
        _, controllers, path = (*line.split(":", 2), "", "")[:3]
        if not controllers:
            yield VERSION_2, path
        elif "memory" in controllers.split(","):
            yield VERSION_1, path


def mounts(text: str) -> Iterator[tuple[Files, str, Path]]:
    """Where such hierarchies are mounted: (files, the path within that is mounted, where)."""
    for line in text.splitlines():
        left, _, right = line.partition(" - ")
        place, system = left.split(), right.split()
        if len(place) < 5 or len(system) < 3:
            continue
        if system[0] == "cgroup2":
            yield VERSION_2, place[3], Path(place[4])
        elif system[0] == "cgroup" and "memory" in system[2].split(","):
            yield VERSION_1, place[3], Path(place[4])


def below(path: str, root: str) -> str:
    """Our path from what is mounted on; a container sees its own as the root, wherever it is."""
    relative = path.removeprefix(root.rstrip("/")).strip("/")
    return "" if ".." in relative.split("/") or not path.startswith(root.rstrip("/")) else relative


def inside(place: Path, mounted: Path) -> bool:
    return place.is_relative_to(mounted)


def room(folder: Path, files: Files) -> int | None:
    """What one cgroup has left; None if it has no limit, or none that can be read."""
    limit, used = number(folder / files.limit), number(folder / files.used)
    if limit is None or used is None or limit >= 1 << 62:
        return None
    return max(0, limit - used + reclaimable(folder, files))


def reclaimable(folder: Path, files: Files) -> int:
    """Bytes of file pages that are reclaimed first."""
    for line in (text_of(folder / "memory.stat") or "").splitlines():
        name, _, value = line.partition(" ")
        if name == files.reclaimable and value.isdecimal():
            return int(value)
    return 0


def number(path: Path) -> int | None:
    """The number in a file; None for ``max``, and for a file that is not there."""
    text = (text_of(path) or "").strip()
    return int(text) if text.isdecimal() else None


def text_of(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
