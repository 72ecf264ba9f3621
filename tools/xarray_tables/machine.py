"""Where, when and on what the tables were measured."""

import datetime
import os
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
THP = Path("/sys/kernel/mm/transparent_hugepage/enabled")
PACKAGES = ("numpy", "sortedcontainers", "BTrees", "judy", "expanse-trie")


def heading(quick: bool, rounds: int) -> str:
    """A paragraph that names the machine, the versions and the state it was in."""
    load = os.getloadavg()[0]
    lines = [
        f"{cpu()}, {os.cpu_count()} processors; {platform.system()} {platform.release()}",
        f"transparent huge pages: {thp()}; GLIBC_TUNABLES: {os.environ.get('GLIBC_TUNABLES', '-')}",
        f"Python {platform.python_version()}, " + ", ".join(map(named, PACKAGES)),
        f"pagecache {version('pagecache')}, commit {commit()}; {datetime.date.today()}",
        f"{rounds} rounds{', --quick' if quick else ''}; load average {load:.1f} at the start",
    ]
    return "\n".join(f"- {line}" for line in lines) + "\n"


def cpu() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        key, _, value = line.partition(":")
        if key.strip() == "model name":
            return value.strip()
    return platform.machine()


def thp() -> str:
    """The setting in force: the word in brackets."""
    if not THP.exists():
        return "none"
    return THP.read_text(encoding="ascii").partition("[")[2].partition("]")[0]


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
