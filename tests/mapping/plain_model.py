"""What the state machine of mappings is run on, and the plain lists that it is held against."""

from dataclasses import dataclass

import pagecache as pc
from pagecache import allocation
from pagecache.buddy.buddy import Buddy

PAGE = 4096
PAGES = 1200  # the file at first: two 2 MiB folios and a bit
WORD = 2**64 - 1


@dataclass(frozen=True)
class Kind:
    """What a mapping of one run is put together from."""

    design: str
    holes: str | None
    like: str = "ext4"
    block: str | None = None
    prefer_order: int | None = None
    policy: str = "fallback"
    frames: int = 8192
    limit: int | None = None
    uniform: bool = False
    entries: str = "pointers"
    mixed: bool = False  # clones may have the other kind of entries

    def __str__(self) -> str:
        parts = (self.design, self.holes, self.like, self.block, self.policy, self.entries)
        more = (
            "" if self.prefer_order is None else f"o{self.prefer_order}",
            "uniform" * self.uniform,
            "mixed" * self.mixed,
        )
        return " ".join(filter(None, (*parts, *more)))

    def make(self, buddy: Buddy) -> pc.Mapping:
        pages = PAGES if self.like != "hugetlbfs" else 1536
        holes = [(256 * PAGE, 300 * PAGE), (700 * PAGE, 33 * PAGE)]
        file = pc.File(
            pages * PAGE,
            None if self.like in ("tmpfs", "hugetlbfs") else holes,
            like=self.like,
            block=self.block,
            prefer_order=self.prefer_order,
        )
        options = {"pool": 4} if self.policy == "huge-pool" else {}
        if self.policy == "min-order":
            options = {"min_order": file.block_order}
        return pc.Mapping(
            self.design,
            allocation.make(self.policy, buddy, **options),
            self.holes,
            file,
            zero_order=12,
            non_uniform_split=not self.uniform,
            limit=self.limit,
            entries=self.entries,
            content=True,
        )


KINDS = (
    Kind("thp-multi", "zero-pages"),
    Kind("thp-multi", "zero-entries"),
    Kind("thp-multi", "no-entry", uniform=True),
    Kind("thp-multi", "zero-entries", prefer_order=9),
    Kind("thp-multi", "zero-entries", block="64K"),
    Kind("thp-multi", "zero-pages", block="64K", policy="min-order"),
    Kind("thp-multi", "zero-entries", block="64K", policy="pages"),
    Kind("thp-multi", "zero-pages", policy="compound", frames=1024),
    Kind("thp-multi", "zero-entries", frames=1024, limit=300 * PAGE),
    Kind("base-4k", "zero-entries", frames=1024),
    Kind("thp-slots-head", "zero-entries", prefer_order=9),
    Kind("thp-slots-subpage", "zero-pages", prefer_order=9, limit=900 * PAGE),
    Kind("thp-multi", None, like="tmpfs", prefer_order=9),
    Kind("hugetlb-4k-multi", None, like="hugetlbfs", policy="huge-pool"),
    Kind("hugetlb-huge", "zero-entries", like="hugetlbfs", policy="huge-pool"),
    Kind("thp-multi", "zero-pages", like="xfs", entries="pfns"),
    Kind("thp-multi", "zero-entries", like="btrfs", entries="pfns", prefer_order=9, frames=16384),
    Kind("thp-multi", "no-entry", like="xfs", entries="pfns", mixed=True),
    Kind("thp-multi", "zero-pages", like="xfs"),
    Kind(
        "thp-multi",
        "zero-pages",
        like="xfs",
        entries="pfns",
        block="64K",
        frames=2000,
        limit=600 * PAGE,
    ),
)


def part_zeroed(identity: int, start: int, end: int) -> int:
    """What a page holds of which some bytes were zeroed: the same number as the mapping's."""
    if identity == 0 or (start, end) == (0, PAGE):
        return 0
    return (identity * 1000003 + (start << 13 | end)) & WORD | 1


@dataclass
class Held:
    """A mapping, what its file is to hold, and the kind of the extent behind each page."""

    mapping: pc.Mapping
    model: list[int]
    size: int
    kinds: list[str]

    @property
    def block(self) -> int:
        """Pages of a block."""
        return 1 << self.mapping.file.block_order

    def allocate(self, first: int, last: int, *, shared_too: bool = True) -> None:
        """The blocks of pages become data, unless they are shared and stay so."""
        first, after = first // self.block * self.block, -(-(last + 1) // self.block) * self.block
        self.kinds += ["hole"] * (after - len(self.kinds))
        for k in range(first, after):
            if self.kinds[k] == "hole" or shared_too:
                self.kinds[k] = "data"

    def own(self, page: int) -> None:
        """The block around a page that is zeroed in part is the file's own."""
        if self.kind_of(page) == "shared":
            self.allocate(page, page)

    def kind_of(self, page: int) -> str:
        return self.kinds[page] if page < len(self.kinds) else "hole"
