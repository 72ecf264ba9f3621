"""From the records of worker processes to results, and to the doubts about them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from statistics import median
from typing import Any

from pagecache.measure.bench import LEAF_PAGES, VISITS
from pagecache.measure.case import AGAIN, CLEARING, HARNESS, Case, Job, Row
from pagecache.measure.conditions import RULE, Conditions, judge
from pagecache.measure.intervals import LEAST_PROCESSES, LEVEL, interval, level_for
from pagecache.measure.verdict import UNDECIDED, more_processes, verdict
from pagecache.page.descriptors import STRUCT_PAGE_BYTES
from pagecache.printable import counted
from pagecache.results import GIB, NODE_BYTES, Interval, Result, Results

Record = dict[str, Any]
Rounds = dict[int, list[Record]]  # by process

MOST_AGAIN = 1.05  # how far the A/A row may be from 1 before that is said
EVERY_ROUND = "every round was discarded"
NOT_REACHED = "not measured before the run ended"


class CaseRecords:
    """The records of one case: counts by row, and the rounds that were kept, by process."""

    def __init__(
        self, case: Case, records: Iterable[Record], caches: str = "hot", level: float = LEVEL
    ) -> None:
        self.case, self.caches, self.level = case, caches, level
        self.counts: dict[Row, Record] = {}
        rows = case.all_rows
        self.huge_share = 1.0
        rounds: Rounds = defaultdict(list)
        for record in records:
            if record["kind"] == "counts":
                self.counts[rows[record["row"]]] = record
                self.huge_share = min(self.huge_share, record["huge_share"])
            elif record["kind"] == "round":
                rounds[record["process"]].append(record)
        self.discarded: Counter[str] = Counter()
        self.run = sum(map(len, rounds.values()))
        self.rounds = {process: self._kept(of_one) for process, of_one in rounds.items()}

    @property
    def kept(self) -> list[Record]:
        """The rounds of all processes."""
        return [record for rounds in self.rounds.values() for record in rounds]

    def _kept(self, rounds: list[Record]) -> list[Record]:
        """Those that the rule lets stand; all of them if it lets none."""
        faults = judge([Conditions(**record["conditions"]) for record in rounds])
        self.discarded.update(fault for fault in faults if fault)
        kept = [record for record, fault in zip(rounds, faults, strict=True) if fault is None]
        return kept or rounds

    def measured_as(self, row: Row) -> int:
        """The number of the row that was measured in this one's stead: its own, or another's."""
        if row in self.counts:
            return int(self.counts[row]["same_as"])
        return self.case.all_rows.index(row)

    def times(self, row: Row, event: str) -> list[list[tuple[float, int]]]:
        """Per process and round: ns an event, and how many events that were."""
        measured = self.measured_as(row)
        return [
            [
                (ns / max(events, 1), events)
                for record in rounds
                for number, name, ns, events in record["times"]
                if number == measured and name == event
            ]
            for rounds in self.rounds.values()
        ]

    def of_row(self, row: Row) -> Record:
        """What was counted for a row; clearing is done for the baseline's folios."""
        return self.counts[self.case.baseline if row == CLEARING else row]

    def bytes_per_event(self, row: Row, event: str) -> float:
        """Bytes of the file that one event of a row covers."""
        counts = self.of_row(row)
        return self.case.event(event).bytes_per_event(
            counts["pages"], counts["folios"], self.case.huge_order
        )


