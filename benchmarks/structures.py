"""What a Python user has instead of an XArray, each filled and read in the ways it offers.

Keys are 0, 1, ... n-1 (a file of n cached pages) and the value of a key is key + 10**9.  Where a
structure can be filled or read in bulk in several ways, all are here: the best is the one to beat.
Those that take Python ints are given lists of them, and the XArray and numpy arrays, all made
beforehand.

Pages: the node pool and numpy ask for huge ones, malloc (all the others) does not, unless
``GLIBC_TUNABLES=glibc.malloc.hugetlb=1`` is set, as asv.conf.json does.
"""

import importlib.util
import pkgutil
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.uint64]

BASE = 10**9  # what is added to a key
EXTRA = "pip install pagecache[peers]"
MOST = 1 << 22  # entries that are asked for at once


class Keys:
    """Keys and their values, as arrays and as lists of ints."""

    def __init__(self, keys: Array) -> None:
        self.keys, self.values = keys, keys + np.uint64(BASE)

    @cached_property
    def key_list(self) -> list[int]:
        return self.keys.tolist()

    @cached_property
    def value_list(self) -> list[int]:
        return self.values.tolist()

    def make_lists(self) -> None:
        assert len(self.key_list) == len(self.value_list)

    @cached_property
    def getter(self) -> Callable[[Any], Iterable[int]]:
        return itemgetter(*self.key_list)

    @property
    def pairs(self) -> Iterable[tuple[int, int]]:
        return zip(self.key_list, self.value_list, strict=True)


def get_each(held: Any, keys: list[int]) -> None:
    for key in keys:
        held[key]


def load_each(held: Any, keys: list[int]) -> None:
    for key in keys:
        held.load(key)


Fill = Callable[[Any, Keys], Any]
Read = Callable[[Any, Keys], Iterable[int]]

READS: tuple[Read, ...] = (
    lambda held, keys: [held[key] for key in keys.key_list],
    lambda held, keys: list(map(held.__getitem__, keys.key_list)),
    lambda held, keys: keys.getter(held),
)


@dataclass(frozen=True)
class Structure:
    """One of them: `fills` and `reads` are its bulk forms; a read gives the values in order.

    `kind` says where its class is found: ``module:name``.
    """

    kind: str
    fills: tuple[Fill, ...]
    reads: tuple[Read, ...] = READS
    get: Callable[[Any, list[int]], None] = get_each
    items: Callable[[Any], Iterable[Any]] = lambda held: held.items()
    all_items: Callable[[Any], Any] = lambda held: list(held.items())
    takes_arrays: bool = False

    def need(self, name: str) -> None:
        """NotImplementedError, with the remedy, where it is not installed."""
        module = self.kind.partition(":")[0].partition(".")[0]
        if importlib.util.find_spec(module) is None:
            raise NotImplementedError(f"{name} is not installed; {EXTRA}")

    @property
    def type(self) -> Any:
        return pkgutil.resolve_name(self.kind)

    def fill(self, keys: Keys, form: int = 0) -> Any:
        return self.fills[form](self.type, keys)

    def check(self, held: Any, keys: Keys) -> None:
        """AssertionError unless all reads give the values of the keys."""
        for read in self.reads:
            assert np.array_equal(np.fromiter(read(held, keys), np.uint64), keys.values)

    def visit(self, held: Any) -> None:
        """One item after the other."""
        deque(self.items(held), maxlen=0)


def set_each(type_: Any, keys: Keys) -> Any:
    made = type_()
    for key, value in keys.pairs:
        made[key] = value
    return made


def updated(type_: Any, keys: Keys) -> Any:
    made = type_()
    made.update(list(keys.pairs))
    return made


def stored(type_: Any, keys: Keys) -> Any:
    made = type_()
    made.store_many(keys.keys, keys.values)
    return made


def inserted(type_: Any, keys: Keys) -> Any:
    made = type_()
    made.insert_many(keys.key_list, keys.value_list)
    return made


def of_pairs(type_: Any, keys: Keys) -> Any:
    return type_(keys.pairs)


def dense(_: Any, keys: Keys) -> Array:
    """An array with a place for each key there can be."""
    made = np.zeros(int(keys.keys.max()) + 1, np.uint64)
    made[keys.keys] = keys.values
    return made


STRUCTURES = {
    "XArray": Structure(
        "pagecache:XArray",
        (stored,),
        reads=(lambda held, keys: held.load_many(keys.keys),),
        get=load_each,
        all_items=lambda held: held.extract(limit=MOST),
        takes_arrays=True,
    ),
    "dict": Structure("builtins:dict", (of_pairs, set_each)),
    "SortedDict": Structure("sortedcontainers:SortedDict", (of_pairs,)),
    "LLBTree": Structure("BTrees.LLBTree:LLBTree", (set_each, updated)),
    "judy": Structure(
        "judy:JudyIntIntMap",
        (lambda type_, keys: type_.FromArray(keys.keys, keys.values), set_each),
    ),
    "expanse-trie": Structure("expanse_trie:ExpanseMap", (set_each, inserted)),
    "numpy": Structure(
        "numpy:ndarray",
        (dense,),
        reads=(lambda held, keys: held[keys.keys],),
        items=enumerate,
        all_items=lambda held: (np.arange(len(held), dtype=np.uint64), held.copy()),
        takes_arrays=True,
    ),
}
