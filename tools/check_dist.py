"""Do a source distribution and a wheel hold what others compile and check types against?

python tools/check_dist.py DIST.tar.gz DIST.whl
"""

import sys
import tarfile
import zipfile
from collections.abc import Iterable
from pathlib import Path

SUFFIXES = {".h", ".css", ".js", ".j2", ".pyx", ".pxd", ".pyi", ".py", ".json", ".gz", ".typed"}


def wanted() -> set[str]:
    """Paths of the package's own files, as this checkout has them."""
    files = (path for path in Path("pagecache").rglob("*") if path.suffix in SUFFIXES)
    return {path.as_posix() for path in [*files, Path("pagecache/py.typed")]}


def members(archive: Path) -> set[str]:
    """Paths in an archive, without the directory that a source distribution puts first."""
    if archive.suffix == ".whl":
        return set(zipfile.ZipFile(archive).namelist())
    return {name.partition("/")[2] for name in tarfile.open(archive).getnames()}


def main(archives: Iterable[str]) -> int:
    missing = [
        f"{archive}: {name} is missing; see MANIFEST.in and package-data in pyproject.toml"
        for archive in archives
        for name in sorted(wanted() - members(Path(archive)))
    ]
    print(*missing, sep="\n", end="\n" if missing else "")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
