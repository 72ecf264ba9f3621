"""What the numbers were measured on."""

import os
import platform
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from pagecache import __version__
from pagecache.measure.probe import COMMIT

HUGE_PAGES = Path("/sys/kernel/mm/transparent_hugepage/enabled")


def describe() -> dict[str, Any]:
    """Machine, kernel, versions and commit, as they go into the meta of results."""
    return {
        "machine": processor(),
        "architecture": platform.machine(),
        "cpus": os.cpu_count(),
        "memory_bytes": int(psutil.virtual_memory().total),
        "kernel": platform.release(),
        "transparent_hugepages": first_line(HUGE_PAGES),
        "versions": {
            "pagecache": __version__,
            "python": platform.python_version(),
            "numpy": np.__version__,
        },
        "commit": commit(),
    }


def processor() -> str:
    """The processor's name as the kernel gives it."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return platform.processor() or "unknown"
    names = [line.split(":", 1)[1].strip() for line in text.splitlines() if "model name" in line]
    return names[0] if names else platform.machine()


def first_line(path: Path) -> str | None:
    try:
        return path.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return None


def commit() -> str | None:
    """The commit of the checkout this package lies in, or was built in; None if there was none."""
    here = Path(__file__).resolve().parents[2]
    if not (here / ".git").exists():
        return COMMIT
    try:
        found = subprocess.run(
            ["git", "-C", str(here), "rev-parse", "HEAD"],
            capture_output=True,
            text=True,
            check=True,
            timeout=5,
        )
    except (OSError, subprocess.SubprocessError):
        return COMMIT
    return found.stdout.strip()
