"""Call chains as text: who calls whom, which locks are held, what is allocated.

    reclaim fs calls evict            what reclaim runs where it may enter the filesystem
    reclaim io calls submit           what it runs to write pages out

    create                            a function, at the margin; its steps follow, indented
        lock ILOCK                    held for the steps indented below it
            call grow
        call log
    grow
        alloc block GFP_NOFS          an allocation with a name, and its mask
    log
        nofs                          a scope (or noio), for the steps below it
            alloc ticket GFP_KERNEL
    evict
        lock ILOCK
    submit
        lock QUEUE

A *site* is one `alloc` line.  A *path* is the functions from where a task enters to a site.
``#`` begins a comment.  A step's line tells it from all others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from pagecache.errors import InputError, did_you_mean
from pagecache.gfp.flags import Gfp


@dataclass(frozen=True)
class Alloc:
    """An allocation: its name, and the mask it is written with."""

    name: str
    gfp: Gfp
    line: int = 0


@dataclass(frozen=True)
class Call:
    """A call of another function."""

    function: str
    line: int = 0


@dataclass(frozen=True)
class Lock:
    """A lock, held during `steps`."""

    name: str
    steps: Steps
    line: int = 0


@dataclass(frozen=True)
class Scope:
    """A scope of a kind, ``nofs`` or ``noio``, open during `steps`."""

    kind: str
    steps: Steps
    line: int = 0


Step = Alloc | Call | Lock | Scope
Steps = tuple[Step, ...]


@dataclass(frozen=True)
class Chains:
    """Functions by name, and what reclaim calls where a mask lets it: of ``fs`` and of ``io``.

    Examples
    --------
    >>> chains = read_chains('''
    ... reclaim fs calls evict
    ... create
    ...     lock ILOCK
    ...         alloc block GFP_KERNEL
    ... evict
    ...     lock ILOCK
    ... ''')
    >>> [site.name for site in chains.sites()], chains.reclaim
    (['block'], {'fs': ('evict',), 'io': ()})
    """

    functions: dict[str, Steps]
    reclaim: dict[str, tuple[str, ...]]
    source: str = "chains"

    def sites(self) -> list[Alloc]:
        """Every allocation, in the order they are written in."""
        return [s for steps in self.functions.values() for s in each(steps) if type(s) is Alloc]

    def changed(self, change: Callable[[Step], Steps]) -> Chains:
        """The same chains with each step replaced by what `change` makes of it, inner first."""
        functions = {name: rebuilt(steps, change) for name, steps in self.functions.items()}
        return replace(self, functions=functions)


def each(steps: Steps) -> Iterator[Step]:
    """Every step, those inside locks and scopes too."""
    for step in steps:
        yield step
        if isinstance(step, Lock | Scope):
            yield from each(step.steps)


def rebuilt(steps: Steps, change: Callable[[Step], Steps]) -> Steps:
    made: list[Step] = []
    for step in steps:
        if isinstance(step, Lock | Scope):
            made += change(replace(step, steps=rebuilt(step.steps, change)))
        else:
            made += change(step)
    return tuple(made)


@dataclass
class Block:
    """What is being read: the steps at one depth, and what they are put into in the end."""

    indent: int
    close: Callable[[Steps], Step | None] | None = None  # None: nothing may follow deeper
    steps: list[Step] = field(default_factory=list)


class Reader:
    """Reads lines into functions; `blocks` are those that are open, the innermost last."""

    def __init__(self, source: str) -> None:
        self.source, self.line = source, 0
        self.functions: dict[str, Steps] = {}
        self.reclaim: dict[str, tuple[str, ...]] = {"fs": (), "io": ()}
        self.blocks: list[Block] = []

    def refuse(self, message: str, line: int | None = None) -> InputError:
        return InputError(f"{self.source}:{self.line if line is None else line}: {message}")

    def take(self, line: str) -> None:
        """One line, of a known depth."""
        indent, words = len(line) - len(line.lstrip()), line.split()
        while self.blocks and indent <= self.blocks[-1].indent:
            self.close()
        if indent == 0:
            self.at_margin(words)
        elif not self.blocks:
            raise self.refuse("indented outside any function; begin with a function's name")
        else:
            self.step(indent, words)

    def close(self) -> None:
        block = self.blocks.pop()
        if block.close is None:
            return
        step = block.close(tuple(block.steps))
        if step is not None:
            self.blocks[-1].steps.append(step)

    def at_margin(self, words: list[str]) -> None:
        match words:
            case ["reclaim", ("fs" | "io") as kind, "calls", *names] if names:
                self.reclaim[kind] += tuple(name.rstrip(",") for name in names)
            case [name] if name != "reclaim":
                self.begin(name.rstrip(":"))
            case _:
                raise self.refuse("write a function's name, or: reclaim fs|io calls FUNCTION")

    def begin(self, name: str) -> None:
        if name in self.functions:
            raise self.refuse(f"{name} is defined twice; define each function once")
        self.functions[name] = ()  # its place in the order; the steps come when it ends
        self.blocks.append(Block(0, lambda steps: self.functions.update({name: steps})))

    def step(self, indent: int, words: list[str]) -> None:
        """A step of the innermost block."""
        parent, line = self.blocks[-1], self.line
        if parent.close is None:
            raise self.refuse(
                "indented below a step that holds no others; only lock, nofs, noio do"
            )
        match words:
            case ["call", name]:
                self.leaf(indent, Call(name, line))
            case ["alloc", name, *mask] if mask:
                self.leaf(indent, Alloc(name, self.mask(" ".join(mask)), line))
            case ["lock", name]:
                self.blocks.append(Block(indent, lambda steps: Lock(name, steps, line)))
            case ["nofs" | "noio" as kind]:
                self.blocks.append(Block(indent, lambda steps: Scope(kind, steps, line)))
            case _:
                raise self.refuse(
                    f"{' '.join(words)!r} is not a step; "
                    "write: call NAME, alloc NAME MASK, lock NAME, nofs or noio"
                )

    def leaf(self, indent: int, step: Step) -> None:
        self.blocks[-1].steps.append(step)
        self.blocks.append(Block(indent))

    def mask(self, text: str) -> Gfp:
        try:
            return Gfp.parse(text)
        except ValueError as error:
            raise self.refuse(str(error)) from None

    def check_names(self) -> None:
        """Every function that is called must be defined."""
        wanted = [(n, f"reclaim {kind}", 0) for kind, names in self.reclaim.items() for n in names]
        for caller, steps in self.functions.items():
            wanted += [(s.function, caller, s.line) for s in each(steps) if isinstance(s, Call)]
        for name, caller, line in wanted:
            if name not in self.functions:
                hint = did_you_mean(name, self.functions).strip() or "define it too"
                place = self.refuse(f"{caller} calls {name}, which is not defined; {hint}", line)
                raise place


def read_chains(text: str, source: str = "chains") -> Chains:
    """Read call chains as the top of this module shows them.

    Parameters
    ----------
    text
        The lines.
    source
        What errors name as their place, such as a file.

    Raises
    ------
    InputError
        A line that is not a step, a function that is called and not defined, an unknown GFP flag:
        with the line's number, and the nearest name that is known.
    """
    reader = Reader(source)
    for number, line in enumerate(text.expandtabs().splitlines(), 1):
        bare = line.split("#", 1)[0].rstrip()
        if bare:
            reader.line = number
            reader.take(bare)
    while reader.blocks:
        reader.close()
    reader.check_names()
    return Chains(reader.functions, reader.reclaim, source)
