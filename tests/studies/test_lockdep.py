"""The checker of call chains, beside a naive one that walks every path; and the ways compared."""

from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pagecache.gfp.flags import GFP_KERNEL, GFP_NOFS, GFP_NOIO, GFP_NOWAIT, Gfp
from pagecache.studies.chains import Alloc, Call, Chains, Lock, Scope, Step, Steps, read_chains
from pagecache.studies.lockdep import check, entries
from pagecache.studies.strategies import compare

RECLAIM = """
reclaim fs calls evict
reclaim io calls submit
evict
    call evict_locked
evict_locked
    lock ILOCK
submit
    lock QUEUE
"""


def found(text: str) -> list[str]:
    return str(check(read_chains(RECLAIM + text))).splitlines()


def test_finding_names_site_lock_mask_and_both_paths() -> None:
    text = """
create
    lock ILOCK
        call grow
grow
    call take
take
    alloc block GFP_KERNEL|ZERO
"""
    assert found(text) == [
        "deadlock: alloc block in take under ILOCK with GFP_KERNEL|ZERO can re-enter the "
        "filesystem through reclaim, which takes ILOCK: path create -> grow -> take; "
        "reclaim evict -> evict_locked"
    ]


@pytest.mark.parametrize(
    ("lock", "mask", "deadlock"),
    [
        ("ILOCK", "GFP_KERNEL", True),
        ("ILOCK", "GFP_NOFS", False),
        ("ILOCK", "GFP_NOIO", False),
        ("QUEUE", "GFP_KERNEL", True),
        ("QUEUE", "GFP_NOFS", True),
        ("QUEUE", "GFP_NOIO", False),
        ("ILOCK", "GFP_NOWAIT|IO|FS", False),  # wakes kswapd and does not wait
        ("ILOCK", "DIRECT_RECLAIM|FS", True),
        ("OTHER", "GFP_KERNEL", False),
    ],
)
def test_mask_and_lock_decide(lock: str, mask: str, deadlock: bool) -> None:
    report = check(read_chains(f"{RECLAIM}\na\n    lock {lock}\n        alloc x {mask}\n"))
    assert bool(report.findings) == deadlock


@pytest.mark.parametrize(
    ("scope", "lock", "deadlock"),
    [("nofs", "ILOCK", 0), ("nofs", "QUEUE", 1), ("noio", "QUEUE", 0), ("noio", "ILOCK", 0)],
)
def test_scope_reaches_what_is_called_under_it(scope: str, lock: str, deadlock: int) -> None:
    text = f"""
a
    {scope}
        lock {lock}
            call b
b
    alloc x GFP_KERNEL
"""
    assert len(check(read_chains(RECLAIM + text)).findings) == deadlock


def test_lock_let_go_before_the_allocation_is_none() -> None:
    assert found("a\n    lock ILOCK\n    alloc x GFP_KERNEL") == ["nothing found"]


def test_shared_helper_is_too_weak_or_wrong_by_its_mask_and_right_by_a_scope() -> None:
    helper = """
create
    {}
        lock ILOCK
            call helper
read
    call helper
helper
    alloc buffer {}
"""
    wrong = check(read_chains(RECLAIM + helper.format("lock OTHER", "GFP_KERNEL")))
    weak = check(read_chains(RECLAIM + helper.format("lock OTHER", "GFP_NOFS")))
    right = check(read_chains(RECLAIM + helper.format("nofs", "GFP_KERNEL")))
    assert (len(wrong.findings), len(wrong.needless)) == (1, 0)
    assert (len(weak.findings), len(weak.needless)) == (0, 1)
    assert str(weak.needless[0]) == (
        "alloc buffer in helper lacks FS by its mask GFP_NOFS, and no lock held there asks for it: "
        "path read -> helper"
    )
    assert str(right) == "nothing found"


def test_scope_without_the_lock_is_needless_too() -> None:
    assert found("a\n    noio\n        alloc x GFP_KERNEL") == [
        "needless: alloc x in a lacks IO|FS by a scope, and no lock held there asks for it: path a"
    ]


