"""A trace far larger than memory, counted in bounded memory: ``python -m benchmarks.large_trace``

    python -m benchmarks.large_trace --bytes 10G --sample 1% --pages 16M
    python -m benchmarks.large_trace --bytes 2G --pages 256K

A trace of requests is generated (oracleGeneral, 24 bytes each; pages by Zipf's law), counted as a
cell of a sweep by a process of its own, and removed.  Prints one line of JSON: the resident memory
of that process at most, and operations a second of the processor's time that was not spent in
reading and parsing the trace, which is read twice.
"""

import argparse
import json
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pagecache.inputs import PAGE_SIZE, parse_size
from pagecache.inputs.generators import zipf
from pagecache.inputs.trace import Trace
from pagecache.sweep import traced
from pagecache.sweep.cell import Cell
from pagecache.sweep.sampling import parse_rate

RECORD = np.dtype([("s", "<u4"), ("id", "<u8"), ("size", "<u4"), ("next", "<i8")])
CHUNK = 1 << 20  # records
DRAWN = 8


def generate(path: Path, size: int, pages: int, seed: int) -> int:
    """Write a trace of about so many bytes; its requests.

    After the first `DRAWN` chunks each is one of those, turned by a random distance.
    """
    rng, made = np.random.default_rng(seed), 0
    drawn: list[NDArray[np.uint64]] = []
    with open(path, "wb") as file:
        while made * RECORD.itemsize < size:
            if len(drawn) < DRAWN:
                drawn.append(zipf(rng, pages, CHUNK))
            records = np.zeros(CHUNK, RECORD)
            records["s"], records["size"], records["next"] = made // CHUNK, PAGE_SIZE, -1
            records["id"] = np.roll(drawn[rng.integers(len(drawn))], rng.integers(CHUNK))
            file.write(records.tobytes())
            made += CHUNK
    return made


class Clock:
    """Wraps `trace_pieces`: seconds of the processor that were spent in it."""

    def __init__(self, read: Callable[..., Iterator[Trace]]) -> None:
        self.read, self.seconds = read, 0.0

    def __call__(self, *arguments: Any) -> Iterator[Trace]:
        pieces = self.read(*arguments)
        while True:
            began = time.process_time()
            piece = next(pieces, None)
            self.seconds += time.process_time() - began
            if piece is None:
                return
            yield piece


def measure(path: Path, rate: float, memory: int | None) -> dict[str, Any]:
    """Count the trace as a cell; what it took."""
    clock = Clock(traced.trace_pieces)
    traced.trace_pieces = clock  # type: ignore[assignment]
    began, cpu = time.perf_counter(), time.process_time()
    counts = traced.count_trace(Cell.of("thp-multi", trace="t", memory=memory), str(path), rate)
    wall, used = time.perf_counter() - began, time.process_time() - cpu
    return {
        "counts": {name: counts[name] for name in ("asked", "pages", "nodes", "evictions")},
        "seconds": round(wall, 1),
        "cpu_seconds": round(used, 1),
        "cpu_seconds_parsing": round(clock.seconds, 1),
        "resident_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10,
    }


def report(path: Path, requests: int, rate: float, memory: int | None) -> dict[str, Any]:
    """What a process of its own measures."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:
        found = alone.submit(measure, path, rate, memory).result()
    left = found["cpu_seconds"] - found["cpu_seconds_parsing"]
    about = {"bytes": path.stat().st_size, "requests": requests, "sample": rate}
    return {**about, **found, "operations_per_cpu_second": round(requests / left)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bytes", default="10G")
    parser.add_argument("--pages", default="256K", help="that are named (K: 1,024)")
    parser.add_argument("--sample", default="100%")
    parser.add_argument("--memory", help="that frames come from (default: room for all)")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    memory = None if options.memory is None else parse_size(options.memory)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.trace"
        requests = generate(
            path, parse_size(options.bytes), parse_size(options.pages), options.seed
        )
        found = report(path, requests, parse_rate(options.sample), memory)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
