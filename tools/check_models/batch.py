"""Many runs at once, a processor each; compilers and searches are processes of their own."""

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from .catalogue import Run
from .search import Searched, search


class Batch:
    """Searches that began together; what each came to, when somebody asks."""

    def __init__(self, runs: Iterable[Run], jobs: int | None = None) -> None:
        self.pool = ThreadPoolExecutor(jobs or os.cpu_count())
        self.futures: dict[str, Future[Searched]] = {
            run.name: self.pool.submit(search, run) for run in runs
        }

    def __getitem__(self, name: str) -> Searched:
        return self.futures[name].result()

    def __iter__(self) -> Iterator[str]:
        return iter(self.futures)

    def close(self) -> None:
        """Drop what has not begun, and wait for the rest."""
        self.pool.shutdown(cancel_futures=True)
