"""The kernel's ratios beside the models', a row an event."""

from collections.abc import Sequence
from typing import IO, Any

from rich.table import Table

from pagecache.live.experiment import BASELINE
from pagecache.printable import counted
from pagecache.report.live import number, orders_text
from pagecache.report.numbers import NO_VALUE, digits, times
from pagecache.report.screen import Screen

Row = dict[str, Any]


def print_experiment(rows: Sequence[Row], meta: dict[str, Any], file: IO[str]) -> None:
    """Nodes of each file, then a table of ratios for each but the baseline."""
    screen = Screen(file)
    screen.table(node_table(rows))
    screen.print()
    screen.text(f"x: times {BASELINE} in the same round, median (lowest to highest)")
    screen.table(time_table(rows))
    for text in sentences(rows):
        screen.text(text)
    screen.text(
        f"Files of {meta['size'] >> 20} MiB, {counted(meta['rounds'], 'round')} in reshuffled "
        f"order, seed {meta['seed']}; Linux {meta['kernel']}, {meta['machine']}."
    )


def files_of(rows: Sequence[Row]) -> list[Row]:
    """The first row of each file."""
    return list({row["file"]: row for row in reversed(rows)}.values())[::-1]


def node_table(rows: Sequence[Row]) -> Table:
    table = Table("file", box=None, pad_edge=False)
    for title in ("nodes", "model"):
        table.add_column(title, justify="right")
    for title in ("design", "folios by order"):
        table.add_column(title)
    for row in files_of(rows):
        model = None if row["left_out"] else row["predicted_nodes"]
        counts = (number(row["nodes"]), number(model))
        table.add_row(row["file"], *counts, row["design"], orders_text(row["orders"]))
    return table


def time_table(rows: Sequence[Row]) -> Table:
    table = Table("event", "file", box=None, pad_edge=False)
    for title in ("kernel ns", "kernel x", "model ns", "model x"):
        table.add_column(title, justify="right")
    table.add_column("unit")
    events = dict.fromkeys(row["event"] for row in rows)
    for row in sorted(rows, key=lambda row: list(events).index(row["event"])):
        if not row["left_out"]:
            cells = (*timed(row["kernel"]), *timed(row["model"]))
            table.add_row(row["event"], row["file"], *cells, row["unit"])
    return table


def timed(found: dict[str, float] | None) -> tuple[str, str]:
    """The time, and the ratio with its bounds."""
    if found is None:
        return NO_VALUE, NO_VALUE
    bounds = f"{times(found['ratio_low'])} to {times(found['ratio_high'])}"
    return digits(found["ns"]), f"{times(found['ratio'])} ({bounds})"


def sentences(rows: Sequence[Row]) -> list[str]:
    """How near the models come where the index is nearly all, and what is missing."""
    texts = []
    for row in rows:
        if row["event"] in {"cachestat", "mincore"} and row["kernel"] and row["file"] != BASELINE:
            kernel, model = row["kernel"]["ratio"], row["model"]["ratio"]
            texts.append(
                f"{row['event']} of {row['file']}: {times(kernel)} times the baseline in the "
                f"kernel, {times(model)} in the model; round by round "
                f"{100 * (row['model_to_kernel'] - 1):+.0f} %."
            )
    for row in files_of(rows):
        if row["left_out"]:
            texts.append(f"Left out: {row['file']}, {row['left_out']}.")
        elif row["nodes"] is None:
            texts.append(f"Missing: nodes of {row['file']}: a walk has them; run as root.")
    return texts
