"""``pagecache study page-size TREE``: what larger pages or least folios waste on small files.

Each file ends in a page that is partly used: cached whole, a tree takes each of its files rounded
up. Larger base pages need fewer struct pages for all of memory, whatever is cached; where that
saving is more than the rounding costs, they pay. A larger minimum folio order of a filesystem with
4 KiB pages rounds up as much and saves no struct pages.
"""

import argparse
import os
import stat
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from pagecache.errors import InputError
from pagecache.inputs.sizes import PAGE_SIZE, format_size
from pagecache.page.descriptors import STRUCT_PAGE_BYTES
from pagecache.studies.columns import aligned

PAGE_SIZES = (4 << 10, 16 << 10, 64 << 10)
MIN_ORDERS = (1, 2, 3, 4)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "tree", metavar="TREE", help="a directory: all its files, on one filesystem"
    )


def run(options: argparse.Namespace) -> int:
    sizes = file_sizes(options.tree)
    total = sum(sizes)
    sys.stdout.write(
        f"{options.tree}: {len(sizes):,} files of {format_size(total)} ({total:,} bytes)\n\n"
        f"{aligned([*page_rows(sizes)])}\n\n{aligned([*order_rows(sizes)])}\n\n"
        "pays from: memory in which as many struct pages are saved as the rounding costs.\n"
    )
    return 0


class Rounded(NamedTuple):
    """A tree whose files are cached in pages of one size.

    Attributes
    ----------
    cached
        Bytes: each file rounded up.
    wasted
        How many more than in pages of 4 KiB.
    pays_from
        Bytes of memory in which so many are saved in struct pages; 0 where nothing is wasted, None
        where nothing is saved.
    """

    page: int
    cached: int
    wasted: int
    pays_from: int | None


def rounded(sizes: Sequence[int], page: int, *, base: int | None = None) -> Rounded:
    """What files of these sizes take, rounded up to `page`; `base` is the base page if smaller.

    Examples
    --------
    >>> rounded([1, 4096, 70000], 16 << 10)
    Rounded(page=16384, cached=114688, wasted=32768, pays_from=2796203)
    >>> rounded([1, 4096, 70000], 16 << 10, base=4096).pays_from is None
    True
    """
    cached = sum(-(-size // page) for size in sizes) * page
    wasted = cached - sum(-(-size // PAGE_SIZE) for size in sizes) * PAGE_SIZE
    base = page if base is None else base
    if not wasted:
        return Rounded(page, cached, 0, 0)
    if base == PAGE_SIZE:
        return Rounded(page, cached, wasted, None)
    # wasted = memory * STRUCT_PAGE_BYTES * (1 / PAGE_SIZE - 1 / base)
    pays_from = -(-wasted * PAGE_SIZE * base // (STRUCT_PAGE_BYTES * (base - PAGE_SIZE)))
    return Rounded(page, cached, wasted, pays_from)


def more(cached: int, least: int) -> str:
    """By how much more, in per cent.

    Examples
    --------
    >>> more(12223488, 11297712), more(0, 0)
    ('8.2 %', '0.0 %')
    """
    return f"{100 * (cached / least - 1) if least else 0:.1f} %"


def page_rows(sizes: Sequence[int]) -> Iterator[tuple[str, ...]]:
    yield "base page", "cached", "more than 4K", "pays from"
    least = rounded(sizes, PAGE_SIZE).cached
    for page in PAGE_SIZES:
        found = rounded(sizes, page)
        pays = "-" if found.pays_from is None or page == PAGE_SIZE else format_size(found.pays_from)
        yield format_size(page), format_size(found.cached), more(found.cached, least), pays


def order_rows(sizes: Sequence[int]) -> Iterator[tuple[str, ...]]:
    yield "minimum order", "cached", "more than order 0"
    least = rounded(sizes, PAGE_SIZE).cached
    for order in MIN_ORDERS:
        found = rounded(sizes, PAGE_SIZE << order, base=PAGE_SIZE)
        yield str(order), format_size(found.cached), more(found.cached, least)


def file_sizes(tree: str | Path) -> list[int]:
    """Bytes of each regular file below a directory, each once, without other filesystems.

    Raises
    ------
    InputError
        It is no directory, cannot be read, or has no file with anything in it.
    """
    try:
        device = os.stat(tree).st_dev
        os.scandir(tree).close()
    except OSError as error:
        raise InputError(f"{tree}: {error.strerror}; name a directory") from None
    found: dict[int, int] = {}
    for folder, folders, names in os.walk(tree):
        folders[:] = [name for name in folders if _device(os.path.join(folder, name)) == device]
        for name in names:
            try:
                entry = os.lstat(os.path.join(folder, name))
            except OSError:
                continue  # it went away meanwhile
            if stat.S_ISREG(entry.st_mode) and entry.st_dev == device:
                found[entry.st_ino] = entry.st_size
    sizes = [size for size in found.values() if size]
    if not sizes:
        raise InputError(f"{tree}: it has no file with anything in it; name another directory")
    return sizes


def _device(path: str) -> int:
    try:
        return os.lstat(path).st_dev
    except OSError:
        return -1
