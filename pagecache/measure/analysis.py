"""From the records of worker processes to results, and to the doubts about them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pagecache import designs
from pagecache.inputs import PAGE_SIZE
from pagecache.measure.bench import LEAF_PAGES, VISITS
from pagecache.measure.case import Case, parse_label
from pagecache.measure.conditions import Conditions, judge
from pagecache.measure.events import EVENTS, MAPPING_EVENTS, Event
from pagecache.measure.rounds import AGAIN, CLEARING, HARNESS
from pagecache.measure.statistics import interval
from pagecache.results import GIB, NODE_BYTES, Interval, Result

Record = dict[str, Any]
Rounds = dict[int, list[Record]]  # by process

STRUCT_PAGE_BYTES = 64
MOST_AGAIN = 1.05  # how far the A/A row may be from 1 before that is said
LEAST_PROCESSES = 5
CLEARED_FOR = ("populate", "fill")  # events that pages are cleared before
NO_STRUCT_PAGES = "the struct pages of this size do not fit in memory"


class CaseRecords:
    """The records of one case: counts by design, and the rounds that were kept, by process."""

    def __init__(self, case: Case, records: Iterable[Record], caches: str = "hot") -> None:
        self.case, self.caches = case, caches
        self.counts: dict[str, Record] = {}
        self.huge_share = 1.0
        rounds: Rounds = defaultdict(list)
        for record in records:
            if record["kind"] == "counts":
                self.counts[record["design"]] = record
                self.huge_share = min(self.huge_share, record["huge_share"])
            elif record["kind"] == "round":
                rounds[record["process"]].append(record)
        self.thrown_out: Counter[str] = Counter()
        self.run = sum(map(len, rounds.values()))
        self.rounds = {process: self._kept(of_one) for process, of_one in rounds.items()}

    def _kept(self, rounds: list[Record]) -> list[Record]:
        """Those that the rule lets stand; all of them if it lets none."""
        faults = judge([Conditions(**record["conditions"]) for record in rounds])
        self.thrown_out.update(fault for fault in faults if fault)
        kept = [record for record, fault in zip(rounds, faults, strict=True) if fault is None]
        return kept or rounds

    def times(self, row: str, event: str) -> list[list[tuple[float, int]]]:
        """Per process and round: ns an event, and how many events that were."""
        design = self.counts[row]["same_as"] if row in self.counts else row
        return [
            [
                (ns / max(events, 1), events)
                for record in rounds
                for name, ns, events in record["times"].get(design, [])
                if name == event
            ]
            for rounds in self.rounds.values()
        ]

    def of_row(self, row: str) -> Record:
        """What was counted for a row; clearing is done for the baseline's folios."""
        return self.counts[self.case.baseline if row == CLEARING else row]

    def bytes_per_event(self, row: str, event: str) -> float:
        """Bytes of the file that one event of a row covers."""
        counts = self.of_row(row)
        return events_of(self.case)[event].bytes_per_event(
            counts["pages"], counts["folios"], self.case.huge_order
        )


def results_of(
    case: Case, records: Iterable[Record], caches: str = "hot"
) -> tuple[list[Result], list[str]]:
    """The results of one case and the doubts about them; nothing if it was not reached."""
    gathered = CaseRecords(case, records, caches)
    if not gathered.counts:
        return [], []
    rows = [*case.designs, AGAIN, HARNESS, CLEARING]
    results = [
        result
        for event in case.events
        for row in rows
        if (result := one_result(gathered, row, event)) is not None
    ]
    return results, list(doubts_of(gathered, results))


