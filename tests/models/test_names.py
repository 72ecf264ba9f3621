"""Each step has the memory order that models/orders.toml gives it, under its name."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ORDERS = tomllib.loads((ROOT / "models" / "orders.toml").read_text())
# Where the steps of a table are taken.  Those of `cas` that change a folio under a freeze are in no
# code yet, and neither are the other protocols.
CODE = {
    "lookup": "pagecache/xarray/walk.pxd",
    "update": "pagecache/xarray/walk.pxd",
    "grace-period": "pagecache/xarray/grace.pxd",
    "cas": "pagecache/page/frames.pxd",
}
MISSING = {"cas freeze", "cas freeze-failed", "cas unfreeze"}
STEPS = [f"{table} {step}" for table in CODE for step in ORDERS[table] if step != "runs"]


def order_in_code(table: str, step: str) -> str:
    """The first order in the macro that has the step's name."""
    text = (ROOT / CODE[table]).read_text().replace("\\\\\n", " ")
    name = step.replace("-", "_")
    found = re.findall(rf"#define pc_{name}\b.*?__ATOMIC_(\w+)", text)
    assert len(found) == 1, f"{CODE[table]}: {name} is defined {len(found)} times"
    return str(found[0]).lower()


@pytest.mark.parametrize("step", sorted(set(STEPS) - MISSING))
def test_code_has_the_order_of_the_models(step: str) -> None:
    table, name = step.split()
    assert order_in_code(table, name) == ORDERS[table][name]["order"]


def test_steps_that_are_missing_in_the_code_are_steps() -> None:
    assert set(STEPS) >= MISSING
    for step in MISSING:
        table, name = step.split()
        assert f"pc_{name.replace('-', '_')}" not in (ROOT / CODE[table]).read_text()
