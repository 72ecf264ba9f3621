"""The verdict on every row, in words: a line an event, and what would decide the rest."""

from collections import defaultdict
from collections.abc import Iterator

from pagecache.measure.verdict import UNDECIDED
from pagecache.report.numbers import duration
from pagecache.report.table import Panel, Row, word_of
from pagecache.results import Result, Results

ORDER = ("faster", "same", "slower", UNDECIDED)


def verdict_lines(panel: Panel, results: Results) -> Iterator[str]:
    """Which rows are faster, the same within 2 %, slower or undecided, event by event."""
    seconds = seconds_a_process(results)
    for event in panel.events:
        told: dict[str, list[str]] = defaultdict(list)
        for row in panel.rows:
            result = row.results.get(event)
            word = word_of(result) if result and not is_baseline(row, result) else None
            if result and word:
                told[word].append(row.title + more(result, seconds))
        if told:
            words = (f"{word}: {', '.join(told[word])}" for word in ORDER if told[word])
            yield f"{event}: {'; '.join(words)}."


def is_baseline(row: Row, result: Result) -> bool:
    return row.title == result.baseline or result.baseline in row.names


def more(result: Result, seconds: float) -> str:
    """What would decide an undecided row."""
    if result.more_processes is None:
        return ""
    plural = "es" if result.more_processes > 1 else ""
    time = duration(1e9 * seconds * result.more_processes)
    return f" ({result.more_processes:,} more process{plural} would decide, about {time})"


def seconds_a_process(results: Results) -> float:
    """What a process of this run took."""
    return float(results.meta.get("seconds", 0) / max(results.meta.get("processes") or 1, 1))