def test_nolockdep_hides_the_deadlock_and_does_not_end_it() -> None:
    report = check(read_chains(RECLAIM + "a\n    lock ILOCK\n        alloc x GFP_KERNEL|NOLOCKDEP"))
    assert report.findings == ()
    assert str(report).startswith("hidden by NOLOCKDEP: alloc x in a under ILOCK")


def test_calls_in_a_circle_come_to_an_end() -> None:
    text = """
a
    lock ILOCK
        call b
b
    call a
    alloc x GFP_KERNEL
"""
    assert found(text) == [
        "deadlock: alloc x in b under ILOCK with GFP_KERNEL can re-enter the filesystem "
        "through reclaim, which takes ILOCK: path a -> b; reclaim evict -> evict_locked"
    ]


def test_tasks_enter_where_nothing_calls_and_once_in_each_circle() -> None:
    chains = read_chains(RECLAIM + "a\n    call b\nb\n    call b\nc\n    call d\nd\n    call c")
    assert entries(chains) == ("a", "c")


def test_what_reclaim_allocates_is_not_judged() -> None:
    text = "reclaim fs calls e\ne\n    lock ILOCK\n        alloc x GFP_KERNEL"
    assert str(check(read_chains(text))) == "nothing found"


# Random chains: function k calls later ones only, so that the naive walk ends.
NAMES = ["f0", "f1", "f2", "f3", "f4"]
MASKS = [GFP_KERNEL, GFP_NOFS, GFP_NOIO, GFP_NOWAIT, GFP_KERNEL | Gfp.NOLOCKDEP]


def steps(number: int, depth: int = 2) -> st.SearchStrategy[Steps]:
    later = NAMES[number + 1 :]
    kinds: list[st.SearchStrategy[Step]] = [
        st.builds(Alloc, st.sampled_from("xyz"), st.sampled_from(MASKS), st.just(number))
    ]
    if later:
        kinds.append(st.builds(Call, st.sampled_from(later)))
    if depth:
        inner = steps(number, depth - 1)
        kinds.append(st.builds(Lock, st.sampled_from("ABC"), inner))
        kinds.append(st.builds(Scope, st.sampled_from(["nofs", "noio"]), inner))
    return st.lists(st.one_of(kinds), max_size=3).map(tuple)


chains_strategy = st.builds(
    lambda functions, fs, io: Chains(dict(functions), {"fs": fs, "io": io}),
    st.tuples(
        *(steps(k).map(lambda made, name=name: (name, made)) for k, name in enumerate(NAMES))
    ),
    st.lists(st.sampled_from(NAMES[3:]), max_size=2).map(tuple),
    st.lists(st.sampled_from(NAMES[3:]), max_size=2).map(tuple),
)


def walked(
    chains: Chains, steps: Steps, path: tuple[str, ...], held: tuple[str, ...], open_: set[str]
) -> Iterator[tuple[Alloc | Lock, tuple[str, ...], tuple[str, ...], set[str]]]:
    """Every step of every path, one by one."""
    for step in steps:
        match step:
            case Alloc():
                yield step, path, held, open_
            case Call():
                inner = chains.functions[step.function]
                yield from walked(chains, inner, (*path, step.function), held, open_)
            case Lock():
                yield step, path, held, open_
                yield from walked(chains, step.steps, path, (*held, step.name), open_)
            case Scope():
                yield from walked(chains, step.steps, path, held, open_ | {step.kind})


def naive(chains: Chains) -> tuple[set[object], set[object], set[object]]:
    """(findings, hidden, needless), from all paths."""
    takes = {
        kind: {
            step.name
            for name in names
            for step, *_ in walked(chains, chains.functions[name], (name,), (), set())
            if isinstance(step, Lock)
        }
        for kind, names in chains.reclaim.items()
    }
    seen: set[object] = set()
    hidden: set[object] = set()
    needless: set[object] = set()
    for root in entries(chains):
        for step, _, held, scopes in walked(chains, chains.functions[root], (root,), (), set()):
            if isinstance(step, Lock) or not step.gfp & Gfp.DIRECT_RECLAIM:
                continue
            fs = bool(step.gfp & Gfp.FS) and not scopes
            io = bool(step.gfp & Gfp.IO) and "noio" not in scopes
            for kind, lets in (("fs", fs), ("io", io)):
                into = hidden if step.gfp & Gfp.NOLOCKDEP else seen
                into.update((step, lock, kind) for lock in held if lets and lock in takes[kind])
            may_io = not set(held) & takes["io"]
            may_fs = may_io and not set(held) & takes["fs"]
            if (may_io and not io) or (may_fs and not fs):
                needless.add(step)
    return seen, hidden, needless


