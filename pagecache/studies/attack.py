"""``pagecache study attack``: a map count attacked, and the arithmetic at full width."""

import argparse
from collections.abc import Iterable
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from pagecache.errors import InputError
from pagecache.page.mapcount import GUARDS, MappedPage
from pagecache.studies.columns import aligned

PAGE = 4096
GIB = 1 << 30
ENTRIES = 512  # of a page table
UPPER_TABLES = 3  # PMD, PUD and PGD, of a process that maps one range


@dataclass(frozen=True)
class Outcome:
    """What an attack came to.

    Attributes
    ----------
    guard : str
    width, processes, mappings : int
        Bits of the counts; attackers, and the mappings that each tried to make.
    made, refused, kills : int
        Mappings made and refused, processes killed.
    most_mapped : int
        The most mappings there were at a time.
    panicked : bool
    looked_unmapped : bool
        Whether the count said unmapped while processes mapped the page.
    corrupted : bool
        Whether the page was freed while processes mapped it.
    bystander_served : bool
        Whether an ordinary process could map the page once, after the attack.
    balances : bool
        Whether the counts are right again after every mapping left was undone.
    leaked : bool
        Whether the page stays in memory though nothing maps it any more.
    """

    guard: str
    width: int
    processes: int
    mappings: int
    made: int
    refused: int
    kills: int
    most_mapped: int
    panicked: bool
    looked_unmapped: bool
    corrupted: bool
    bystander_served: bool
    balances: bool
    leaked: bool


