"""Where, when and on what the tables were measured."""

import datetime
import os
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from pagecache.measure.machine import describe

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("numpy", "sortedcontainers", "BTrees", "judy", "expanse-trie")


def heading(quick: bool, rounds: int) -> str:
    """A paragraph that names the machine, the versions and the state it was in."""
    found = describe()
    load = os.getloadavg()[0]
    versions = found["versions"]
    lines = [
        f"{found['machine']}, {found['cpus']} processors; Linux {found['kernel']}",
        f"transparent huge pages: {in_force(found['transparent_hugepages'])}; "
        f"GLIBC_TUNABLES: {os.environ.get('GLIBC_TUNABLES', '-')}",
        f"Python {versions['python']}, " + ", ".join(map(named, PACKAGES)),
        f"pagecache {versions['pagecache']}, commit {commit()}; {datetime.date.today()}",
        f"{rounds} rounds{', --quick' if quick else ''}; load average {load:.1f} at the start",
    ]
    return "\n".join(f"- {line}" for line in lines) + "\n"


def in_force(setting: str | None) -> str:
    """The choice in brackets."""
    return (setting or "[unknown]").partition("[")[2].partition("]")[0]


def commit() -> str:
    """The commit that is checked out, and whether files differ from it."""
    git = ["git", "-C", str(ROOT), "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"]
    ran = subprocess.run(git, capture_output=True, text=True, check=False)
    return ran.stdout.strip() or "unknown"


def named(package: str) -> str:
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return f"no {package}"
