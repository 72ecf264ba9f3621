"""Relacy passes the orders that models/orders.toml names, and refutes those it calls too weak."""

from pathlib import Path
from typing import Any

import pytest

STRENGTH = {"none": 0, "relaxed": 1, "acquire": 2, "release": 2, "acq_rel": 3, "seq_cst": 4}


@pytest.mark.slow
def test_orders_pass_together(checker: Any, explorer: Path) -> None:
    orders, protocols = checker["orders"], checker["catalogue"].protocols()
    for protocol in protocols:
        for test in protocol.runs:
            found = orders.explore(explorer, test, orders.right(protocol, protocols))
            assert found.passed, f"{protocol.name}: {test}: {found.why}"
            assert found.executions > 50


@pytest.mark.slow
def test_orders_that_are_too_weak_are_refuted(checker: Any, explorer: Path) -> None:
    orders, protocols = checker["orders"], checker["catalogue"].protocols()
    for protocol in protocols:
        for step in protocol.steps:
            for weak in step.too_weak:
                found = orders.refuted(explorer, step, weak, protocol, protocols)
                assert found, f"{protocol.name}: {step.name} {weak}: passes"


@pytest.mark.slow
def test_fences_relacy_does_not_need_are_named(checker: Any, explorer: Path) -> None:
    """What the page says of its limit: load-load reordering is not explored."""
    orders, protocols = checker["orders"], checker["catalogue"].protocols()
    none = next(protocol for protocol in protocols if protocol.name == "none")
    for step in none.steps:
        if step.unchecked:
            assert orders.refuted(explorer, step, "none", none, protocols) is None, step.name


@pytest.mark.slow
def test_step_without_an_order_is_refused(checker: Any, explorer: Path) -> None:
    with pytest.raises(RuntimeError, match="no order is given for this step"):
        checker["orders"].explore(explorer, "grace", {})
    with pytest.raises(RuntimeError, match="not a test"):
        checker["orders"].explore(explorer, "grapes", {})
    with pytest.raises(RuntimeError, match="its order is not"):
        checker["orders"].explore(explorer, "count protocol=cas", {"slot-load": "strong"})


def test_every_order_is_weakest_refuted_or_said_to_be_unchecked(checker: Any) -> None:
    for protocol in checker["catalogue"].protocols():
        for step in protocol.steps:
            weaker = [name for name in STRENGTH if STRENGTH[name] < STRENGTH[step.order]]
            assert set(step.too_weak) < set(STRENGTH), step
            assert step.order not in step.too_weak, step
            if step.order != "relaxed":
                assert bool(step.too_weak) != bool(step.unchecked), step
            if step.too_weak:
                assert set(weaker) & set(step.too_weak), step


def test_every_reference_protocol_has_its_orders(checker: Any) -> None:
    names = {protocol.name for protocol in checker["catalogue"].protocols()}
    assert {"cas", "assume-1", "locked-bit", "none", "striped", "lookup", "grace-period"} <= names


def test_without_relacy_the_reason_is_named(
    checker: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(checker["orders"], "HEADER", tmp_path / "none.hpp")
    assert "relacy-dev" in checker["orders"].lacking()
