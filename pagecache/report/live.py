"""What the running kernel holds, on a terminal: tables a file, or of the whole machine."""

import sys
from collections import Counter
from collections.abc import Sequence
from typing import IO

from rich.table import Table

from pagecache import designs
from pagecache.live.answers import Answers, FileAnswer
from pagecache.printable import counted, printable
from pagecache.report.numbers import NO_VALUE, share, size
from pagecache.report.screen import Screen
from pagecache.results import slab_bytes

PAGE = 4096
UNKNOWN = "-"


def print_answers(answers: Answers, file: IO[str] | None = None) -> None:
    """A row for each file, then the designs, then what is missing and why."""
    screen = Screen(sys.stdout if file is None else file)
    results = answers.results
    screen.table(file_table(results))
    screen.print()
    print_designs(screen, results)
    for text in (*differences(results), *missing(results)):
        screen.text(text)
    screen.text(foot(answers))


def print_machine(answers: Answers, file: IO[str] | None = None) -> None:
    """Totals of all files: by filesystem, by folio order, by design, and the slab's count."""
    screen = Screen(sys.stdout if file is None else file)
    results = answers.results
    screen.table(filesystem_table(results))
    screen.print()
    screen.table(order_table(results))
    screen.print()
    print_designs(screen, results)
    for text in (*differences(results), *slab_sentences(answers), *missing(results)):
        screen.text(text)
    screen.text(foot(answers))


def number(value: int | None) -> str:
    """With thousands grouped; a dash where it is missing.

    Examples
    --------
    >>> number(16645), number(None)
    ('16,645', '-')
    """
    return UNKNOWN if value is None else f"{value:,}"


def orders_text(orders: dict[str, int] | None) -> str:
    """Folios by order: ``512 o9, 3 o0``, the largest first.

    Examples
    --------
    >>> orders_text({"0": 3, "9": 512})
    '512 o9, 3 o0'
    """
    if orders is None:
        return UNKNOWN
    largest_first = sorted(orders.items(), key=lambda item: -int(item[0]))
    return ", ".join(f"{count:,} o{order}" for order, count in largest_first) or "0"


def file_table(results: Sequence[FileAnswer]) -> Table:
    table = Table("file", box=None, pad_edge=False)
    for title in ("pages", "folios", "nodes", "model", "shadows"):
        table.add_column(title, justify="right")
    table.add_column("folios by order")
    for result in results:
        counts = (result.pages, result.folios, result.nodes, result.predicted_nodes, result.shadows)
        table.add_row(printable(result.file), *map(number, counts), orders_text(result.orders))
    return table


def filesystem_table(results: Sequence[FileAnswer]) -> Table:
    """What each filesystem's files hold, most nodes first."""
    groups: dict[str, list[FileAnswer]] = {}
    for result in results:
        groups.setdefault(result.filesystem or UNKNOWN, []).append(result)
    table = Table("filesystem", box=None, pad_edge=False)
    for title in ("files", "pages", "folios", "nodes", "model", "shadows"):
        table.add_column(title, justify="right")
    rows = [(name, totals(group)) for name, group in groups.items()]
    for name, counts in [*sorted(rows, key=lambda row: -row[1][3]), ("all", totals(results))]:
        table.add_row(name, *map(number, counts))
    return table


def totals(results: Sequence[FileAnswer]) -> tuple[int, ...]:
    """Files, pages, folios, nodes, the model's nodes and shadows."""
    names = ("pages", "folios", "nodes", "predicted_nodes", "shadows")
    return (len(results), *(sum(getattr(one, name) or 0 for one in results) for name in names))


def order_table(results: Sequence[FileAnswer]) -> Table:
    """Folios of each order, and the share of the cached bytes in them."""
    counts: Counter[int] = Counter()
    for result in results:
        counts.update({int(order): n for order, n in (result.orders or {}).items()})
    pages = sum(n << order for order, n in counts.items())
    table = Table(box=None, pad_edge=False)
    for title in ("order", "folios", "bytes", "of all"):
        table.add_column(title, justify="right")
    for order, n in sorted(counts.items()):
        table.add_row(str(order), number(n), size((n << order) * PAGE), share(n << order, pages))
    return table


def print_designs(screen: Screen, results: Sequence[FileAnswer]) -> None:
    """Nodes of all files under each design, in bytes and against what is cached."""
    nodes: Counter[str] = Counter()
    for result in results:
        nodes.update(result.nodes_by_design)
    if not nodes:
        return
    cached = sum(result.pages or 0 for result in results) * PAGE
    table = Table("design", box=None, pad_edge=False)
    for title in ("nodes", "bytes", "of the cached bytes"):
        table.add_column(title, justify="right")
    for name, count in nodes.items():
        each = designs.find(name).node_bytes
        held = count * slab_bytes(each) if each else None  # nodes of one size alone
        told = (NO_VALUE, NO_VALUE) if held is None else (size(held), share(held, cached))
        table.add_row(printable(name), number(count), *told)
    screen.table(table)
    screen.text("A hugetlb design holds the huge page around every page that is cached.")
    screen.print()


def differences(results: Sequence[FileAnswer]) -> list[str]:
    """Whether the models say what the kernel has, and which file first does not."""
    known = [one for one in results if one.nodes is not None and one.predicted_nodes is not None]
    if not known:
        return []
    moving, wrong = [one for one in known if not one.steady], differing(known)
    texts = []
    if wrong:
        one = wrong[0]
        texts.append(
            f"The model differs in {len(wrong)} of {counted(len(known), 'file')}, first in "
            f"{one.file}: {counted(one.nodes or 0, 'node')}, predicted "
            f"{number(one.predicted_nodes)}."
        )
    elif len(moving) < len(known):
        texts.append(
            f"The model equals the kernel in {number(len(known) - len(moving))} of "
            f"{counted(len(known), 'file')}."
        )
    if moving:
        texts.append(
            f"{number(len(moving))} changed under every walk, first {moving[0].file}: what is "
            "shown of them is the last; look again when they are not in use."
        )
    return texts


def differing(results: Sequence[FileAnswer]) -> list[FileAnswer]:
    """Files whose nodes are known to differ from the model's."""
    return [
        one
        for one in results
        if one.steady
        and one.nodes is not None
        and one.predicted_nodes is not None
        and one.nodes != one.predicted_nodes
    ]


def slab_sentences(answers: Answers) -> list[str]:
    """The walk's nodes against the slab's."""
    slab = answers.meta.get("slab")
    nodes = sum(result.nodes or 0 for result in answers.results)
    if slab is None:
        return ["/proc/slabinfo cannot be read: the slab's own count is missing; run as root."]
    texts = [
        f"Slab radix_tree_node: {number(slab['active'])} objects in use, {size(slab['bytes'])} in "
        f"all; {number(nodes)} of them ({share(nodes, slab['active'])}) are page-cache nodes. The "
        "rest are the kernel's other arrays (IDs, interrupts, swap), and freed ones that "
        "processors keep at hand."
    ]
    if not answers.meta["complete"]:
        texts.append("Inodes were freed in every pass: some files are missing; look again.")
    return texts


def missing(results: Sequence[FileAnswer]) -> list[str]:
    """What is not known, each reason once."""
    counts = Counter(text for result in results for text in result.missing)
    return [f"Missing: {text}." if not text.endswith(".") else text for text in counts]


def foot(answers: Answers) -> str:
    """The kernel, and the way."""
    meta = answers.meta
    return (
        f"Linux {meta['kernel']}, {meta['machine']}, pages of {meta['page_size'] >> 10} KiB, "
        f"pagecache {meta['versions']['pagecache']}; by {meta['way']}."
    )
