"""Which processors threads are pinned to, and what these share."""

import os
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from pagecache.errors import InputError

SYSTEM = Path("/sys/devices/system/cpu")
FEW = 8  # processors up to which one thread and all of them are measured; beyond, powers of two


def parse_cpus(text: str) -> tuple[int, ...]:
    """The processors of a list as the kernel writes it.

    Examples
    --------
    >>> parse_cpus("0-2,5")
    (0, 1, 2, 5)
    """
    found: list[int] = []
    for part in text.strip().split(","):
        first, _, last = part.partition("-")
        try:
            found += range(int(first), int(last or first) + 1)
        except ValueError:
            raise InputError(f"--cpus: {part!r} is no processor; give 0,1 or 0-3") from None
    return tuple(dict.fromkeys(found))


def siblings(cpu: int, system: Path = SYSTEM) -> tuple[int, ...]:
    """The processors of its core, itself among them; itself alone where nothing says."""
    try:
        text = (system / f"cpu{cpu}" / "topology" / "thread_siblings_list").read_text()
    except OSError:
        return (cpu,)
    return parse_cpus(text)


def node(cpu: int, system: Path = SYSTEM) -> int:
    """The memory node of a processor; 0 where nothing says."""
    found = sorted((system / f"cpu{cpu}").glob("node[0-9]*"))
    return int(found[0].name.removeprefix("node")) if found else 0


def usual_cpus(allowed: Sequence[int], system: Path = SYSTEM) -> tuple[int, ...]:
    """Those of one node, each core once before any core a second time, the quiet ones first.

    Interrupts favour the first processor, so it comes last.
    """
    nodes: dict[int, list[int]] = defaultdict(list)
    for cpu in sorted(allowed, reverse=True):
        nodes[node(cpu, system)].append(cpu)
    cpus = max(nodes.values(), key=len)
    turns: dict[tuple[int, ...], int] = defaultdict(int)
    rank = {}
    for cpu in cpus:
        core = siblings(cpu, system)
        rank[cpu] = turns[core]
        turns[core] += 1
    return tuple(sorted(cpus, key=lambda cpu: rank[cpu]))


def usual_threads(cpus: int) -> tuple[int, ...]:
    """How many threads are measured if nobody says.

    Examples
    --------
    >>> usual_threads(2), usual_threads(1), usual_threads(24)
    ((1, 2), (1,), (1, 2, 4, 8, 16))
    """
    if cpus <= FEW:
        return (1,) if cpus == 1 else (1, cpus)
    return tuple(1 << k for k in range(cpus.bit_length()) if 1 << k <= cpus)


def checked_cpus(asked: str | None) -> tuple[int, ...]:
    """The processors asked for, or the usual ones; InputError for one that may not be used."""
    allowed = sorted(os.sched_getaffinity(0))
    if asked is None:
        return usual_cpus(allowed)
    found = parse_cpus(asked)
    for cpu in found:
        if cpu not in allowed:
            raise InputError(
                f"--cpus: processor {cpu} may not be used here; give some of "
                f"{','.join(map(str, allowed))}"
            )
    return found


def shared_by(cpus: Sequence[int], system: Path = SYSTEM) -> str:
    """What the processors share, in words for a caption: cores and nodes."""
    cores = {siblings(cpu, system) for cpu in cpus}
    nodes = {node(cpu, system) for cpu in cpus}
    names = ", ".join(map(str, cpus))
    if len(cpus) == 1:
        return f"processor {names}"
    core = "a core each" if len(cores) == len(cpus) else f"siblings on {len(cores)} cores"
    return f"processors {names}, {core}, on {len(nodes)} memory node{'s' * (len(nodes) > 1)}"


def doubts_of_cpus(
    title: str, cpus: Sequence[int], most: int, system: Path = SYSTEM
) -> tuple[str, ...]:
    """What these processors cannot show: too few of them, siblings of a core, several nodes.

    Parameters
    ----------
    title : str
        Of the case, which each sentence begins with.
    cpus : sequence of int
        In the order that threads are pinned to them.
    most : int
        Threads that run at the same time at most, a writer among them.
    """
    found = []
    if most > len(cpus):
        found.append(
            f"{title}: {most} threads share {len(cpus)} of the machine's processors and take "
            f"turns; give no more --threads, or more --cpus."
        )
    used = cpus[:most]
    if len({siblings(cpu, system) for cpu in used}) < len(used):
        found.append(
            f"{title}: some of processors {', '.join(map(str, used))} are siblings of one core, "
            f"so their scaling is that of a core's halves; choose others with --cpus."
        )
    if len({node(cpu, system) for cpu in used}) > 1:
        found.append(
            f"{title}: processors {', '.join(map(str, used))} lie on several memory nodes, and "
            f"the index on one; choose those of one node with --cpus."
        )
    return tuple(found)
