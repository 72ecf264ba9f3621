"""`pagecache.explain`: the walk of one lookup, in a file that is made for it."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from pagecache import apart
from pagecache.designs import find
from pagecache.designs.contract import PageIndex
from pagecache.designs.design import Design
from pagecache.errors import InputError, WorkerDied
from pagecache.inputs.sizes import PAGE_SIZE, parse_size
from pagecache.mapping.file import MAX_SIZE, File
from pagecache.mapping.mapping import HOLES, Mapping
from pagecache.measure.plan import HUGE_PAGES
from pagecache.page.frames import Frames
from pagecache.picture.nodes import visits
from pagecache.picture.walk import Walk

HOLE_ORDER = 9  # of the hole that an index is put into: 2 MiB
MOST_PAGES = 1 << 20  # of a file that is cached whole
MEANWHILE = ("truncate",)
WIDTH = 100
REFERENCE = (
    "Now the lookup takes a reference on the folio, unless its count is zero, and reads the slot "
    "again: had that changed, the walk would begin again."
)
IN_PAGE = (
    "Now the lookup takes a reference on the page, unless its count is zero, and reads the page's "
    "own index again: had that changed, the walk would begin again."
)
UNDER_LOCK = (
    "The lookup takes a reference on the folio while it holds the lock of the table, so that the "
    "folio cannot go, and drops the lock."
)
REFERENCES = {"pctrie-4k": IN_PAGE, "page-hash": UNDER_LOCK, "page-hash-folio": UNDER_LOCK}


@dataclass(frozen=True, repr=False)
class Explanation:
    """The walk of one lookup, with what was cached and what the lookup does next.

    Attributes
    ----------
    design : str
    index : int
        In pages of 4 KiB; ``walk.index`` is in the unit that the design counts in.
    cached, then : str
        What the file holds, and what follows the walk: a sentence or two each.
    walk : Walk
    """

    design: str
    index: int
    cached: str
    walk: Walk
    then: str

    def to_dict(self) -> dict[str, Any]:
        """What JSON holds."""
        fields = {"design": self.design, "index": self.index, "cached": self.cached}
        return {
            "format": 1,
            "kind": "walk",
            **fields,
            "walk": self.walk.to_dict(),
            "then": self.then,
        }

    @property
    def title(self) -> str:
        """The index, and that of the huge page where the design counts in those."""
        if self.walk.index == self.index:
            return self.walk.title
        return f"Index {self.index:#x} = {self.index} is in huge page {self.walk.index}"

    def __repr__(self) -> str:
        walk = "\n".join(f"    {line}".rstrip() for line in repr(self.walk).splitlines())
        cached, then = (
            textwrap.fill(text, WIDTH, break_on_hyphens=False)
            for text in (f"{self.design}: {self.cached}", self.then)
        )
        return f"{cached}\n\n{self.title}:\n\n{walk}\n\n{then}"

    def _repr_svg_(self) -> str:
        return self.walk.to_svg(f"{self.design}: {self.title}")


def explain(
    index: int,
    design: str = "thp-multi",
    *,
    order: int | None = None,
    size: str | int | None = None,
    huge_page: str = "2M",
    holes: str | None = None,
    meanwhile: str | None = None,
) -> Explanation:
    """The walk of one lookup, node by node and slot by slot, as the design's own code reads them.

    Parameters
    ----------
    index : int
        The page that is looked up.
    design : str
        One of `pagecache.designs.names()`, or the path of a design in C.
    order : int, optional
        Of the folios; the largest that the design takes, up to a huge page, if not given.
    size : str or int, optional
        Cache all of a file of this size, up to 4 GiB; only the folio of `index` if not given.
    huge_page : {"2M", "1G"}
    holes : {"zero-pages", "zero-entries", "no-entry"}, optional
        Put `index` into a hole of 2 MiB and read it once under this policy.
    meanwhile : {"truncate"}, optional
        What a writer does while the reader stands in the last node: truncate the file behind the
        folio.  The tree shrinks, and where the node is freed the walk begins again.

    Raises
    ------
    InputError
        For anything that does not go together, and for a design in C that crashes.
    WrongAnswer
        The walk that a design in C tells does not end at what its `load` answers.

    Examples
    --------
    >>> import pagecache as pc
    >>> found = pc.explain(700, "thp-multi", order=9)
    >>> [(step.slot.number, step.slot.holds) for step in found.walk.steps]
    [(10, 'sibling of 8'), (8, 'frame 0')]
    """
    chosen = find(design)
    if not 0 <= index < 1 << 64:
        raise InputError(f"INDEX: {index} is out of range; give 0 to 2**64 - 1")
    if huge_page not in HUGE_PAGES:
        raise InputError(f"--huge-page: {huge_page!r} is unknown; give 2M or 1G")
    if meanwhile not in {None, *MEANWHILE}:
        raise InputError(f"--meanwhile: {meanwhile!r} is unknown; give {', '.join(MEANWHILE)}")
    if chosen.layout.walk is PageIndex.walk:
        raise InputError(f"--design: {design} tells nothing of its walk; {remedy(chosen)}")
    if holes is not None and (order, size, meanwhile) != (None, None, None):
        raise InputError("--holes: it goes with none of --order, --size and --meanwhile")
    asked: dict[str, Any] = {"order": order, "size": size, "holes": holes, "meanwhile": meanwhile}
    how = explain_apart if chosen.foreign else explain_here
    return how(index, design, huge_page=huge_page, **asked)


def explain_here(
    index: int,
    name: str,
    *,
    order: int | None,
    size: str | int | None,
    huge_page: str,
    holes: str | None,
    meanwhile: str | None,
) -> Explanation:
    """The same in this process, of what goes together."""
    design, huge_order = find(name), HUGE_PAGES[huge_page]
    if holes is not None:
        return explain_hole(index, design, holes)
    made = FileMade(design, index, order_of(design, order, huge_order), size)
    return made.explain(huge_order, truncated=meanwhile is not None)


def explain_apart(index: int, name: str, **asked: Any) -> Explanation:
    """The same in a process of its own, which the C of a shared object may end."""
    try:
        found: Explanation = apart.call(explain_here, index, name, **asked)
    except WorkerDied as died:
        raise InputError(f"design {name}: the walk of index {index}: {died}") from None
    return found


def remedy(design: Design) -> str:
    """What to do about a design that does not tell its walk."""
    if design.foreign:
        return "give it a walk as pagecache_design.h has it since version 2"
    return "give another design"


def order_of(design: Design, order: int | None, huge_order: int) -> int:
    """The order of the folios: as asked for, or the largest up to a huge page."""
    known = design.orders_for(huge_order)
    if order is None:
        return max(each for each in known if each <= huge_order)
    if order not in known:
        orders = ", ".join(map(str, known))
        raise InputError(f"--order: {design.name} takes folios of order {orders}, not {order}")
    return order


@dataclass(frozen=True)
class FileMade:
    """A file that is cached for the sake of one lookup."""

    design: Design
    index: int
    order: int
    size: str | int | None

    def explain(self, huge_order: int, *, truncated: bool) -> Explanation:
        firsts = self.firsts(huge_order, truncated=truncated)
        made = fill(self.design, firsts, self.order, huge_order)
        between: Callable[[], None] | None = None
        if truncated:
            between = lambda: truncate(made, self.index)  # noqa: E731
        walk = made.walk(self.index, between)
        cached = describe(firsts, self.order)
        if truncated:
            cached += " While the reader stands in the last node, a writer truncates the file."
        return Explanation(self.design.name, self.index, cached, walk, ending(made, self, walk))

    def firsts(self, huge_order: int, *, truncated: bool) -> list[int]:
        """Where folios begin."""
        if self.size is not None:
            pages = -(-parse_size(self.size, "--size") // PAGE_SIZE)
            if pages > MOST_PAGES:
                raise InputError("--size: pictures are made of files of up to 4G; give less")
            return list(range(0, pages, 1 << self.order))
        if not truncated:
            return [self.first]
        far = self.beyond(huge_order if self.design.huge_unit else 0)
        if far >= 1 << 64:
            raise InputError("--meanwhile: no page lies behind a higher level; give a lower INDEX")
        return [self.first, far]

    @property
    def first(self) -> int:
        """Where the folio that covers the index begins."""
        return self.index >> self.order << self.order

    def beyond(self, unit: int) -> int:
        """The first page for which a tree of digits must be a level taller."""
        last, bits = (self.first + (1 << self.order) - 1) >> unit, self.design.chunk_shift
        levels = max(-(-last.bit_length() // bits), 1)
        return 1 << (bits * levels + unit)


def fill(design: Design, firsts: list[int], order: int, huge_order: int) -> PageIndex:
    """An index of this design with folios of one order."""
    frames = Frames(max(len(firsts) << order, 1))
    heads = np.arange(len(firsts), dtype=np.uint64) << np.uint64(order)
    frames.make_folios(heads, np.full(len(firsts), order, np.uint8), tails=True)
    made = design.make(frames, huge_order=huge_order)
    for number, first in enumerate(firsts):
        made.insert_folio(first, order, number << order)
    return made


def truncate(made: PageIndex, index: int) -> None:
    """Remove every folio behind the one of `index`, from the end."""
    for first, _ in reversed(made.folios()):
        if first > index:
            made.remove_folio(first)


def describe(firsts: list[int], order: int) -> str:
    """What is cached."""
    if len(firsts) == 1:
        return f"one folio of order {order} is cached, at index {firsts[0]}."
    if len(firsts) == 2:
        return f"folios of order {order} are cached, at index {firsts[0]} and {firsts[1]}."
    return f"the first {len(firsts) << order:,} pages are cached, in folios of order {order}."


def ending(made: PageIndex, asked: FileMade, walk: Walk) -> str:
    """What follows the walk."""
    if walk.found is None:
        return f"{reads(walk)} Nothing is cached there: the page must be read."
    reference = REFERENCES.get(asked.design.name, REFERENCE)
    named, frame = made.named(asked.index), made.frame(asked.index)
    names = f"The entry names frame {named}"
    if asked.order:
        whose = "the head" if named != frame or asked.index == asked.first else "a page"
        names += f", {whose} of the folio of order {asked.order} at {asked.first}"
    return f"{reads(walk)} {names}; page {asked.index} is frame {frame}. {reference}"


def explain_hole(index: int, design: Design, holes: str) -> Explanation:
    """The walk to a page of a hole that was read once."""
    if holes not in HOLES:
        raise InputError(f"--holes: {holes!r} is unknown; give {', '.join(HOLES)}")
    pages = 1 << HOLE_ORDER
    first = index >> HOLE_ORDER << HOLE_ORDER
    if first + pages > MAX_SIZE // PAGE_SIZE:
        raise InputError(f"--holes: no file reaches to page {index}; give a lower INDEX")
    file = File((first + pages) * PAGE_SIZE, holes=[(first * PAGE_SIZE, pages * PAGE_SIZE)])
    mapping = Mapping(index=design.name, holes=holes, file=file)
    mapping.read(index * PAGE_SIZE, PAGE_SIZE)
    walk = mapping.index.walk(index)
    cached = f"pages {first} to {first + pages - 1} are a hole; page {index} was read, {holes}."
    if walk.found is None:
        then = "Nothing is cached there: each read finds the hole again and copies zeroes."
    elif walk.found.kind == "value":
        then = "A zero entry: the read copies zeroes, and no page is there for it."
    else:
        then = "A page of zeroes is cached there, as if the file held them."
    return Explanation(design.name, index, cached, walk, f"{reads(walk)} {then}")


def reads(walk: Walk) -> str:
    """How much the walk read."""
    slots = sum(step.slot is not None and step.node is not None for step in walk.steps)
    nodes = sum(node is not None for node, _ in visits(walk.steps))
    kind = "chain" if walk.root == "table" else "node"
    text = f"{counted(nodes, kind)}, {counted(slots, 'slot')} read."
    return text if not walk.restarts else f"{text} The walk began again once."


def counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
