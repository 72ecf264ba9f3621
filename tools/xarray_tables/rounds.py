"""Rounds in reshuffled order, medians of them, and ratios made within each."""

import time
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Sequence
from statistics import median
from typing import TypeVar

import numpy as np

Key = TypeVar("Key", bound=Hashable)

LEAST_NS = 2_000_000  # of what is timed at once: shorter things are repeated

Samples = dict[Key, list[float]]


def drawn(keys: Sequence[Key], rounds: int, seed: int = 1) -> Iterator[Key]:
    """Each key once a round, in an order that is drawn for the round."""
    rng = np.random.default_rng(seed)
    for _ in range(rounds):
        for place in rng.permutation(len(keys)):
            yield keys[place]


def collect(keys: Sequence[Key], rounds: int, measure: Callable[[Key], float]) -> Samples[Key]:
    """What `measure` says of each key, a list of rounds; a first round warms up and is dropped."""
    for key in keys:
        measure(key)
    samples: Samples[Key] = defaultdict(list)
    for key in drawn(keys, rounds):
        samples[key].append(measure(key))
    return dict(samples)


def timed(run: Callable[[], object], prepare: Callable[[], object] = lambda: None) -> float:
    """ns of one run: of as many as take 2 ms together, each after its own preparation.

    Of processor time: what a neighbour runs meanwhile is not in it (that it uses the caches is).
    """
    spent = runs = 0
    while spent < LEAST_NS:
        prepare()
        start = time.thread_time_ns()
        run()
        spent += time.thread_time_ns() - start
        runs += 1
    return spent / runs


def ratio(samples: Sequence[float], base: Sequence[float]) -> float:
    """The median of the rounds' own ratios."""
    return median(one / other for one, other in zip(samples, base, strict=True))


def least(*forms: Sequence[float]) -> list[float]:
    """The best of several forms, round by round."""
    return [min(round_) for round_ in zip(*forms, strict=True)]
