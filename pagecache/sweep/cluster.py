"""Cells on a Dask cluster: ``--scheduler ADDRESS``, with the extra `dist`.

Workers are asked first which package they run and which traces they see; a task asks again, for
those that join later.  Dask gives the cell of a worker that dies to another, and gives a cell up
that has killed several.  If the scheduler dies the sweep ends; what is done is kept.
"""

import logging
import queue
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import CancelledError
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any

from pagecache.errors import InputError, WorkerDied
from pagecache.sweep.embedded import TICK
from pagecache.sweep.identity import differs, identity
from pagecache.sweep.shipping import SMALL, Shipped, lacks
from pagecache.sweep.task import Outcome, Task, outcome, run_task, sentence

AHEAD = 3  # tasks on their way for each thread of the cluster
PATIENCE = 60  # seconds for a worker to join, and to answer
NEEDS = "--scheduler: Dask is not installed; pip install 'pagecache[dist]'"


class Cluster:
    """The workers of a Dask scheduler.

    Parameters
    ----------
    address : str
        ``tcp://HOST:PORT``.

    Raises
    ------
    InputError
        Dask is not installed, the scheduler does not answer, no worker joins, or a worker runs
        another version or build of the package.
    """

    def __init__(self, address: str) -> None:
        self.address, self.bytes = address, 0
        self.client = connected(address)
        try:
            self.check_workers()
        except BaseException:
            self.client.close()
            raise

    @property
    def workers(self) -> int:
        """Threads of all workers, each of which runs one cell at a time."""
        return max(int(sum(self.client.nthreads().values())), 1)

    def __str__(self) -> str:
        return f"Dask, {self.address}"

    def check_workers(self) -> None:
        """InputError unless workers are there that all run this package."""
        try:
            self.client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError:
            raise InputError(
                f"--scheduler: no worker has joined {self.address}; run dask worker {self.address}"
            ) from None
        for worker, other in self.everywhere(differs, identity()).items():
            if other is not None:
                raise InputError(
                    f"--scheduler: worker {worker} runs {other}; install the same package there"
                )

    def everywhere(self, function: Callable[..., Any], *arguments: Any) -> dict[str, Any]:
        """What each worker answers; one that dies meanwhile is left out."""
        asked = {
            worker: self.client.submit(function, *arguments, workers=[worker], pure=False)
            for worker in self.client.nthreads()
        }
        found = {}
        for worker, future in asked.items():
            try:
                found[worker] = future.result(timeout=PATIENCE)
            except TimeoutError:
                continue
            except Exception as error:
                raise InputError(
                    f"--scheduler: worker {worker} cannot run pagecache ({sentence(error)}); "
                    "install the same package there"
                ) from None
        return found

    def outcomes(self, tasks: Iterable[Task]) -> Generator[Outcome | None]:
        """Run tasks by all workers; their outcomes as they come, in any order.

        None now and then, while nothing is done.

        Raises
        ------
        InputError
            A worker that joined later runs another build of the package.
        WorkerDied
            The scheduler is gone.
        """
        running: dict[Any, Task] = {}
        done: queue.SimpleQueue[Any] = queue.SimpleQueue()
        sent: dict[str, Any] = {}
        try:
            yield from self.drain(iter(tasks), running, done, sent)
        except (OSError, CancelledError):  # of the connection: files are read before
            raise self.gone() from None
        finally:
            with suppress(OSError, TimeoutError, CancelledError):
                if self.client.status == "running":
                    self.client.cancel([*running, *(each for each in sent.values() if each)])
                self.client.close()

    def gone(self) -> WorkerDied:
        """The error for a scheduler that does not answer any more."""
        return WorkerDied(
            f"--scheduler: {self.address} is gone; what is done is kept, and the same command goes "
            "on with another"
        )

    def drain(
        self,
        left: Iterator[Task],
        running: dict[Any, Task],
        done: "queue.SimpleQueue[Any]",
        sent: dict[str, Any],
    ) -> Iterator[Outcome | None]:
        """Outcomes until nothing is left; `running` holds what was begun, by its future."""
        while True:
            for task in islice(left, max(AHEAD * self.workers - len(running), 0)):
                future = self.begin(task, sent)
                running[future] = task
                future.add_done_callback(done.put)
            if not running:
                return
            try:
                future = done.get(timeout=TICK)
            except queue.Empty:
                yield None
                continue
            task = running[future]
            found = self.outcome_of(future, task)
            del running[future]
            self.bytes += 2 * task.trace.bytes if task.trace else 0
            yield found

    def begin(self, task: Task, sent: dict[str, Any]) -> Any:
        """The future of a task's outcome; its trace comes along if a worker lacks it."""
        contents = {}
        if task.trace is not None:
            key = task.trace.sha256
            if key not in sent:
                sent[key] = self.send(task.trace)
            if sent[key] is not None:
                contents[key] = sent[key]
        key = f"cell-{task.cell.number}"
        return self.client.submit(run_task, task, contents, key=key, pure=False)

    def send(self, shipped: Shipped) -> Any:
        """The trace's bytes in the cluster; None if all workers have it, or it is too large."""
        lacking = any(self.everywhere(lacks, shipped).values())
        if not lacking or shipped.bytes > SMALL:
            return None
        content = Path(shipped.path).read_bytes()
        # A task and not scattered data: should its worker die, another makes it again.
        return self.client.submit(bytes, content, key=f"trace-{shipped.sha256}", pure=False)

    def outcome_of(self, future: Any, task: Task) -> Outcome:
        """The outcome of a future that was done.

        If the worker that held it has died since, this waits until another has run the cell.
        """
        try:
            found: Outcome = future.result()
        except (InputError, OSError, CancelledError):
            raise
        except Exception as error:
            return outcome(task, None, sentence(error))
        return found


def connected(address: str) -> Any:
    """A client of the scheduler there."""
    try:
        import distributed  # noqa: PLC0415 - an extra
    except ImportError:
        raise InputError(NEEDS) from None
    for name in logging.root.manager.loggerDict:  # errors are ours to tell
        if name.split(".")[0] == "distributed":
            logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        client: Any = distributed.Client
        return client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        raise InputError(
            f"--scheduler: {address} does not answer ({sentence(error)}); give tcp://HOST:PORT"
        ) from None
