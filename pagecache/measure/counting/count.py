"""Cases, counted in this process: what their indexes hold, and what each event of theirs does."""

from collections.abc import Sequence
from dataclasses import replace

from pagecache.errors import InputError
from pagecache.measure.analysis import results_of
from pagecache.measure.bench import IndexCase
from pagecache.measure.case import AGAIN, HARNESS, Case, Job, Row
from pagecache.measure.counting.events import Counts, count_events
from pagecache.measure.counting.instructions import count_instructions
from pagecache.measure.counting.watch import CAN_WATCH
from pagecache.measure.machine import describe
from pagecache.results import Result, Results

DEFAULT_SIZE = "20M"  # three levels of 64-slot nodes, and small enough to be gone over as a whole
INSTRUCTIONS = "instructions"


def count(cases: Sequence[Case], *, seed: int = 0) -> Results:
    """What the events of some cases do, a result each, without any time.

    Equal in every run of one build; only the instructions, which are counted where callgrind is
    installed, may differ a little between environments.

    Raises
    ------
    InputError
        A case of mappings, or a machine on which accesses cannot be seen.
    WrongAnswer
        A design answered otherwise than the input says.
    """
    if not CAN_WATCH:
        raise InputError("--counts: accesses can be counted on x86-64 with Linux alone")
    results: list[Result] = []
    doubts: list[str] = []
    for case in cases:
        if not isinstance(case, IndexCase):
            raise InputError(
                "--counts: it counts bare indexes; leave out --holes, --alloc, --entries, --block"
            )
        results += count_case(case, seed)
        doubts += case.doubts
    designs = dict.fromkeys(result.design for result in results)
    instructions = count_instructions(list(designs))
    if instructions is None:
        doubts.append("instructions are counted where valgrind is installed; install it.")
    results = [with_instructions(result, instructions or {}) for result in results]
    meta = {**describe(), "seed": seed, "counts": True, "doubts": list(dict.fromkeys(doubts))}
    return Results(meta, results)


def count_case(case: IndexCase, seed: int) -> list[Result]:
    """The rows of one case."""
    bench = case.bench(Job((case,), seed=seed, process=0, cpu=0))
    results, _ = results_of(case, list(bench.counts()))
    lists = bench.draw()
    found: dict[tuple[Row, str], Counts | str] = {}
    for subject in bench.subjects:
        if subject.row not in (HARNESS, AGAIN):
            for event, counts in count_events(subject, lists):
                found[subject.row, event] = counts
    rows = {str(row): row for row in case.rows}
    return [
        counted(result, found.get((bench.same_as[rows[name]], result.event)))
        for result in results
        if (name := str(Row(result.design, result.order))) in rows
    ]


def counted(result: Result, counts: Counts | str | None) -> Result:
    """A result with what was counted, or with the reason why not."""
    if isinstance(counts, Counts):
        return replace(result, counts=counts.to_dict(), left_out=None)
    return replace(result, left_out=counts or result.left_out)


def with_instructions(result: Result, found: dict[tuple[str, str], float]) -> Result:
    number = found.get((result.design, result.event))
    if number is None or result.counts is None:
        return result
    return replace(result, counts={**result.counts, INSTRUCTIONS: number})