def summarize(job: Job, records: Sequence[Record], environment: dict[str, Any]) -> Results:
    """A run's results and what it says of itself: all of it follows from what is given.

    Parameters
    ----------
    job : Job
    records : sequence of dict
        The counts and rounds of all processes, as they came.
    environment : dict
        The machine, and what only the run itself knows: ``seconds``, the processes ``wanted``, the
        ``level_wanted`` of intervals, whether it was ``interrupted``, and as ``unwanted`` a
        sentence for each design that had to be left out.
    """
    doubts = [*environment["unwanted"]]
    doubts += [doubt for case in job.cases for doubt in case.doubts]
    begun = len({record["process"] for record in records})
    if environment["interrupted"]:
        doubts.append(cut_short(begun, environment["wanted"]))
    results, doubtful = results_of_all(job, records, environment["level_wanted"])
    doubts += doubtful
    said = {name: environment[name] for name in environment if not name.endswith("wanted")}
    meta = {
        **said,
        "seed": job.seed,
        "caches": job.caches,
        "pool": "aged" if job.aged else "fresh",
        "fill": next((case.fill for case in job.cases), None),
        "processes": begun,
        "level": min((result.level for result in results if result.level), default=0.0),
        "cpu": job.cpu,
        "processors": next(filter(None, (case.where() for case in job.cases)), None),
        "rule": RULE,
        "doubts": list(dict.fromkeys(doubts)),
    }
    return Results(meta, results)


def cut_short(begun: int, wanted: int) -> str:
    """What Ctrl-C left undone."""
    return f"Ctrl-C ended the run in process {max(begun, 1)} of {wanted}; rerun for all of it."


def results_of_all(
    job: Job, records: Iterable[Record], level: float
) -> tuple[list[Result], list[str]]:
    """The results of all cases and the doubts about them."""
    by_case: dict[int, list[Record]] = defaultdict(list)
    for record in records:
        by_case[record["case"]].append(record)
    results: list[Result] = []
    doubts: list[str] = []
    for number, case in enumerate(job.cases):
        found, doubtful = results_of(case, by_case[number], job.caches, level)
        results += found
        doubts += doubtful
    return results, doubts


def results_of(
    case: Case, records: Iterable[Record], caches: str = "hot", level: float = LEVEL
) -> tuple[list[Result], list[str]]:
    """The results of one case and the doubts about them; nothing if it was not reached."""
    gathered = CaseRecords(case, records, caches, level)
    if not gathered.counts:
        return [], []
    results = [
        result
        for event in case.events
        for row in case.all_rows
        if (result := one_result(gathered, row, event)) is not None
    ]
    return results, list(doubts_of(gathered, results))


def one_result(gathered: CaseRecords, row: Row, event: str) -> Result | None:
    case = gathered.case
    if row == CLEARING and not case.event(event).cleared_for:
        return None
    counts = gathered.of_row(row)
    same_as = case.all_rows[gathered.measured_as(row)]
    times = gathered.times(row, event)
    ns = [median(each for each, _ in rounds) for rounds in times if rounds]
    per = gathered.bytes_per_event(row, event)
    ns_per_event = interval(ns, gathered.level) if ns else None
    beside = ratio(gathered, row, event)
    said = verdict(beside) if beside and row not in (HARNESS, CLEARING) else None
    return Result(
        design=row.design,
        panel=case.panel,
        input=case.title if row.order is None else f"{case.title} at order {row.order}",
        event=event,
        pages=counts["pages"],
        folios=counts["folios"],
        nodes=counts["nodes"],
        slots=counts.get("slots"),
        height=counts.get("height"),
        index_bytes=counts.get("index_bytes", counts["nodes"] * NODE_BYTES),
        node_bytes=counts.get("node_bytes", NODE_BYTES),
        struct_page_bytes=counts["pages"] * STRUCT_PAGE_BYTES,
        struct_page_bytes_optimised=case.struct_page_bytes_optimised(row, counts["pages"]),
        events=sum(events for rounds in times for _, events in rounds),
        bytes_per_event=per,
        ns_per_event=ns_per_event,
        ns_per_gib=ns_per_event.scaled(GIB / per) if ns_per_event else None,
        ratio=beside,
        baseline=str(case.baseline),
        caches=gathered.caches,
        huge_order=case.huge_order,
        rounds=max(map(len, times), default=0),
        processes=len(ns),
        level=level_for(len(ns), gathered.level) if ns else 0.0,
        verdict=said,
        more_processes=more_processes(beside.processes) if beside and said == UNDECIDED else None,
        left_out=None if ns else counts.get("reasons", {}).get(event, NOT_REACHED),
        order=row.order,
        same_as=None if same_as == row else str(same_as),
        choices=case.choices(row),
        counted=None if row == CLEARING else counts.get("counted"),
        scaling=scaling(gathered, row, event),
        **case.told(row, event, gathered.kept),
    )


