"""Spin finds every planted fault, and none in the models as they are."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

MODELS = Path(__file__).parents[2] / "models"
PROOFS = tomllib.loads((MODELS / "proofs.toml").read_text())
FAULTS = tomllib.loads((MODELS / "faults.toml").read_text())
LARGE = ("count/cas", "count/assume-1", "count/locked-bit", "count/striped")
MOST_SENTENCES = 30


def options_without_fault(name: str) -> tuple[str, ...]:
    return tuple(o for o in FAULTS[name]["options"].split() if not o.startswith("F_"))


WITHOUT = {(FAULTS[name]["model"], options_without_fault(name)): name for name in FAULTS}


@pytest.mark.slow
@pytest.mark.parametrize("run", FAULTS)
def test_planted_fault_is_found(run: str, searched: Any) -> None:
    story = searched[run].story
    assert story, "no counterexample"
    assert story.end == FAULTS[run]["found"]
    assert 4 <= len(story.steps) <= MOST_SENTENCES


@pytest.mark.slow
@pytest.mark.parametrize("name", WITHOUT.values())
def test_small_model_without_its_fault_passes(name: str, checker: Any, spin: Any) -> None:
    run = checker["catalogue"].Run(
        name, FAULTS[name]["model"], options_without_fault(name), "", "any"
    )
    found = spin.search(run)
    assert found.story is None, str(found.story)
    assert found.states > 100


@pytest.mark.slow
@pytest.mark.parametrize("run", PROOFS)
def test_model_passes_in_every_interleaving(run: str, searched: Any) -> None:
    found = searched[run]
    assert found.story is None, str(found.story)
    if run in LARGE or run.startswith("sequence/"):
        assert {"READERS=2", "GETS=2"} <= set(PROOFS[run]["options"].split())
        assert found.states >= 1_000_000


def test_one_fault_and_its_story(spin: Any, checker: Any) -> None:
    faults = {run.name: run for run in checker["catalogue"].faults()}
    found = spin.search(faults["count/striped/spin-inside"])
    assert found.story.end == "nobody can take another step"
    assert sorted(found.story.steps) == [
        "reader 1 finds folio 0 frozen, refused",
        "reader 1 loads the slot: folio 0",
        "the writer begins a grace period",
        "the writer marks folio 0 frozen",
    ]


def test_every_protocol_has_its_models() -> None:
    for model in ("count", "split"):
        for protocol in ("cas", "assume-1", "locked-bit", "striped"):
            assert f"{model}/{protocol}" in PROOFS
            assert f"{model}/{protocol}/no-reread" in FAULTS
    assert {"sequence/mapping", "sequence/folio", "split/none", "node/store-buffer"} <= set(PROOFS)


def test_every_planted_step_of_a_model_has_a_fault() -> None:
    """A switch that no run sets would be dead text."""
    for path in MODELS.glob("*.pml"):
        for switch in re.findall(r"\b[FV]_[A-Z_]+\b", path.read_text()):
            rows = [*FAULTS.values(), *PROOFS.values()]
            assert any(switch in row["options"].split() for row in rows), f"{path.name}: {switch}"


def test_fault_only_a_store_buffer_shows() -> None:
    for half in ("reader", "writer"):
        switch = f"F_NO_{half.upper()}_FENCE"
        fault = FAULTS[f"node/store-buffer/no-{half}-fence"]["options"].split()
        assert {switch, "BUFFERED"} <= set(fault)
        in_order = PROOFS[f"node/in-order/no-{half}-fence"]["options"].split()
        assert switch in in_order
        assert "BUFFERED" not in in_order


def test_model_that_spin_refuses_is_an_error(spin: Any, checker: Any) -> None:
    run = checker["catalogue"].Run("none", "count", ("PROTOCOL=CAS", "READERS=x"), "")
    with pytest.raises(RuntimeError, match="failed"):
        spin.search(run)


def test_search_that_is_cut_short_is_no_proof(checker: Any) -> None:
    report = "error: max search depth too small\ndepth reached 9, errors: 0\n 9 states, stored\n"
    with pytest.raises(RuntimeError, match="not complete"):
        checker["search"].figures(report)
    with pytest.raises(RuntimeError, match="has no"):
        checker["search"].figures("depth reached 9")


def test_without_spin_the_reason_is_named(
    checker: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(checker["search"].shutil, "which", lambda tool: None)
    assert "spin, gcc" in checker["search"].lacking()
    assert checker["main"].main(["count/cas"]) == 2
    assert "apt install spin gcc" in capsys.readouterr().err


def test_replay_becomes_sentences(checker: Any) -> None:
    replay = (
        "@reader 2: loads the slot\n  noise\n@writer 3: frees it\n@buffer 4: lets it go\n"
        "!wrong\n!more\n"
    )
    told = checker["story"].told(replay)
    assert told.steps == (
        "reader 2 loads the slot",
        "the writer frees it",
        "a store buffer lets it go",
    )
    assert told.end == "wrong"
    assert str(told).splitlines()[-1] == "  => wrong"
    assert checker["story"].told("").end == "nobody can take another step"


def test_long_counterexample_is_cut(checker: Any) -> None:
    story = checker["story"].Story(tuple("abc" * 40), "wrong")
    assert "60 steps before" in str(story)
    assert len(str(story).splitlines()) == 62


def test_unknown_run_is_refused(checker: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert checker["main"].main(["count/cass"]) == 2
    assert "no run is named count/cass" in capsys.readouterr().err


def test_runs_are_listed(checker: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert checker["main"].main(["split/*", "--list"]) == 0
    names = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert names == [name for name in [*PROOFS, *FAULTS] if name.startswith("split/")]
