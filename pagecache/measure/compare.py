"""A comparison from its cases to its results."""

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from pagecache.inputs import from_spec
from pagecache.measure.analysis import results_of
from pagecache.measure.case import Case, Job
from pagecache.measure.conditions import RULE
from pagecache.measure.machine import describe
from pagecache.measure.runner import quiet_cpu, run_processes
from pagecache.results import Results

Progress = Callable[[dict[str, Any]], None]
DEFAULT_PROCESSES = 5
DEFAULT_SECONDS = 34.0  # so that a run with nothing given ends within a minute


def measure(
    cases: Sequence[Case],
    *,
    processes: int = DEFAULT_PROCESSES,
    seed: int = 0,
    caches: str = "hot",
    aged: bool = False,
    seconds: float = DEFAULT_SECONDS,
    on_record: Progress = lambda record: None,
) -> Results:
    """Run the cases in that many processes and sum up what they found.

    Ctrl-C gives the results so far, with ``interrupted`` in their meta.

    Raises
    ------
    WrongAnswer
        A design answered otherwise than the input says.
    """
    started = time.time()
    job = Job(
        tuple(cases),
        seed=seed,
        process=0,
        cpu=quiet_cpu(),
        caches=caches,
        aged=aged,
        seconds=seconds,
    )
    on_record({"kind": "plan", "cases": len(cases), "processes": processes})
    doubts = [doubt for case in cases for doubt in known_doubts(case)]

    def tell(record: dict[str, Any]) -> None:
        on_record({**record, "title": cases[record["case"]].title})

    records, interrupted = run_processes(job, processes, tell)
    by_case: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for record in records:
        by_case[record["case"]].append(record)
    if interrupted:
        doubts.append(cut_short(records, processes))
    results = []
    for number, case in enumerate(cases):
        found, doubtful = results_of(case, by_case[number], caches)
        results += found
        doubts += doubtful
    meta = {
        **describe(),
        "seed": seed,
        "caches": caches,
        "pool": "aged" if aged else "fresh",
        "fill": cases[0].fill if cases else None,
        "processes": processes,
        "cpu": job.cpu,
        "seconds": round(time.time() - started, 1),
        "rule": RULE,
        "interrupted": interrupted,
        "doubts": list(dict.fromkeys(doubts)),
    }
    return Results(meta, results)


def known_doubts(case: Case) -> tuple[str, ...]:
    """What is doubtful before anything runs."""
    return case.doubts if case.choices is not None else from_spec(case.spec).doubts


def cut_short(records: Sequence[dict[str, Any]], processes: int) -> str:
    """What Ctrl-C left undone."""
    begun = len({record["process"] for record in records})
    return f"Ctrl-C ended the run in process {max(begun, 1)} of {processes}; rerun for all of it."