def scaling(gathered: CaseRecords, row: Row, event: str) -> Interval | None:
    """Throughput of a row's threads to that of one; None where no threads are."""
    one = replace(row, threads=1, writer=None)
    if row.threads is None or one not in gathered.case.rows:
        return None
    beside = ratio(gathered, one, event, row)
    return None if beside is None else beside.scaled(row.threads)


def ratio(
    gathered: CaseRecords, row: Row, event: str, baseline: Row | None = None
) -> Interval | None:
    """Time of this row to the baseline's for as many bytes, round by round: a median a process."""
    baseline = gathered.case.baseline if baseline is None else baseline
    own = gathered.times(row, event)
    base = gathered.times(baseline, event)
    scale = gathered.bytes_per_event(baseline, event)
    scale /= gathered.bytes_per_event(row, event)
    ratios = [
        [a / b * scale for (a, _), (b, _) in zip(mine, its, strict=True) if b]
        for mine, its in zip(own, base, strict=True)
        if len(mine) == len(its)
    ]
    found = [median(rounds) for rounds in ratios if rounds]
    return interval(found, gathered.level) if found else None


def doubts_of(gathered: CaseRecords, results: list[Result]) -> Iterator[str]:
    """What limits these numbers, a sentence each, with its number and what to do about it."""
    title = gathered.case.title
    again = [
        f"{off - 1:.0%} in {result.event}"
        for result in results
        if (off := apart(result)) > MOST_AGAIN
    ]
    if again:
        yield (
            f"{title}: the same design twice (A/A) differs by {', '.join(again)}; take no smaller "
            f"difference there for real, or rerun on a quieter machine with more --processes."
        )
    discarded = sum(gathered.discarded.values())
    why = ", ".join(f"{count} for {fault}" for fault, count in gathered.discarded.items())
    if 0 < discarded == gathered.run:
        yield (
            f"{title}: {EVERY_ROUND} ({why}), and all are shown for lack of better ones: these "
            f"times are of a busy machine; stop what else runs, see who does with top, and rerun."
        )
    elif discarded:
        yield (
            f"{title}: {discarded} of {counted(gathered.run, 'round was', 'rounds were')} "
            f"discarded ({why}); the machine was not quiet."
        )
    if gathered.huge_share < 0.99:
        yield (
            f"{title}: {gathered.huge_share:.0%} of the nodes and struct pages lay in huge pages; "
            f"write 'madvise' to /sys/kernel/mm/transparent_hugepage/enabled."
        )
    if gathered.case.optimised:
        yield (
            f"{title}: struct pages lie in pages of 4 KiB, one for each huge page, as hugetlb's "
            f"vmemmap optimisation leaves them; whole, they do not fit into this machine's memory."
        )
    if 0 < len(gathered.rounds) < LEAST_PROCESSES:
        measured = counted(len(gathered.rounds), "process", "processes")
        yield (
            f"{title}: {measured} measured; an interval of 95 % needs {LEAST_PROCESSES}: "
            f"rerun with --processes {LEAST_PROCESSES}."
        )
    yield from gathered.case.doubtful(gathered.kept)
    yield from list_doubt(gathered)


def apart(result: Result) -> float:
    """How far the A/A row is from 1, as a factor; 1 for all other rows."""
    if result.design != AGAIN.design or result.ratio is None:
        return 1.0
    return max(result.ratio.median, 1 / result.ratio.median)


def list_doubt(gathered: CaseRecords) -> Iterator[str]:
    counts = next(iter(gathered.counts.values()))
    leaves = max(counts["pages"] // LEAF_PAGES, 1)
    visits = counts["list"] / leaves
    looks_up = any(gathered.case.event(name).is_lookup for name in gathered.case.events)
    if visits < VISITS and looks_up:
        yield (
            f"{gathered.case.title}: a round's {counts['list']:,} lookups visit each of the "
            f"{leaves:,} leaves of a slot design {visits:.1f} times, so its lookups are colder "
            f"than a small file's."
        )
