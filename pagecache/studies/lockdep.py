"""Allocations that can wait for themselves: found in call chains, whether or not it ever happened.

    create                    a task takes ILOCK,
        lock ILOCK
            alloc block       allocates, finds no memory and reclaims;
      reclaim: evict          reclaim enters the filesystem, as FS is in the mask,
        lock ILOCK            and wants ILOCK.  It will not get it: its own task has it.

For every way from where a task enters to an allocation, `check` knows the locks held and the
scopes open, so the *effective* mask; for every kind of reclaim (``fs``, ``io``), the locks that its
functions take.  Then there are three kinds of answer:

    finding    the mask lets reclaim into code that takes a lock held: a deadlock
    hidden     the same, but the site says NOLOCKDEP: lockdep stays silent and the deadlock there
    needless   the mask lacks FS or IO and nothing held asks for that: reclaim is weaker for nothing

An allocation without DIRECT_RECLAIM never waits for reclaim, and one made inside reclaim does not
reclaim again: neither is judged.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from pagecache.gfp.flags import Gfp, within
from pagecache.gfp.reentry import BITS, DOES
from pagecache.studies.chains import Alloc, Call, Chains, Lock, Scope, Step, Steps, each


class Context(NamedTuple):
    """The locks a task holds, in the order taken, and the scopes it has open."""

    held: tuple[str, ...] = ()
    nofs: bool = False
    noio: bool = False

    def inside(self, step: Lock | Scope) -> Context:
        if isinstance(step, Scope):
            nofs, noio = step.kind == "nofs", step.kind == "noio"
            return self._replace(nofs=self.nofs or nofs, noio=self.noio or noio)
        held = self.held if step.name in self.held else (*self.held, step.name)
        return self._replace(held=held)


class Visit(NamedTuple):
    """A step as one path comes to it."""

    step: Alloc | Call | Lock
    context: Context
    path: tuple[str, ...]

    def mask(self) -> Gfp:
        """The effective mask; only of an allocation."""
        assert isinstance(self.step, Alloc)
        return within(self.step.gfp, nofs=self.context.nofs, noio=self.context.noio)


@dataclass(frozen=True)
class Finding:
    """An allocation that can wait for a lock of its own task."""

    site: Alloc
    lock: str
    kind: str  # of reclaim: fs or io
    gfp: Gfp  # after the scopes
    path: tuple[str, ...]  # from where the task enters to the allocation
    reclaim: tuple[str, ...]  # from where reclaim enters to the lock

    def __str__(self) -> str:
        return (
            f"alloc {self.site.name} in {self.path[-1]} under {self.lock} with {self.gfp} "
            f"can {DOES[self.kind]} through reclaim, which takes {self.lock}: "
            f"path {' -> '.join(self.path)}; reclaim {' -> '.join(self.reclaim)}"
        )


@dataclass(frozen=True)
class Needless:
    """An allocation that reclaims with less than it could, with nothing held that asks for it."""

    site: Alloc
    missing: Gfp
    scope: bool  # taken away by a scope, not written in the mask
    path: tuple[str, ...]

    def __str__(self) -> str:
        way = "a scope" if self.scope else f"its mask {self.site.gfp}"
        return (
            f"alloc {self.site.name} in {self.path[-1]} lacks {self.missing} by {way}, "
            f"and no lock held there asks for it: path {' -> '.join(self.path)}"
        )


@dataclass(frozen=True)
class Report:
    """What `check` found: one of each for a site, a lock and a kind, by its shortest path."""

    findings: tuple[Finding, ...]
    hidden: tuple[Finding, ...]
    needless: tuple[Needless, ...]

    def __str__(self) -> str:
        lines = [f"deadlock: {finding}" for finding in self.findings]
        lines += [f"hidden by NOLOCKDEP: {finding}" for finding in self.hidden]
        lines += [f"needless: {weak}" for weak in self.needless]
        return "\n".join(lines) or "nothing found"


def check(chains: Chains) -> Report:
    """Judge every allocation on every path.  O(functions x contexts that they are called in).

    Examples
    --------
    >>> from pagecache.studies.chains import read_chains
    >>> print(check(read_chains('''
    ... reclaim fs calls evict
    ... create
    ...     lock ILOCK
    ...         call grow
    ... grow
    ...     alloc block GFP_KERNEL
    ... evict
    ...     lock ILOCK
    ... ''')))
    deadlock: alloc block in grow under ILOCK with GFP_KERNEL can re-enter the filesystem \
