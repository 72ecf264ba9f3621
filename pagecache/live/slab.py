"""The kernel's own count of XArray nodes: the slab that all of them come from."""

from pathlib import Path

SLABINFO = Path("/proc/slabinfo")
NAME = "radix_tree_node"


def node_slab(path: Path = SLABINFO) -> dict[str, int] | None:
    """Nodes in use and in all, bytes of one and of all slabs; None where it may not be read.

    The count is of every array of the kernel, not of page caches alone; free ones that a processor
    keeps at hand count as in use.
    """
    try:
        lines = path.read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    for line in lines:
        if line.startswith(f"{NAME} "):
            active, total, size, per_slab, pages = map(int, line.split()[1:6])
            slabs = -(-total // per_slab)
            return {
                "active": active,
                "objects": total,
                "object_bytes": size,
                "bytes": slabs * pages * 4096,
            }
    return None
