"""Processes that keep a structure each and measure it on demand, so that a round asks them all."""

import gc
import multiprocessing
from multiprocessing.connection import Connection
from typing import Any

import numpy as np

from benchmarks.structures import STRUCTURES, Keys

from .rounds import timed

CONTEXT = multiprocessing.get_context("spawn")
READS = 1 << 18  # random keys a round


class Worker:
    """One structure of `entries` entries in a process of its own."""

    def __init__(self, name: str, entries: int) -> None:
        self.name, self.structure = name, STRUCTURES[name]
        self.pipe, other = CONTEXT.Pipe()
        self.process = CONTEXT.Process(target=serve, args=(other, name, entries), daemon=True)
        self.process.start()
        other.close()  # else a worker that died would be waited for

    def tasks(self) -> list[tuple[str, int]]:
        """What it can be asked, with the number of the form."""
        fills = [("fill", form) for form in range(len(self.structure.fills))]
        reads = [("read", form) for form in range(len(self.structure.reads))]
        return [*fills, *reads, ("get", 0), ("visit", 0), ("items", 0)]

    def ask(self, task: tuple[str, int], seed: int) -> float:
        """ns an entry."""
        self.pipe.send((*task, seed))
        answer = self.pipe.recv()
        if isinstance(answer, BaseException):
            raise answer
        return float(answer)

    def stop(self) -> None:
        self.pipe.close()
        self.process.join()


def serve(pipe: Connection, name: str, entries: int) -> None:
    """Answer until the other end is closed."""
    server = Server(name, entries)
    gc.disable()
    while True:
        try:
            task, form, seed = pipe.recv()
        except (EOFError, OSError):
            return
        try:
            pipe.send(server.measure(task, form, seed))
        except Exception as error:
            pipe.send(error)


class Server:
    """What stands at the other end."""

    def __init__(self, name: str, entries: int) -> None:
        self.structure, self.entries = STRUCTURES[name], entries
        self.all_keys = Keys(np.arange(entries, dtype=np.uint64))
        if not self.structure.takes_arrays:
            self.all_keys.make_lists()
        self.held = self.structure.fill(self.all_keys)
        self.made: Any = None
        self.seed = -1

    def draw(self, seed: int) -> None:
        """Keys of this round; what is read is checked before any of it is timed."""
        if seed == self.seed:
            return
        rng = np.random.default_rng(seed)
        self.seed = seed
        self.keys = Keys(rng.integers(0, self.entries, READS, dtype=np.uint64))
        self.structure.check(self.held, self.keys)

    def measure(self, task: str, form: int, seed: int) -> float:
        self.draw(seed)
        return float(getattr(self, task)(form))

    def fill(self, form: int) -> float:
        def run() -> None:
            self.made = self.structure.fill(self.all_keys, form)

        spent = timed(run, self.drop)
        self.drop()
        return spent / self.entries

    def drop(self) -> None:
        self.made = None

    def read(self, form: int) -> float:
        return timed(lambda: self.structure.reads[form](self.held, self.keys)) / READS

    def get(self, form: int) -> float:
        keys = self.keys.key_list
        return timed(lambda: self.structure.get(self.held, keys)) / READS

    def visit(self, form: int) -> float:
        return timed(lambda: self.structure.visit(self.held)) / self.entries

    def items(self, form: int) -> float:
        return timed(lambda: self.structure.all_items(self.held)) / self.entries
