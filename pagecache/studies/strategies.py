"""The ways to keep reclaim away from the locks that are held, on the same call chains.

    GFP_KERNEL everywhere     nothing is done: the deadlocks there are
    masks by hand             at every allocation that any path reaches with such a lock held
    masks everywhere          at every allocation, just in case
    one scope a lock          at every place where such a lock is taken
    NOLOCKDEP by hand         at every allocation that lockdep complains of

A mask is GFP_NOFS, or GFP_NOIO where the lock is one that I/O needs; a scope likewise.

An *edit* is one line that a way changes.  It is done right only if no line is forgotten, so each is
also undone alone: `needed` counts those whose absence leaves a finding.  All is decided by
`lockdep.check` on the changed chains.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pagecache.gfp.flags import Gfp
from pagecache.gfp.reentry import BITS
from pagecache.studies.chains import Alloc, Chains, Lock, Scope, Step, Steps
from pagecache.studies.lockdep import (
    Report,
    allowed,
    check,
    entries,
    taken_in_reclaim,
    visits,
)

BOTH = Gfp.IO | Gfp.FS
Edits = dict[int, Callable[[Step], Step]]  # the line that is changed, and how


@dataclass(frozen=True)
class Strategy:
    """One way, carried out.

    Attributes
    ----------
    name
    chains
        As they are afterwards.
    edits
        Lines changed; None where the chains are as written.
    needed
        Lines of these that leave a finding more if they alone are forgotten.
    report
        What `check` finds then.
    """

    name: str
    chains: Chains
    edits: int | None
    needed: int | None
    report: Report

    def row(self) -> tuple[str, ...]:
        report = self.report
        counts = (self.edits, self.needed, *map(len, (report.findings, report.hidden)))
        return (self.name, *("-" if n is None else str(n) for n in (*counts, len(report.needless))))


HEAD = ("strategy", "lines edited", "of them needed", "deadlocks", "hidden", "needless")


@dataclass(frozen=True)
class Strategies:
    """The ways beside each other; prints as a table."""

    rows: tuple[Strategy, ...]

    def __getitem__(self, name: str) -> Strategy:
        return next(row for row in self.rows if row.name == name)

    def __str__(self) -> str:
        table = [HEAD, *(row.row() for row in self.rows)]
        width = [max(len(row[k]) for row in table) for k in range(len(HEAD))]
        return "\n".join(
            "  ".join([row[0].ljust(width[0]), *map(str.rjust, row[1:], width[1:])])
            for row in table
        )


def compare(chains: Chains) -> Strategies:
    """Carry out each way on these chains.

    Examples
    --------
    >>> from pagecache.studies.chains import read_chains
    >>> print(compare(read_chains('''
    ... reclaim fs calls evict
    ... create
    ...     lock ILOCK
    ...         call grow
    ... read
    ...     call grow
    ... grow
    ...     alloc block GFP_KERNEL
    ... evict
    ...     lock ILOCK
    ... ''')))
    strategy               lines edited  of them needed  deadlocks  hidden  needless
    as written                        -               -          1       0         0
    GFP_KERNEL everywhere             0               0          1       0         0
    masks by hand                     1               1          0       0         1
    masks everywhere                  1               1          0       0         1
    one scope a lock                  1               1          0       0         0
    NOLOCKDEP by hand                 1               1          0       1         0
    """
    plain = chains.changed(made_plain)
    ways = {
        "GFP_KERNEL everywhere": {},
        "masks by hand": by_hand(plain),
        "masks everywhere": everywhere(plain),
        "one scope a lock": scopes(plain),
        "NOLOCKDEP by hand": silenced(plain),
    }
    written = Strategy("as written", chains, None, None, check(chains))
    return Strategies((written, *(carried_out(name, plain, way) for name, way in ways.items())))


def carried_out(name: str, plain: Chains, edits: Edits) -> Strategy:
    chains = edited(plain, edits)
    return Strategy(name, chains, len(edits), needed(plain, edits), check(chains))


def edited(plain: Chains, edits: Edits) -> Chains:
    def change(step: Step) -> Steps:
        return (edits[step.line](step) if step.line in edits else step,)

    return plain.changed(change)


def needed(plain: Chains, edits: Edits) -> int:
    """How many edits leave a finding more when one alone is left out."""
    most = len(check(edited(plain, edits)).findings)
    without = [{line: edits[line] for line in edits if line != forgotten} for forgotten in edits]
    return sum(len(check(edited(plain, rest)).findings) > most for rest in without)


def made_plain(step: Step) -> Steps:
    """No scopes, and masks that let reclaim do all."""
    if isinstance(step, Scope):
        return step.steps
    if isinstance(step, Alloc) and step.gfp & Gfp.DIRECT_RECLAIM:
        return (Alloc(step.name, (step.gfp | BOTH) & ~Gfp.NOLOCKDEP, step.line),)
    return (step,)


def masked(keep: Gfp, add: int = 0) -> Callable[[Step], Step]:
    """The edit that leaves of IO and FS what is in `keep`, and adds flags."""

    def edit(step: Step) -> Step:
        assert isinstance(step, Alloc)
        return Alloc(step.name, step.gfp & ~BOTH | keep | add, step.line)

    return edit


def scoped(kind: str) -> Callable[[Step], Step]:
    """The edit that opens a scope where a lock is taken."""
    return lambda lock: Scope(kind, (lock,))


def safe_bits(plain: Chains) -> dict[int, Gfp]:
    """Of each site's line: those of IO and FS that every path to it may have."""
    taken = {kind: taken_in_reclaim(plain, kind) for kind in BITS}
    safe: dict[int, Gfp] = {}
    for visit in visits(plain, entries(plain)):
        if isinstance(visit.step, Alloc) and visit.step.gfp & Gfp.DIRECT_RECLAIM:
            before = safe.get(visit.step.line, BOTH)
            safe[visit.step.line] = before & allowed(visit.context, taken)
    return safe


def by_hand(plain: Chains) -> Edits:
    """At each site what is safe on every path to it."""
    return {line: masked(keep) for line, keep in safe_bits(plain).items() if keep != BOTH}


def everywhere(plain: Chains) -> Edits:
    """At every site what the most delicate of them needs, and GFP_NOFS at least."""
    keep = Gfp.IO
    for bits in safe_bits(plain).values():
        keep &= bits
    sites = [site for site in plain.sites() if site.gfp & Gfp.DIRECT_RECLAIM]
    return {site.line: masked(keep) for site in sites}


def scopes(plain: Chains) -> Edits:
    """A scope at every place where a task takes a lock that reclaim takes too."""
    fs, io = taken_in_reclaim(plain, "fs"), taken_in_reclaim(plain, "io")
    taken = (visit.step for visit in visits(plain, entries(plain)) if isinstance(visit.step, Lock))
    return {
        lock.line: scoped("noio" if lock.name in io else "nofs")
        for lock in taken
        if lock.name in io or lock.name in fs
    }


def silenced(plain: Chains) -> Edits:
    """NOLOCKDEP where there is a finding; the mask stays."""
    lines = [finding.site.line for finding in check(plain).findings]
    return {line: masked(BOTH, Gfp.NOLOCKDEP) for line in lines}
