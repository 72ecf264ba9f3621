"""What 64 bytes of struct page hold: fields by user, and what follows from them.

    word       0        1        2        3        4        5        6                 7
    byte       0        8        16       24       32       40       48       52       56     64
    4.18       | flags  | the union of five words                    | mapcount | refcount | memcg |
    page cache          | lru             | mapping| index  | private|
    slub                | list            | cache  | free   | counters

*Words.*  A *user* is what a page serves at one time: the page cache, a slab, a page table.  A
*shared* field is there for every page whoever uses it, so that no user may put its own there.  A
*record* is one struct page; a block of several pages has a *head*, a *first tail* and a *second
tail*, whose records are told apart here because their fields are.  The *tail test* is bit 0 of
the word that holds a tail's head address: set in tails alone.

Nothing about free bytes is written down: it is worked out from the fields.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import combinations, groupby

from pagecache.errors import InputError

RECORD = 64  # bytes of a struct page
WORD = 8
PAIR = 16  # what one compare-and-swap of two words needs, and its alignment

SHARED = "every page"
TAILS = ("first tail", "second tail")


@dataclass(frozen=True)
class Field:
    """One field of one user.

    Attributes
    ----------
    user, name : str
    offset, size : int
        In bytes from the start of the record.
    meaning : str
    type : str
        Its C type: what the compiled accessors read it as; arrays of bytes where none does.
    bit0_clear : bool
        Its first bit is never set (a pointer, a list), so it may lie where the tail test looks.
    holds : tuple of str
        Shared fields that lie inside it on purpose.
    pair : str
        The field that one compare-and-swap updates together with this one.
    """

    user: str
    name: str
    offset: int
    size: int
    meaning: str
    type: str = ""
    bit0_clear: bool = False
    holds: tuple[str, ...] = ()
    pair: str = ""

    @property
    def end(self) -> int:
        return self.offset + self.size

    @property
    def bytes(self) -> frozenset[int]:
        return frozenset(range(self.offset, self.end))

    def __str__(self) -> str:
        return f"{self.user}: {self.name} ({self.offset}..{self.end - 1})"


@dataclass(frozen=True)
class Kind:
    """A kind of subsystem, as far as it decides which bytes are its own.

    Attributes
    ----------
    name, summary : str
    record : {"head", "first tail", "second tail"}
        Which record of a block is asked about.
    mapped : bool
        Its pages may be mapped into processes: then the mapcount is counted in.
    charged : bool
        Its pages may be charged to a memory cgroup: then the memcg word is taken.
    """

    name: str
    summary: str
    record: str = "head"
    mapped: bool = False
    charged: bool = True


KINDS = {
    kind.name: kind
    for kind in (
        Kind("allocating", "takes pages for itself; they may be charged to a memory cgroup"),
        Kind("mapped", "the same, with pages that processes may map", mapped=True),
        Kind("driver", "takes pages that nobody charges to a memory cgroup", charged=False),
        Kind("first tail", "the second record of a block of pages", record="first tail"),
        Kind("second tail", "the third record of a block of pages", record="second tail"),
    )
}

KIND_OF = {  # of the users in the tables
    "page cache": "mapped",
    "slab": "allocating",
    "slub": "allocating",
    "page table": "allocating",
    "ZONE_DEVICE": "mapped",
    "RCU": "allocating",
    "page pool": "mapped",
}


@dataclass(frozen=True)
class Usable:
    """Which bytes of a record a kind of subsystem may use.

    Attributes
    ----------
    bytes : frozenset of int
    refused : dict
        A reason for each shared or structural field that keeps some bytes.
    clear_bits : tuple of (byte, bit)
        Bits of usable bytes that must stay 0.
    """

    bytes: frozenset[int]
    refused: dict[str, str] = field(compare=False)
    clear_bits: tuple[tuple[int, int], ...] = ()

    @property
    def ranges(self) -> tuple[tuple[int, int], ...]:
        """The usable bytes as (first, one past the last)."""
        return runs(self.bytes)

    @property
    def words(self) -> tuple[int, int]:
        """(offset, words) of the longest run of whole free words."""
        whole = {w for w in range(0, RECORD, WORD) if self.bytes.issuperset(range(w, w + WORD))}
        return longest(whole)

    @property
    def pairs(self) -> tuple[int, ...]:
        """Offsets where two words can be updated by one compare-and-swap of 16 bytes."""
        starts = range(0, RECORD, PAIR)
        return tuple(p for p in starts if self.bytes.issuperset(range(p, p + PAIR)))


@dataclass(frozen=True)
class Layout:
    """One arrangement of struct page.

    Attributes
    ----------
    name : str
    kernels : str
        Where it was.
    fields : tuple of Field
    """

    name: str
    kernels: str
    fields: tuple[Field, ...]

    def of(self, user: str) -> tuple[Field, ...]:
        """The fields of one user, by offset.  InputError for a user that it does not have."""
        found = tuple(sorted((f for f in self.fields if f.user == user), key=lambda f: f.offset))
        if not found:
            raise InputError(f"layout {self.name} has no user '{user}'; it has {self.users_text}")
        return found

    def field(self, user: str, name: str) -> Field:
        """One field."""
        for found in self.of(user):
            if found.name == name:
                return found
        raise InputError(f"layout {self.name}: {user} has no field '{name}'")

    @property
    def users(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(f.user for f in self.fields))

    @property
    def users_text(self) -> str:
        return ", ".join(self.users)

    @property
    def tail_test(self) -> Field:
        """The field whose bit 0 says that a page is a tail."""
        return self.field("first tail", "compound_head")

    def usable(self, kind: str) -> Usable:
        """Which bytes may a subsystem of that kind use, and why not the others?

        `kind` is one of `KINDS`, or a user of the tables for the kind that it is of.
        The rules: flags never, whoever uses the page; the reference count neither, as others may
        change it at any time; the map count only while no process can map the page; the memcg
        word only by drivers, whose pages nobody charges; and bit 0 of the tail test stays clear.
        In a tail, the fields of the block itself are kept too.

        Examples
        --------
        >>> from pagecache.page import layouts
        >>> layouts.find("after-2018").usable("allocating").words
        (8, 5)
        """
        asked = find_kind(kind)
        if kind in KIND_OF:
            self.of(kind)  # a user that this layout lacks uses nothing of it
        refused = {f.name: (f, why) for f, why in self._refused(asked)}
        free = frozenset(range(RECORD)).difference(*(f.bytes for f, _ in refused.values()))
        test = self.tail_test.offset
        reasons = {name: why for name, (_, why) in refused.items()}
        return Usable(free, reasons, ((test, 0),) if test in free else ())

    def _refused(self, kind: Kind) -> Iterator[tuple[Field, str]]:
        yield self.field(SHARED, "flags"), "every page has them, whoever uses it"
        yield self.field(SHARED, "refcount"), "others may change it at any time"
        if kind.charged:
            yield self.field(SHARED, "memcg"), "names the cgroup that the page is charged to"
        if kind.mapped:
            yield self.field("page cache", "mapcount"), "counts the mappings of the page"
        if kind.record in TAILS:
            yield from ((kept, kept.meaning) for kept in self.of(kind.record))

    def spare(self, user: str) -> frozenset[int]:
        """The bytes that a user might use as well, but its fields do not."""
        own = frozenset[int]().union(*(f.bytes for f in self.of(user)))
        return self.usable(user).bytes - own

    def conflicts(self, one: str, other: str) -> tuple[tuple[Field, Field, int, int], ...]:
        """Where two users' fields lie on each other: (field, field, first byte, end).

        A page cannot be both at a time if there is any.  Records of different places in a block
        (a head and its first tail) are different memory: no conflict.
        """
        if place(one) != place(other):
            return ()
        pairs = ((a, b) for a in self.of(one) for b in self.of(other) if a.bytes & b.bytes)
        return tuple((a, b, max(a.offset, b.offset), min(a.end, b.end)) for a, b in pairs)

    def check(self) -> None:
        """AssertionError, with a sentence for each, if the layout breaks a rule of its own.

        A user's fields and the shared ones do not overlap, unless declared; each fits into the
        record and lies at a multiple of its size; what lies on the tail test keeps bit 0 clear;
        a pair for one compare-and-swap is two neighbouring words at a multiple of 16 bytes.
        """
        broken = [*self._misplaced(), *self._overlapping(), *self._unpaired()]
        assert not broken, f"layout {self.name}: " + "; ".join(broken)

    def _misplaced(self) -> Iterator[str]:
        test = self.tail_test.offset
        for f in self.fields:
            if f.offset < 0 or f.size < 1 or f.end > RECORD:
                yield f"{f} does not fit into {RECORD} bytes"
            elif f.offset % min(f.size, WORD):
                yield f"{f} is not at a multiple of {min(f.size, WORD)}"
            if test in f.bytes and f.user not in TAILS and not f.bit0_clear:
                yield f"{f} may set the bit that the tail test reads at byte {test}"

    def _overlapping(self) -> Iterator[str]:
        for user in self.users:
            together = {*self.of(user), *self.of(SHARED)}
            for a, b in combinations(sorted(together, key=lambda f: (f.offset, f.name)), 2):
                declared = a.name in b.holds or b.name in a.holds
                if a.bytes & b.bytes and not declared:
                    yield f"{a} lies on {b}"

    def _unpaired(self) -> Iterator[str]:
        for f in self.fields:
            if f.pair:
                second = self.field(f.user, f.pair)
                if f.offset % PAIR or second.offset != f.end or f.size != WORD:
                    yield f"{f} and {second.name} are no aligned pair of words"


def place(user: str) -> str:
    """Which record of a block a user's fields stand in."""
    return user if user in TAILS else "head"


def find_kind(name: str) -> Kind:
    """The kind of that name, or that a user is of; InputError names all."""
    kind = KIND_OF.get(name, name)
    if kind not in KINDS:
        known = ", ".join([*KINDS, *KIND_OF])
        raise InputError(f"unknown kind of subsystem '{name}'; known: {known}")
    return KINDS[kind]


def runs(numbers: Iterable[int]) -> tuple[tuple[int, int], ...]:
    """Consecutive numbers as (first, one past the last)."""
    ordered = enumerate(sorted(numbers))
    groups = (list(group) for _, group in groupby(ordered, lambda pair: pair[1] - pair[0]))
    return tuple((group[0][1], group[-1][1] + 1) for group in groups)


def longest(words: Iterable[int]) -> tuple[int, int]:
    """(offset, words) of the longest run among offsets of words; (0, 0) without any."""
    found = runs(word // WORD for word in words)
    first, end = max(found, key=lambda run: run[1] - run[0], default=(0, 0))
    return first * WORD, end - first