def one_result(gathered: CaseRecords, row: str, event: str) -> Result | None:
    case = gathered.case
    if row == CLEARING and event not in CLEARED_FOR:
        return None
    counts = gathered.of_row(row)
    design, order = parse_label(row)
    times = gathered.times(row, event)
    ns = [[each for each, _ in rounds] for rounds in times]
    timed = any(ns)
    per = gathered.bytes_per_event(row, event)
    ns_per_event = interval(ns) if timed else None
    return Result(
        design=design,
        panel=case.panel,
        input=case.title if order is None else f"{case.title} at order {order}",
        event=event,
        pages=counts["pages"],
        folios=counts["folios"],
        nodes=counts["nodes"],
        slots=counts.get("slots"),
        height=counts.get("height"),
        index_bytes=counts.get("index_bytes", counts["nodes"] * NODE_BYTES),
        node_bytes=counts.get("node_bytes", NODE_BYTES),
        struct_page_bytes=counts["pages"] * STRUCT_PAGE_BYTES,
        struct_page_bytes_optimised=optimised(design, case, counts),
        events=sum(events for rounds in times for _, events in rounds),
        bytes_per_event=per,
        ns_per_event=ns_per_event,
        ns_per_gib=ns_per_event.scaled(GIB / per) if ns_per_event else None,
        ratio=ratio(gathered, row, event) if timed else None,
        baseline=case.baseline,
        caches=gathered.caches,
        huge_order=case.huge_order,
        rounds=max((len(rounds) for rounds in ns), default=0),
        processes=sum(1 for rounds in ns if rounds),
        left_out=None if timed else reason(gathered.case, counts, event),
        order=order,
        same_as=None if counts["same_as"] == row or row == CLEARING else counts["same_as"],
        choices=None if case.choices is None else case.choices.get(row),
        counted=None if row == CLEARING else counts.get("counted"),
    )


def events_of(case: Case) -> Mapping[str, Event]:
    """The events that a case may have."""
    return EVENTS if case.choices is None else MAPPING_EVENTS


def reason(case: Case, counts: Record, event: str) -> str:
    """Why an event has no time."""
    if event in counts.get("reasons", {}):
        return str(counts["reasons"][event])
    if not case.backed and EVENTS[event].struct_pages:
        return NO_STRUCT_PAGES
    return "not measured before the run ended"


def optimised(row: str, case: Case, counts: Record) -> int:
    """Struct page bytes with the vmemmap optimisation: a hugetlb page keeps one page of them."""
    hugetlb = row in designs.names() and designs.find(row).family == "hugetlb"
    if not hugetlb:
        return int(counts["pages"] * STRUCT_PAGE_BYTES)
    return int((counts["pages"] >> case.huge_order) * PAGE_SIZE)


def ratio(gathered: CaseRecords, row: str, event: str) -> Interval | None:
    """Time of this row to the baseline's for as many bytes, round by round."""
    own = gathered.times(row, event)
    base = gathered.times(gathered.case.baseline, event)
    scale = gathered.bytes_per_event(gathered.case.baseline, event)
    scale /= gathered.bytes_per_event(row, event)
    ratios = [
        [a / b * scale for (a, _), (b, _) in zip(mine, its, strict=True) if b]
        for mine, its in zip(own, base, strict=True)
        if len(mine) == len(its)
    ]
    return interval(ratios) if any(ratios) else None


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
    thrown = sum(gathered.thrown_out.values())
    if thrown:
        why = ", ".join(f"{count} for {fault}" for fault, count in gathered.thrown_out.items())
        yield (
            f"{title}: {thrown} of {gathered.run} rounds were thrown out ({why}); "
            f"the machine was not quiet."
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
        yield (
            f"{title}: {len(gathered.rounds)} process(es) measured; an interval needs "
            f"{LEAST_PROCESSES}: rerun with --processes {LEAST_PROCESSES}."
        )
    yield from list_doubt(gathered)


def apart(result: Result) -> float:
    """How far the A/A row is from 1, as a factor; 1 for all other rows."""
    if result.design != AGAIN or result.ratio is None:
        return 1.0
    return max(result.ratio.median, 1 / result.ratio.median)


def list_doubt(gathered: CaseRecords) -> Iterator[str]:
    counts = next(iter(gathered.counts.values()))
    leaves = max(counts["pages"] // LEAF_PAGES, 1)
    visits = counts["list"] / leaves
    events = events_of(gathered.case)
    looks_up = any(events[event].covers != "folio" for event in gathered.case.events)
    if visits < VISITS and looks_up:
        yield (
            f"{gathered.case.title}: a round's {counts['list']:,} lookups come by each of the "
            f"{leaves:,} leaves of a slot design {visits:.1f} times, so its lookups are colder "
            f"than a small file's."
        )
