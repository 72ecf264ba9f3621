"""The tables of docs/concurrency.md, and the lines between which they stand."""

from collections.abc import Iterable, Mapping, Sequence

from .catalogue import Protocol, Run
from .search import Searched

TOLD = (
    "count/locked-bit/destructor-early",
    "count/striped/spin-inside",
    "node/store-buffer/no-reader-fence",
)


def marks(name: str) -> tuple[str, str]:
    return f"<!-- {name} -->\n", f"<!-- end of {name} -->\n"


def table(head: str, rows: Iterable[str]) -> str:
    columns = head.count("|") - 1
    return "\n".join([head, "|" + " --- |" * columns, *rows]) + "\n"


def of_proofs(runs: Sequence[Run], found: Mapping[str, Searched]) -> str:
    rows = [
        f"| `{run.name}` | {run.text} | {found[run.name].states:,} | {found[run.name].depth} |"
        f" {found[run.name].seconds:.1f} |"
        for run in runs
    ]
    searches = [found[run.name] for run in runs]
    states, seconds = sum(s.states for s in searches), sum(s.seconds for s in searches)
    together = f"Together {states:,} states in {seconds:.0f} s of a processor.\n"
    return table("| run | what it adds | states | depth | s |", rows) + "\n" + together


def of_faults(runs: Iterable[Run], found: Mapping[str, Searched]) -> str:
    return table(
        "| fault | what is planted | sentences | how the story ends |",
        [
            f"| `{run.name}` | {run.text} | {len(story.steps)} | {story.end} |"
            for run in runs
            if (story := found[run.name].story)
        ],
    )


def of_orders(protocols: Iterable[Protocol]) -> str:
    return table(
        "| step | order | what it is for | known to be too weak |",
        [
            f"| {protocol.name}: `{step.name}` | {step.order} | {step.why} |"
            f" {', '.join(step.too_weak) or ('not checked' if step.unchecked else '-')} |"
            for protocol in protocols
            for step in protocol.steps
        ],
    )


def of_stories(runs: Iterable[Run], found: Mapping[str, Searched]) -> str:
    stories = [(run, found[run.name].story) for run in runs if run.name in TOLD]
    return "\n".join(f"`{run.name}`. {run.text}\n\n```\n{story}\n```\n" for run, story in stories)


def replaced(page: str, name: str, text: str) -> str:
    """The page with another text between the two lines of a name.

    Raises
    ------
    ValueError
        Where the page has no such lines.
    """
    begin, end = marks(name)
    before, first, rest = page.partition(begin)
    _, second, after = rest.partition(end)
    if not (first and second):
        raise ValueError(f"it has no lines {begin.strip()} ... {end.strip()}")
    return f"{before}{begin}{text}{end}{after}"


def between(page: str, name: str) -> str:
    """What stands between the two lines of a name."""
    begin, end = marks(name)
    return page.partition(begin)[2].partition(end)[0]