def attack(
    guard: str,
    *,
    width: int = 16,
    processes: int | None = None,
    mappings: int | None = None,
    track_above: int | None = None,
    kill_above: int | None = None,
) -> Outcome:
    """Map one page from many processes until the count has run over or the guard has ended it.

    Each mapping is made: the count of `width` bits in the page's record is what is attacked.
    O(processes x mappings).

    Parameters
    ----------
    guard : {"none", "kill", "saturate", "leak", "refuse"}
    width : int
        Bits of the counts, 2 to 32.  At 32 that is 2^32 mappings: a minute or so.
    processes, mappings : int, optional
        Attackers, and mappings of each.  If not given, the root of the count's range each, and
        two mappings more.
    track_above, kill_above : int, optional
        Thresholds of `kill`; see `MappedPage`.

    Examples
    --------
    >>> from pagecache.studies.attack import attack
    >>> attack("none", width=8).corrupted, attack("refuse", width=8).corrupted
    (True, False)
    """
    processes = 1 << (width + 1) // 2 if processes is None else processes
    mappings = (1 << width // 2) + 2 if mappings is None else mappings
    if processes < 1 or mappings < 1:
        raise InputError("an attack takes at least one process and one mapping of each")
    page = MappedPage(
        guard,
        width=width,
        processes=processes + 1,  # and the bystander
        track_above=track_above,
        kill_above=kill_above,
    )
    made = sum(page.map_many(process, mappings) for process in range(processes))
    refused = page.refusals
    served = page.map_many(processes, 1) == 1
    corrupted = page.freed_while_mapped
    undo(page, processes + 1)
    return Outcome(
        guard=guard,
        width=width,
        processes=processes,
        mappings=mappings,
        made=made,
        refused=refused,
        kills=page.kills,
        most_mapped=page.most_mapped,
        panicked=page.panicked,
        looked_unmapped=page.looked_unmapped,
        corrupted=corrupted,
        bystander_served=served,
        balances=(page.mapcount, page.refcount) == (-1, 1),
        leaked=not page.reclaim(),
    )


def undo(page: MappedPage, processes: int) -> None:
    """Every process unmaps what it still has."""
    for process in range(processes):
        page.unmap_many(process, page.mappings_of(process))


@dataclass(frozen=True)
class Arithmetic:
    """What the attack takes at full width, from its assumptions.

    Attributes
    ----------
    pid_max, max_map_count : int
        Processes, and mappings of each, that a kernel allows by default.
    mappings_each : int
        More than any process has, so that none is tracked (5000 are the threshold posted).
    vma_bytes, stack_bytes : int
        Memory of one mapping's area, and of one task's kernel stack.
    """

    pid_max: int = 32768
    max_map_count: int = 65530
    mappings_each: int = 5000
    vma_bytes: int = 200
    stack_bytes: int = 16384

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if value < 1:
                raise InputError(f"{name}: {value} must be at least 1")

    @property
    def allowed(self) -> int:
        """Mappings of one page that the default limits allow."""
        return self.pid_max * self.max_map_count

    @property
    def short_of_sign(self) -> int:
        """How many that is below 2**31, where the count turns negative; below 0: beyond it."""
        return 2**31 - self.allowed

    def tasks(self, mappings: int) -> int:
        """Tasks that make that many mappings, `mappings_each` each."""
        return -(-mappings // self.mappings_each)

    def stacks(self, mappings: int) -> int:
        """Bytes of their kernel stacks."""
        return self.tasks(mappings) * self.stack_bytes

    def page_tables(self, mappings: int) -> int:
        """Bytes of their page tables at the least: the mappings one after the other."""
        tables = -(-self.mappings_each // ENTRIES) + UPPER_TABLES
        return self.tasks(mappings) * tables * PAGE

    def areas(self, mappings: int) -> int:
        """Bytes of the areas (VMAs), one a mapping."""
        return mappings * self.vma_bytes

    def lines(self) -> list[str]:
        """The arithmetic in sentences, with its assumptions."""
        sign, wrap = 2**31, 2**32
        small = self.stacks(sign) + self.page_tables(sign)
        beyond = "below" if self.short_of_sign > 0 else "beyond"
        return [
            f"Assumed: pid_max {self.pid_max:,}, max_map_count {self.max_map_count:,}; "
            f"{self.mappings_each:,} mappings a task; {self.vma_bytes} bytes an area (VMA), "
            f"{self.stack_bytes:,} bytes a kernel stack, page tables filled without a gap.",
            f"Default limits allow {self.pid_max:,} x {self.max_map_count:,} = {self.allowed:,} "
            f"mappings: {abs(self.short_of_sign):,} {beyond} the 2^31 where the count turns "
            "negative.",
            f"2^31 mappings at {self.mappings_each:,} each take {self.tasks(sign):,} tasks: "
            f"{gib(self.stacks(sign))} of stacks and {gib(self.page_tables(sign))} of page tables, "
            f"{gib(small)} together.",
            f"Their areas take {gib(self.areas(sign))} more; {gib(self.areas(wrap))} for the "
            "2^32 of a full wrap.",
            "The posts give 400 000 tasks, 6 GB of stacks and 24 GB of page tables: 30 GB, which "
            "is probably the machine of 30 GB that the 2018 report names (our inference).",
            f"The two disagree: {gib(self.areas(sign))} of areas are "
            f"{self.areas(sign) / small:.0f} times the {gib(small)} of stacks and page tables, so "
            "30 GB only holds if areas cost nothing; the report's 4 billion mappings are the full "
            "wrap, and twice that.",
        ]


def gib(size: int) -> str:
    return f"{size / GIB:,.1f} GiB"


COLUMNS = (
    "guard",
    "made",
    "refused",
    "kills",
    "most_mapped",
    "panicked",
    "looked_unmapped",
    "corrupted",
    "bystander_served",
    "balances",
    "leaked",
)


def cells(outcome: Outcome) -> list[str]:
    """One line of the table of guards."""
    values = (getattr(outcome, column) for column in COLUMNS)
    return [("no", "yes")[v] if isinstance(v, bool) else str(v) for v in values]


def table(outcomes: Iterable[Outcome]) -> Table:
    """The outcomes, for rich."""
    made = Table()
    for column in COLUMNS:
        made.add_column(column.replace("_", " "), justify="left" if column == "guard" else "right")
    for outcome in outcomes:
        made.add_row(*cells(outcome))
    return made


def render(console: Console | None = None, width: int = 16) -> None:
    """Run the attack under every guard and print it, with the arithmetic at full width.

    On a terminal as rich has it, elsewhere as plain text.
    """
    console = console or Console()
    outcomes = [attack(guard, width=width) for guard in GUARDS]
    console.file.write(f"The attack on counts of {width} bits, run under every guard:\n\n")
    if console.is_terminal:
        console.print(table(outcomes))
    else:
        console.file.write(aligned([[*COLUMNS], *map(cells, outcomes)]) + "\n")
    console.file.write("\n" + "\n".join(Arithmetic().lines()) + "\n")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    text = "bits of the counts, 2 to 32 (default 16; 32 takes minutes)"
    parser.add_argument("--width", type=int, default=16, metavar="BITS", help=text)


def run(options: argparse.Namespace) -> int:
    render(width=options.width)
    return 0
