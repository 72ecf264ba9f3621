"""``pagecache study counts``: the life of a 2 MiB folio, by its references and map counts.

Each row is one step, carried out on the struct pages of a folio. Two steps are refused, and change
nothing: one would free a folio that is still mapped, one undoes a mapping that nobody has.
"""

import argparse
import sys
from collections.abc import Iterator

import numpy as np

from pagecache.page.counts import Counts
from pagecache.page.frames import Frames
from pagecache.studies.columns import aligned

ORDER, PAGE = 9, 3  # of the folio; the page of it that is mapped by itself, too
EACH = range(1 << ORDER)
STEPS = (
    ("the page cache takes a reference a page", "get", EACH),
    ("one process maps the whole folio", "map_whole", [0]),
    ("a second one maps page 3", "map", [PAGE]),
    ("a third one maps page 3", "map", [PAGE]),
    ("the page cache drops it", "put", EACH),
    ("page 3 is unmapped", "unmap", [PAGE]),
    ("page 3 is unmapped again", "unmap", [PAGE]),
    ("page 3 is unmapped once too often", "unmap", [PAGE]),
    ("the first reference is put", "put", [0]),
    ("the last reference is put, still mapped", "put", [0]),
    ("the whole folio is unmapped", "unmap_whole", [0]),
)
ANSWERS = {"map": "the first", "map_whole": "the first", "put": "freed"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No arguments."""


def run(options: argparse.Namespace) -> int:
    sys.stdout.write(f"A folio of order {ORDER}, step by step:\n\n{aligned([*life()])}\n")
    return 0


def life() -> Iterator[tuple[str, ...]]:
    """A row a step: references, entries that map the folio, those that map page 3, the answer."""
    frames = Frames(1 << ORDER)
    frames.make_folios(np.array([0], np.uint64), np.array([ORDER], np.uint8), tails=True)
    counts = Counts(frames)
    yield "step", "references", "mappings", "of page 3", "answer"
    yield "made", *state(counts), ""
    for text, name, pages in STEPS:
        answer = done(counts, name, pages)
        yield text, *state(counts), answer


def done(counts: Counts, name: str, pages: range | list[int]) -> str:
    """Carry a step out: whether it was the first or last of its kind, or why it is refused."""
    answer = None
    try:
        for page in pages:
            answer = getattr(counts, name)(page)
    except ValueError as refusal:
        return f"refused: {refusal}"
    return ANSWERS.get(name, "the last") if answer else ""


def state(counts: Counts) -> tuple[str, str, str]:
    references = counts.frames.refcount(0)
    if not references:
        return "0", "-", "-"
    return str(references), str(counts.folio_mappings(0)), str(counts.mappings(PAGE))
