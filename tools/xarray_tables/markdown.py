"""Tables as markdown."""

from collections.abc import Iterable, Sequence


def number(value: float) -> str:
    """Three digits, or all that stand before the point."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def table(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """The first column to the left, all others to the right."""
    rule = ["---", *("---:" for _ in heading[1:])]
    lines = [heading, rule, *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"