@given(chains_strategy)
def test_checker_finds_what_walking_every_path_finds(chains: Chains) -> None:
    report = check(chains)
    seen, hidden, needless = naive(chains)
    assert {(f.site, f.lock, f.kind) for f in report.findings} == seen
    assert {(f.site, f.lock, f.kind) for f in report.hidden} == hidden
    assert {weak.site for weak in report.needless} == needless


def paths_are_real(chains: Chains, path: tuple[str, ...]) -> bool:
    called = {
        (name, step.function)
        for name in chains.functions
        for step, in_path in calls_of(chains.functions[name])
        if in_path
    }
    return all(pair in called for pair in pairwise(path))


def calls_of(steps: Steps) -> Iterator[tuple[Call, bool]]:
    for step in steps:
        if isinstance(step, Call):
            yield step, True
        elif isinstance(step, Lock | Scope):
            yield from calls_of(step.steps)


@given(chains_strategy)
def test_paths_of_findings_are_calls_that_are_there(chains: Chains) -> None:
    report = check(chains)
    for finding in (*report.findings, *report.hidden):
        assert finding.path[0] in entries(chains)
        assert finding.reclaim[0] in chains.reclaim[finding.kind]
        assert paths_are_real(chains, finding.path)
        assert paths_are_real(chains, finding.reclaim)


SHARED = """
create
    lock ILOCK
        call grow
        call log
read
    call log
rename
    lock ILOCK
        call grow
flush
    lock QUEUE
        call log
grow
    alloc block GFP_KERNEL
log
    alloc ticket GFP_NOFS
"""


def test_ways_are_compared_on_the_same_chains() -> None:
    ways = compare(read_chains(RECLAIM + SHARED))
    numbers = {row.name: row.row()[1:] for row in ways.rows}
    assert numbers == {
        "as written": ("-", "-", "2", "0", "1"),
        # block under ILOCK, ticket under ILOCK, ticket under QUEUE by FS's sibling IO
        "GFP_KERNEL everywhere": ("0", "0", "3", "0", "0"),
        "masks by hand": ("2", "2", "0", "0", "1"),
        "masks everywhere": ("2", "2", "0", "0", "2"),
        "one scope a lock": ("3", "3", "0", "0", "0"),
        "NOLOCKDEP by hand": ("2", "2", "0", "3", "0"),
    }
    assert str(ways["one scope a lock"].report) == "nothing found"
    assert len(str(ways).splitlines()) == 7


def test_site_that_an_edit_forgets_is_found_again() -> None:
    text = RECLAIM + SHARED.replace("alloc block GFP_KERNEL", "alloc block GFP_NOFS")
    report = check(read_chains(text.replace("alloc ticket GFP_NOFS", "alloc ticket GFP_KERNEL")))
    assert {finding.site.name for finding in report.findings} == {"ticket"}


@given(chains_strategy)
def test_by_hand_and_by_scopes_no_deadlock_is_left_and_scopes_weaken_no_more(
    chains: Chains,
) -> None:
    ways = compare(numbered(chains))
    for name in ("masks by hand", "masks everywhere", "one scope a lock"):
        report = ways[name].report
        assert report.findings == report.hidden == ()
    silent = ways["NOLOCKDEP by hand"].report
    assert silent.findings == ()
    assert len(silent.hidden) == len(ways["GFP_KERNEL everywhere"].report.findings)
    assert ways["one scope a lock"].report.needless == ()


def numbered(chains: Chains) -> Chains:
    """Each step on a line of its own, as text would have it."""
    lines = iter(range(1, 10**6))

    def given_line(step: Step) -> Steps:
        made = {**vars(step), "line": next(lines)}
        return (type(step)(**made),)

    return chains.changed(given_line)
