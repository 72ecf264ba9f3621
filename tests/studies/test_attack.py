"""``pagecache study attack``: each guard's outcome under the attack on a map count."""

import io

import pytest
from rich.console import Console

from pagecache.errors import InputError
from pagecache.page.mapcount import GUARDS, MappedPage
from pagecache.studies import attack as module
from pagecache.studies.attack import Arithmetic, attack

WIDTHS = (4, 8, 12, 16)
wide = pytest.mark.parametrize("width", WIDTHS)
guarded = pytest.mark.parametrize("guard", GUARDS)
GUARDED = [guard for guard in GUARDS if guard != "none"]


@wide
def test_without_a_guard_a_page_is_freed_while_all_map_it(width: int) -> None:
    outcome = attack("none", width=width)
    assert outcome.made == outcome.most_mapped == 1 << width
    assert outcome.looked_unmapped
    assert outcome.corrupted
    assert not outcome.balances
    assert not outcome.bystander_served


@wide
@pytest.mark.parametrize("guard", GUARDED)
def test_each_guard_keeps_the_page(guard: str, width: int) -> None:
    assert not attack(guard, width=width).corrupted


@wide
def test_heavy_mappers_are_killed_when_the_count_turns_negative(width: int) -> None:
    outcome = attack("kill", width=width)
    assert outcome.kills > 0
    assert outcome.most_mapped == (1 << width - 1) + 1
    assert outcome.balances
    assert outcome.bystander_served
    assert [outcome.panicked, outcome.looked_unmapped, outcome.leaked] == [False] * 3


def test_posted_run_of_the_patch_comes_out() -> None:
    """512 processes of 5000 mappings, thresholds 50 and 10, the trigger at 65,536.

    Posted: 65,539 at most, with processes running beside each other; here one after the other.
    """
    outcome = attack("kill", width=17, processes=512, mappings=5000, track_above=50, kill_above=10)
    assert outcome.most_mapped == 65537
    assert outcome.balances
    assert not outcome.panicked


def test_attackers_below_the_threshold_make_the_machine_panic() -> None:
    outcome = attack("kill", width=8, processes=50, mappings=5, track_above=20, kill_above=5)
    assert (outcome.panicked, outcome.kills) == (True, 0)
    assert outcome.made == 129
    assert not outcome.bystander_served


@wide
def test_saturated_count_sticks_and_the_page_stays(width: int) -> None:
    outcome = attack("saturate", width=width)
    assert (outcome.leaked, outcome.balances) == (True, False)
    assert not outcome.looked_unmapped
    assert outcome.bystander_served
    page = MappedPage("saturate", width=width)
    page.map_many(0, (1 << width) + 5)
    highest = (1 << width - 1) - 1
    assert (page.mapcount, page.refcount) == (highest, highest)
    page.unmap_many(0, (1 << width) + 5)
    assert (page.mapcount, page.refcount) == (highest, highest)


@wide
def test_leaked_page_looks_unmapped_and_is_never_freed(width: int) -> None:
    outcome = attack("leak", width=width)
    assert (outcome.looked_unmapped, outcome.leaked) == (True, True)
    assert outcome.balances
    assert outcome.bystander_served


@wide
def test_references_are_refused_above_half_and_everyones_are(width: int) -> None:
    outcome = attack("refuse", width=width)
    assert outcome.made == outcome.most_mapped == (1 << width - 1) - 1
    assert outcome.refused == outcome.processes * outcome.mappings - outcome.made
    assert not outcome.bystander_served
    assert outcome.balances
    assert [outcome.leaked, outcome.looked_unmapped] == [False] * 2


@guarded
@wide
def test_a_few_mappings_below_half_are_no_matter_to_a_guard(guard: str, width: int) -> None:
    outcome = attack(guard, width=width, processes=1, mappings=(1 << width - 1) - 4)
    assert outcome.balances
    assert outcome.bystander_served
    assert (outcome.kills, outcome.refused, outcome.leaked, outcome.corrupted) == (0, 0, 0, 0)


def test_bad_attack_is_refused() -> None:
    for bad in ({"processes": 0}, {"mappings": 0}, {"processes": -1}):
        with pytest.raises(InputError, match="at least one process"):
            attack("none", width=8, **bad)
    with pytest.raises(InputError, match="unknown guard"):
        attack("pray")
    with pytest.raises(InputError, match="pid_max: 0"):
        Arithmetic(pid_max=0)


def test_arithmetic_at_full_width() -> None:
    full = Arithmetic()
    assert (full.allowed, full.short_of_sign) == (2147287040, 196608)
    assert full.tasks(2**31) == 429497
    assert full.areas(2**31) == 400 << 30
    assert full.areas(2**32) == 800 << 30
    assert full.stacks(2**31) == 429497 * 16384
    assert full.page_tables(2**31) == 429497 * 13 * 4096
    text = "\n".join(full.lines())
    for part in ("2,147,287,040", "196,608 below", "429,497 tasks", "400.0 GiB", "disagree"):
        assert part in text
    assert "beyond the 2^31" in "\n".join(Arithmetic(pid_max=4 << 20).lines())


@pytest.mark.parametrize("terminal", [True, False])
def test_attack_and_arithmetic_are_printed(terminal: bool) -> None:
    console = Console(file=io.StringIO(), force_terminal=terminal, width=160)
    module.render(console, width=8)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert ("\x1b[" in text) == terminal
    assert all(guard in text for guard in GUARDS)
    assert "Assumed: pid_max 32,768" in text


def test_command_prints_the_attack_of_a_width(run) -> None:
    ran = run("study", "attack", "--width", "8")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("The attack on counts of 8 bits, run under every guard:\n")
    assert ran.out.isascii()
    assert run("study", "attack", "--width", "77").code == 2
