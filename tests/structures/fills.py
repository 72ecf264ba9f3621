"""The fills whose nodes were counted with Linux's own code, and the numbers they were drawn by."""

import csv
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.uint64]

COUNTED = Path(__file__).parents[1] / "data" / "structures-nodes.csv"
MASK = 2**64 - 1
SIZES = {"64 MiB": 1 << 14, "1 GiB": 1 << 18, "2 GiB": 1 << 19, "100 GiB": 25 << 20}


def counted(structure: str) -> dict[str, int]:
    """The nodes of each fill of one structure."""
    with COUNTED.open() as file:
        rows = [row for row in csv.DictReader(file) if row["structure"] == structure]
    return {row["fill"]: int(row["nodes"]) for row in rows}


class SplitMix:
    """splitmix64: the next number at each call."""

    def __init__(self, seed: int) -> None:
        self.state = seed

    def __call__(self) -> int:
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = self.state
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & MASK
        z = (z ^ z >> 27) * 0x94D049BB133111EB & MASK
        return z ^ z >> 31


def shuffled(values: Indices, seed: int) -> Indices:
    """Fisher-Yates from the last element down, each with the next number modulo its place + 1."""
    chance, items = SplitMix(seed), values.tolist()
    for k in range(len(items) - 1, 0, -1):
        other = chance() % (k + 1)
        items[k], items[other] = items[other], items[k]
    return np.array(items, np.uint64)


def draws(count: int, bits: int, seed: int) -> Indices:
    """The low bits of successive numbers, each index once."""
    chance = SplitMix(seed)
    seen = dict.fromkeys(chance() & ((1 << bits) - 1) for _ in range(count))
    return np.array(list(seen), np.uint64)


def file_of(size: str, order: int) -> Indices:
    """The first index of each folio of a file."""
    return np.arange(0, SIZES[size], 1 << order, dtype=np.uint64)


def every(step: int) -> Indices:
    return np.arange(16384, dtype=np.uint64) * np.uint64(step)
