"""Recorded traces through mappings: the index ends as the running kernel's did."""

from pathlib import Path
from typing import Any

from pagecache.inputs import read_trace
from pagecache.mapping.history import History


def test_recorded_changes_leave_what_the_kernel_held(recorded: tuple[Path, dict[str, Any]]) -> None:
    path, expected = recorded
    mappings = History(read_trace(path)).run()
    for name, content in expected.items():
        mapping = mappings[name]
        mapping.check()
        assert mapping.nodes == content["nodes"]
        assert mapping.pages == content["pages"]
        orders = {str(order): count for order, count in mapping.folios_by_order.items()}
        assert orders == content["orders"]


def test_what_programs_asked_is_cached_afterwards(recorded: tuple[Path, dict[str, Any]]) -> None:
    history = History(read_trace(recorded[0]), recorded=False)
    for design in ("base-4k", "thp-slots-head", "thp-multi"):
        mappings = history.mappings(design, readahead_kb=8192)
        history.run_through(mappings)
        made = sum(mapping.stats["folios"] for mapping in mappings)
        history.run_through(mappings)
        assert sum(mapping.stats["folios"] for mapping in mappings) == made > 0