through reclaim, which takes ILOCK: path create -> grow; reclaim evict
    """
    taken = {kind: taken_in_reclaim(chains, kind) for kind in BITS}
    findings: dict[tuple[Step, str, str], Finding] = {}
    needless: dict[Step, Needless] = {}
    for visit in visits(chains, entries(chains)):
        if not isinstance(visit.step, Alloc) or not visit.step.gfp & Gfp.DIRECT_RECLAIM:
            continue
        for finding in deadlocks(visit, taken):
            findings.setdefault((visit.step, finding.lock, finding.kind), finding)
        weak = weaker_than_needed(visit, taken)
        if weak:
            needless.setdefault(visit.step, weak)
    seen = [finding for finding in findings.values() if not is_hidden(finding)]
    unseen = [finding for finding in findings.values() if is_hidden(finding)]
    return Report(tuple(seen), tuple(unseen), tuple(needless.values()))


Taken = dict[str, dict[str, tuple[str, ...]]]  # of a kind of reclaim and a lock: the path to it


def deadlocks(visit: Visit, taken: Taken) -> Iterator[Finding]:
    """A finding for each lock held that reclaim under this mask takes."""
    assert isinstance(visit.step, Alloc)
    mask = visit.mask()
    for kind, bit in BITS.items():
        for lock in visit.context.held if mask & bit else ():
            if lock in taken[kind]:
                yield Finding(visit.step, lock, kind, mask, visit.path, taken[kind][lock])


def weaker_than_needed(visit: Visit, taken: Taken) -> Needless | None:
    assert isinstance(visit.step, Alloc)
    missing = allowed(visit.context, taken) & ~visit.mask()
    if not missing:
        return None
    return Needless(visit.step, missing, bool(missing & visit.step.gfp), visit.path)


def allowed(context: Context, taken: Taken) -> Gfp:
    """Of IO and FS, those that reclaim may have with these locks held; FS never without IO."""
    held = set(context.held)
    if held & taken["io"].keys():
        return Gfp(0)
    return Gfp.IO if held & taken["fs"].keys() else Gfp.IO | Gfp.FS


def is_hidden(finding: Finding) -> bool:
    return bool(finding.site.gfp & Gfp.NOLOCKDEP)


def visits(chains: Chains, start: tuple[str, ...]) -> Iterator[Visit]:
    """Every step in every context it is reached in, each by a shortest path.

    A function is walked once in each context, so that calls in a circle come to an end.
    """
    queue: deque[tuple[str, Context, tuple[str, ...]]]
    queue = deque((name, Context(), (name,)) for name in start)
    seen = {(name, Context()) for name in start}
    while queue:
        name, context, path = queue.popleft()
        for step, inner in in_context(chains.functions[name], context):
            yield Visit(step, inner, path)
            if isinstance(step, Call) and (step.function, inner) not in seen:
                seen.add((step.function, inner))
                queue.append((step.function, inner, (*path, step.function)))


def in_context(steps: Steps, context: Context) -> Iterator[tuple[Alloc | Call | Lock, Context]]:
    for step in steps:
        if not isinstance(step, Scope):
            yield step, context
        if isinstance(step, Lock | Scope):
            yield from in_context(step.steps, context.inside(step))


def taken_in_reclaim(chains: Chains, kind: str) -> dict[str, tuple[str, ...]]:
    """Each lock that this kind of reclaim takes, with the path to it."""
    taken: dict[str, tuple[str, ...]] = {}
    for visit in visits(chains, chains.reclaim[kind]):
        if isinstance(visit.step, Lock):
            taken.setdefault(visit.step.name, visit.path)
    return taken


def entries(chains: Chains) -> tuple[str, ...]:
    """Where tasks enter: functions that nothing calls, and one of each circle of others.

    What only reclaim calls is no entry.
    """
    called = {name for function in chains.functions for name in calls(chains, function)}
    inside = reached(chains, [name for names in chains.reclaim.values() for name in names])
    found = [name for name in chains.functions if name not in called | inside]
    covered = reached(chains, found) | inside
    for name in chains.functions:
        if name not in covered:
            found.append(name)
            covered |= reached(chains, [name])
    return tuple(found)


def calls(chains: Chains, function: str) -> list[str]:
    return [step.function for step in each(chains.functions[function]) if isinstance(step, Call)]


def reached(chains: Chains, start: list[str]) -> set[str]:
    """These functions and all that they call."""
    found, waiting = set(start), list(start)
    while waiting:
        new = set(calls(chains, waiting.pop())) - found
        found |= new
        waiting += new
    return found
