"""A sweep: the cells that are left, run by workers, their rows kept as they come."""

import os
import socket
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from pagecache.errors import InputError
from pagecache.sweep.directory import Directory, Question, opened
from pagecache.sweep.embedded import Cores, cores
from pagecache.sweep.grid import Grid, read_grid
from pagecache.sweep.manifest import Manifest
from pagecache.sweep.table import Table, rows_in
from pagecache.sweep.task import Outcome, Task

if TYPE_CHECKING:
    import pandas as pd

KEEP_EVERY = 0.5  # seconds between parts
KEEP_AT = 1024  # rows of a part at most


@dataclass
class Swept:
    """How far a sweep has come.

    Attributes
    ----------
    cells, done : int
        In the grid; with a row in the table.
    failed : dict
        The error of each cell that failed, by its number.
    left_out : int
        Combinations that do not fit.
    bytes, total_bytes : int
        Of traces: read so far in this run, and to be read.
    interrupted : bool
        Ctrl-C ended it.
    """

    cells: int
    done: int
    failed: dict[int, str] = field(default_factory=dict)
    left_out: int = 0
    bytes: int = 0
    total_bytes: int = 0
    interrupted: bool = False


Progress = Callable[[Swept], None]


class Crew(Protocol):
    """Those who run cells."""

    @property
    def workers(self) -> int:
        """Cells that they run at a time."""

    @property
    def bytes(self) -> int:
        """Bytes of traces that they have read so far."""

    def outcomes(self, tasks: Iterator[Task]) -> Generator[Outcome | None]:
        """The outcome of each task, in any order; None now and then, while nothing is done."""


def run_sweep(
    grid: Grid | str | Path,
    out: str | Path,
    *,
    workers: int | None = None,
    scheduler: str | None = None,
    retry_failed: bool = False,
    sample: float = 1.0,
    timings: bool = False,
    on_progress: Progress = lambda swept: None,
) -> Swept:
    """Run the cells of a grid that have no row in a folder yet, on all cores or a cluster.

    Killed at any moment, it goes on where it stopped: no cell twice, none lost.

    Parameters
    ----------
    grid : Grid or path
        See `pagecache.sweep.grid`.
    out : path
        The folder, which is made if needed.
    workers : int, optional
        Processes; one for each processor if not given.
    scheduler : str, optional
        The address of a Dask scheduler, whose workers run the cells in place of this machine's.
    retry_failed : bool
        Run cells again that failed.
    sample : float
        The rate at which traces are sampled; see `pagecache.sweep.sampling`.
    timings : bool
        Time how each file is filled, one cell at a time; times go to the manifest.
    on_progress : callable, optional
        Called with a `Swept` whenever a cell is done, and a few times a second.

    Raises
    ------
    InputError
        A bad grid; a folder that is in use, full, or of another grid, version or build; a cluster
        that does not answer, or runs another build.
    WorkerDied
        The scheduler is gone; what is done is kept.

    Examples
    --------
    >>> import tempfile
    >>> import pagecache as pc
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "grid.toml"
    ...     _ = path.write_text('sizes = ["1M"]\\nalloc = ["compound", "fallback"]\\n')
    ...     pc.run_sweep(path, f"{folder}/out", workers=1).done
    2
    """
    found = grid if isinstance(grid, Grid) else read_grid(grid)
    check_crew(workers, scheduler, timings)
    question = Question.of(found, sample)
    with opened(Path(out), question) as directory:
        skipped = set(directory.manifest.timed()) if timings else set(directory.done)
        skipped |= set() if retry_failed else directory.failed.keys()
        left = [cell for cell in found.cells if cell.number not in skipped]
        tasks = [question.task(cell, timed=timings) for cell in left]
        crew = crew_of(workers, scheduler, timings)
        directory.manifest.add([run_record(crew, timings)])
        swept = Swept(
            len(found.cells),
            len(directory.done),
            directory.failed,
            left_out=len(found.left_out),
            total_bytes=sum(2 * task.trace.bytes for task in tasks if task.trace),
        )
        on_progress(swept)
        keep_all(directory, crew, tasks, swept, on_progress)
        if swept.done == swept.cells:
            directory.table.seal()
    return swept


def check_crew(workers: int | None, scheduler: str | None, timings: bool) -> None:
    """InputError for workers that cannot be, before anything is begun."""
    if workers is not None and workers < 1:
        raise InputError(f"--workers: {workers} is too few; give 1 or more")
    if timings and workers not in {None, 1}:
        raise InputError("--timings: cells are timed one at a time; leave --workers out")
    if scheduler is not None and (timings or workers is not None):
        option = "--timings" if timings else "--workers"
        raise InputError(f"{option}: it is for this machine alone; leave --scheduler out")


