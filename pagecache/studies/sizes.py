"""``pagecache study sizes``: what saturating sizes and kvmalloc answer."""

import argparse
import sys
from collections.abc import Iterator

from pagecache.allocation.memory import Memory
from pagecache.gfp.kv import kvfree, kvmalloc
from pagecache.gfp.kvframes import KvFrames, kvfree_frames, kvmalloc_frames
from pagecache.gfp.kvmalloc import array_size
from pagecache.gfp.window import Failing
from pagecache.inputs.sizes import format_size
from pagecache.studies.columns import aligned

WORD = 1 << 64
COUNTS = ((1000, 64), (1 << 32, 512), (1 << 58, 64), ((1 << 60) + 1, 64), (1 << 60, 64))
BYTES = (64, 4096, 12 << 10, 3 << 20, 5 << 20, 1 << 31)
FRAMES = (4096, 12 << 10, 1 << 20, 5 << 20)
MEMORY = "64M"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No arguments."""


def run(options: argparse.Namespace) -> int:
    write = sys.stdout.write
    write(f"A count times the bytes of an element:\n\n{aligned([*products()])}\n\n")
    write(f"kvmalloc in this process, freed again:\n\n{aligned([*requests()])}\n\n")
    write(f"kvmalloc over frames of {MEMORY}:\n\n{aligned([*over_frames()])}\n")
    return 0


def products() -> Iterator[tuple[str, ...]]:
    """What a word is left with where the product overflows, and what array_size says."""
    yield "count", "element", "bytes in a word", "array_size"
    for count, element in COUNTS:
        size = array_size(count, element)
        shown = "2^64 - 1" if size == WORD - 1 else f"{size:,}"
        yield f"{count:,}", str(element), f"{count * element % WORD:,}", shown


def requests() -> Iterator[tuple[str, ...]]:
    """Where kvmalloc finds each size, with its block and with that refused."""
    yield "bytes", "usually", "with the block refused"
    for size in BYTES:
        usual = found(size)
        with Failing(piece=True):
            yield format_size(size), usual, found(size)


def found(size: int) -> str:
    """How kvmalloc allocates that many bytes."""
    try:
        memory = kvmalloc(size)
    except MemoryError:
        return "refused"
    said = "in one piece" if memory.one_piece else "page by page"
    kvfree(memory)
    return said


def over_frames() -> Iterator[tuple[str, ...]]:
    """Blocks and page tables that simulated memory gives, before and after it is scattered."""
    yield "bytes", "empty memory", "half of its frames pinned at random"
    empty, scattered = Memory(MEMORY, policy="compound"), Memory(MEMORY, policy="compound")
    scattered.fragment("pinned", k=2)
    for size in FRAMES:
        yield format_size(size), taken(empty, size), taken(scattered, size)


def taken(memory: Memory, size: int) -> str:
    """Which frames that many bytes get; they are freed again."""
    got = kvmalloc_frames(memory, size)
    kvfree_frames(memory, got)
    return shape(got)


def shape(got: KvFrames) -> str:
    if got.order is not None:
        return f"a block of order {got.order}"
    tables = f"{len(got.tables)} page table{'s' * (len(got.tables) != 1)}"
    return f"{len(got.frames):,} frames, {tables}"
