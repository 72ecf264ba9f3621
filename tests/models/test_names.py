"""Each step has the memory order that models/orders.toml gives it, under its name."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ORDERS = tomllib.loads((ROOT / "models" / "orders.toml").read_text())
# Where the steps of a table are taken, and what goes before their names there.
PAGE = "pagecache/page"
CODE = {
    "lookup": ("pagecache/xarray/walk.pxd pagecache/relaxed.pxd", ""),
    "update": ("pagecache/xarray/walk.pxd pagecache/relaxed.pxd", ""),
    "grace-period": ("pagecache/xarray/grace.pxd", ""),
    "cas": (f"{PAGE}/frames.pxd {PAGE}/cas.pxd", ""),
    "assume-1": (f"{PAGE}/assume_1.pxd", "assume_1_"),
    "locked-bit": (f"{PAGE}/locked_bit.pxd", "locked_bit_"),
    "none": (f"{PAGE}/sequence.pxd", "none_"),
    "striped": (f"{PAGE}/striped.pxd", "striped_"),
}
STEPS = [f"{table} {step}" for table in CODE for step in ORDERS[table] if step != "runs"]


def order_in_code(table: str, step: str) -> str:
    """The first order in the macro that has the step's name."""
    names, prefix = CODE[table]
    text = "".join((ROOT / name).read_text() for name in names.split()).replace("\\\\\n", " ")
    name = prefix + step.replace("-", "_")
    found = re.findall(rf"#define pc_{name}\b.*?__ATOMIC_(\w+)", text)
    assert len(found) == 1, f"{names}: {name} is defined {len(found)} times"
    return str(found[0]).lower()


@pytest.mark.parametrize("step", sorted(STEPS))
def test_code_has_the_order_of_the_models(step: str) -> None:
    table, name = step.split()
    assert order_in_code(table, name) == ORDERS[table][name]["order"]


def test_every_step_of_the_models_is_in_the_code() -> None:
    assert set(CODE) == set(ORDERS)
