"""What there is to check: models/proofs.toml, faults.toml and orders.toml, as objects."""

import tomllib
from pathlib import Path
from typing import Any, NamedTuple

MODELS = Path(__file__).resolve().parents[2] / "models"


class Run(NamedTuple):
    """A model and how it is built; a fault if `found` says how its counterexample must end."""

    name: str
    model: str
    options: tuple[str, ...]
    text: str
    found: str = ""

    @property
    def source(self) -> Path:
        return MODELS / f"{self.model}.pml"

    @property
    def defines(self) -> list[str]:
        return [f"-D{option}" for option in self.options]


class Step(NamedTuple):
    """A step of a protocol and its memory order."""

    table: str
    name: str
    order: str
    why: str
    too_weak: tuple[str, ...] = ()
    unchecked: str = ""


class Protocol(NamedTuple):
    """A table of orders.toml: its steps, and the Relacy tests of them."""

    name: str
    runs: tuple[str, ...]
    steps: tuple[Step, ...]


def load(name: str) -> dict[str, dict[str, Any]]:
    return tomllib.loads((MODELS / name).read_text(encoding="utf-8"))


def proofs() -> list[Run]:
    return [
        Run(name, row["model"], tuple(row["options"].split()), row["shows"])
        for name, row in load("proofs.toml").items()
    ]


def faults() -> list[Run]:
    return [
        Run(name, row["model"], tuple(row["options"].split()), row["planted"], row["found"])
        for name, row in load("faults.toml").items()
    ]


def protocols() -> list[Protocol]:
    return [
        Protocol(name, tuple(rows.pop("runs")), tuple(step(name, *row) for row in rows.items()))
        for name, rows in load("orders.toml").items()
    ]


def step(table: str, name: str, row: dict[str, Any]) -> Step:
    too_weak = tuple(row.get("too_weak", ()))
    return Step(table, name, row["order"], row["why"], too_weak, row.get("unchecked", ""))