def crew_of(workers: int | None, scheduler: str | None, timings: bool) -> Crew:
    """Who runs the cells."""
    if scheduler is not None:
        from pagecache.sweep.cluster import Cluster  # noqa: PLC0415 - an extra

        return Cluster(scheduler)
    return Cores(1 if timings else workers or cores())


def run_record(crew: Crew, timings: bool) -> dict[str, object]:
    """What the manifest says of a start."""
    return {
        "kind": "run",
        "host": socket.gethostname(),
        "process": os.getpid(),
        "crew": str(crew),
        "workers": crew.workers,
        "timings": timings,
        "began": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def keep_all(
    directory: Directory, crew: Crew, tasks: list[Task], swept: Swept, on_progress: Progress
) -> None:
    """Keep outcomes as they come; what has come is kept whatever ends it."""
    keeping = Keeping(directory, swept)
    try:
        with closing(crew.outcomes(iter(tasks))) as outcomes:
            for outcome in outcomes:
                if outcome is not None:
                    keeping.take(outcome)
                swept.bytes = crew.bytes
                on_progress(swept)
    except KeyboardInterrupt:
        swept.interrupted = True
    finally:
        keeping.keep()


class Keeping:
    """Outcomes on their way to the disk, some at a time."""

    def __init__(self, directory: Directory, swept: Swept) -> None:
        self.directory, self.swept = directory, swept
        self.waiting: list[Outcome] = []
        self.kept = time.monotonic()

    def take(self, outcome: Outcome) -> None:
        self.waiting.append(outcome)
        if outcome.error is None:
            self.swept.done += outcome.cell not in self.directory.done
            self.swept.failed.pop(outcome.cell, None)
        else:
            self.swept.failed[outcome.cell] = outcome.error
        if len(self.waiting) >= KEEP_AT or time.monotonic() - self.kept >= KEEP_EVERY:
            self.keep()

    def keep(self) -> None:
        """Log the attempts, then add the rows."""
        waiting, self.waiting = self.waiting, []
        if waiting:
            self.directory.manifest.add_outcomes(waiting)
            self.directory.add_rows([outcome.row for outcome in waiting if outcome.row])
        self.kept = time.monotonic()


def load_sweep(folder: str | Path, *, timings: bool = False) -> "pd.DataFrame":
    """The table of a sweep, finished or not: a pandas DataFrame, sorted by cell.

    With `timings` a column ``fill_ns`` says how long a timed cell took to fill its file.

    ``.attrs`` has the sweep's record of the manifest as ``about``, and ``failed``: the error of
    each cell that failed.

    Raises
    ------
    InputError
        There is no sweep in that folder, or the extra `data` is not installed.

    Examples
    --------
    >>> import tempfile  # doctest: +SKIP
    >>> import pagecache as pc  # doctest: +SKIP
    >>> with tempfile.TemporaryDirectory() as folder:  # doctest: +SKIP
    ...     path = Path(folder) / "grid.toml"
    ...     _ = path.write_text('sizes = ["2M"]\\nblocks = ["4K", "2M"]\\n')
    ...     _ = pc.run_sweep(path, f"{folder}/out", workers=1)
    ...     pc.load_sweep(f"{folder}/out")[["block", "folios", "slots_written"]].values.tolist()
    [['4K', 55, 512], ['2M', 1, 8]]
    """
    rows, manifest = read_sweep(folder)
    try:
        import pandas as pd  # noqa: PLC0415 - an extra
    except ImportError:
        raise InputError("pandas is not installed; pip install 'pagecache[data]'") from None
    from pagecache.sweep.columns import NAMES, kind_of  # noqa: PLC0415

    types = {str: "string", float: "float64", int: "Int64"}
    frame = pd.DataFrame(rows, columns=list(NAMES))
    frame = frame.astype({name: types[kind_of(name)] for name in NAMES})
    if timings:
        frame["fill_ns"] = frame["cell"].map(manifest.timed()).astype("Int64")
    frame.attrs = {"about": manifest.about, "failed": manifest.failed()}
    return frame


def read_sweep(folder: str | Path) -> tuple[list[dict[str, object]], Manifest]:
    """The rows of a sweep, sorted by cell, and its manifest."""
    path = Path(folder)
    manifest = Manifest(path, write=False)
    if "table" not in manifest.about:
        raise InputError(f"{folder}: no sweep is there; give the DIR of pagecache sweep -o DIR")
    table = Table(path, manifest.about["table"])
    return rows_in(table.files(), table.format.name), manifest
