"""Readahead page by page: the rules again, from their description, with dicts and no tree.

Slow, and written apart from the package: every page of a file knows the folio it lies in, and the
scans for holes work out from those pages what a tree of 64-slot nodes would hold.
"""

from dataclasses import dataclass, field
from typing import Any

from pagecache.mapping.readahead.kernels import switches_of

PMD = 9
NOWHERE = -1


@dataclass
class State:
    """An open file description."""

    ra: int
    start: int = 0
    size: int = 0
    lookahead: int = 0
    order: int = 0
    misses: int = 0
    random: bool = False
    previous: int | None = None


@dataclass
class Mapped:
    """An mmap() of the whole file, and its pages that are mapped."""

    state: State
    advice: frozenset[str]
    present: set[int] = field(default_factory=set)


class NaiveFile:
    """A file whose pages are cached by readahead alone."""

    def __init__(self, kernel: str, size: int, ra: int, io: int, **limits: int) -> None:
        self.on: dict[str, Any] = switches_of(kernel)
        self.size, self.ra, self.io = size, ra, io
        self.least, self.most = limits.get("min_order", 0), limits.get("max_order", 9)
        self.exec_order = limits.get("exec_order", 0)
        self.largest = limits.get("largest_free", 63)
        self.cached: dict[int, tuple[int, int]] = {}  # page -> first page and order of its folio
        self.marks: set[int] = set()
        self.pages = -(-size // 4096)

    @property
    def folios(self) -> list[tuple[int, int]]:
        return sorted(set(self.cached.values()))

    def open(self) -> State:
        return State(self.ra)

    # Filling.

    def put(self, first: int, order: int, mark: bool) -> bool:
        pages = range(first, first + (1 << order))
        if order > self.largest or any(page in self.cached for page in pages):
            return False
        self.cached.update(dict.fromkeys(pages, (first, order)))
        if mark:
            self.marks.add(first)
        return True

    def singles(self, start: int, count: int, marked: int) -> None:
        if start >= self.pages:
            return
        end = min(start + count, self.pages)
        mark = up(end - marked, self.least)
        if marked > end - start and self.on["min_order"] != "loose":
            mark = NOWHERE
        for page in range(down(start, self.least), end, 1 << self.least):
            if page not in self.cached:
                self.put(page, self.least, page == mark)

    def force(self, state: State, start: int, count: int) -> None:
        self.singles(start, min(count, max(self.io, state.ra)), 0)

    def fill(self, s: State, start: int, order: int) -> None:
        few = max(4, 1 << self.least)
        if self.most == 0 or (self.on["small_windows_single"] and s.size < few):
            s.order = 0
            self.singles(start, s.size, s.lookahead)
            return
        order += 2 * self.on["grow_every_fill"]
        order = max(min(order, self.most, s.size.bit_length() - 1), self.least)
        s.order = order
        mark, last = start + s.size - s.lookahead, min(self.pages, start + s.size) - 1
        page = down(start, self.least)
        while page <= last:
            k = order
            while page % (1 << k) or (k > self.least and page + (1 << k) - 1 > last):
                k -= 1
            k = 0 if k == 1 and not self.on["order_1"] else k
            rounded = up(mark, k) if self.on["mark_rounds_up"] else down(mark, k)
            if not self.put(page, k, page == rounded):
                self.rest(s, start, page)
                return
            page += 1 << k

    def rest(self, s: State, start: int, page: int) -> None:
        if self.on["refill_whole"]:
            self.singles(page, s.size, s.lookahead)
        elif page >= start or self.on["min_order"] == "loose":
            self.singles(page, start + s.size - page, s.lookahead)

    # Windows.

    def limit(self, s: State, request: int) -> int:
        return min(request, self.io) if request > s.ra and self.io > s.ra else s.ra

    def first(self, request: int, limit: int) -> int:
        n = 1
        while n < request:
            n *= 2
        return 4 * n if n <= limit // 32 else 2 * n if n <= limit // 4 else limit

    def next(self, size: int, limit: int) -> int:
        return 4 * size if size < limit // 16 else 2 * size if size <= limit // 2 else limit

    def miss(self, s: State, page: int, request: int) -> None:
        if s.random or s.ra == 0:
            self.force(s, page, request if s.ra else 1)
            return
        limit = self.limit(s, request)
        near = s.previous is not None and s.previous // 4096 in (page, page - 1)
        ahead = (s.start + s.size - s.lookahead, s.start + s.size)
        if page and self.on["one_procedure"] and page in ahead:
            s.start, s.size = s.start + s.size, self.next(s.size, limit)
            s.lookahead = s.size
        elif page == 0 or request > limit or near:
            self.initial(s, page, request, limit)
        else:
            run, past = self.look_back(page, limit)
            if run <= request:
                self.singles(page, request, 0)
                return
            s.start, s.size, s.lookahead = page, min(run * (1 + past) + request, limit), 1
        s.order = 0
        self.go(s, page, 0, limit)

    def initial(self, s: State, page: int, request: int, limit: int) -> None:
        s.start, s.size = page, self.first(request, limit)
        whole = s.size if self.on["one_procedure"] else s.size // 2
        s.lookahead = s.size - request if s.size > request else whole

    def hit(self, s: State, first: int, page: int, request: int) -> None:
        """A marked folio, looked at at `page`."""
        if s.ra == 0:
            return
        self.marks.remove(first)
        order, limit = self.cached[first][1], self.limit(s, request)
        if page == 0 and self.on["one_procedure"]:
            self.initial(s, page, request, limit)
            self.go(s, page, order, limit)
            return
        mark = s.start + s.size - s.lookahead
        expected = up(mark, order) if self.on["mark_rounds_up"] else down(mark, order)
        if page == expected or (self.on["one_procedure"] and page == s.start + s.size):
            size = self.next(s.size, limit)
            s.start += s.size
            s.size = max(size, s.size) if self.on["never_shrinks"] else size
        else:
            hole = self.look_ahead(page + 1, limit)
            if hole - page > limit:
                return
            s.start, s.size = hole, self.next(hole - page + request, limit)
        if self.on["order_kept"]:
            order = s.order = s.order + 2
        if self.on["end_aligned"]:
            step = order
            while limit % (1 << step):
                step -= 1
            end = down(s.start + s.size, step)
            s.size = end - s.start if end > s.start else s.size
        s.lookahead = s.size
        self.go(s, page, order, limit)

    def go(self, s: State, page: int, order: int, limit: int) -> None:
        if self.on["one_procedure"] and page == s.start and s.lookahead == s.size:
            more = self.next(s.size, limit)
            if s.size + more <= limit:
                s.size, s.lookahead = s.size + more, more
            else:
                s.size, s.lookahead = limit, limit // 2
        self.fill(s, s.start, order)

    # The scans: what a slot of a node of some shift would hold.

    @property
    def top(self) -> int:
        """The shift of the top node."""
        last = max(self.cached)
        shift = max(6 * (order // 6) for _, order in self.cached.values())
        while last >> shift >= 64:
            shift += 6
        return shift

    def slot(self, shift: int, number: int) -> str:
        for page in range(number << shift, (number + 1) << shift):
            if page in self.cached:
                return "folio" if self.cached[page][1] >= shift else "node"
        return "empty"

    def descend(self, shift: int, number: int, index: int) -> tuple[int, int]:
        while shift and self.slot(shift, number) == "node":
            shift -= 6
            number = number << 6 | index >> shift & 63
        return shift, number

    def look_ahead(self, page: int, count: int) -> int:
        if page not in self.cached:
            return page if count else self.none(page, count)
        if set(self.cached) == {0}:
            return 1 if count > 1 else self.none(page, count)
        first, order = self.cached[page]
        shift = 6 * (order // 6)
        number, index = first >> shift, page
        for k in range(count):
            if self.slot(shift, number) == "empty":
                return index
            index += 1
            if shift and number & 63 == index >> shift & 63:
                continue
            while number & 63 == 63 and shift < self.top:
                shift, number = shift + 6, number >> 6
            if number & 63 == 63:
                return index if k + 1 < count else self.none(page, count)
            shift, number = self.descend(shift, number + 1, index)
        return self.none(page, count)

    def none(self, page: int, count: int) -> int:
        return {"last": page + count - 1, "before": page - 1, "after": page + count}[
            self.on["no_hole"]
        ]

    def look_back(self, page: int, count: int) -> tuple[int, bool]:
        """Cached pages before `page`, and whether the scan ran past page 0."""
        index = page - 1
        if index not in self.cached:
            return 0, False
        first, order = self.cached[index]
        shift = 6 * (order // 6)
        number = first >> shift
        for k in range(count):
            if self.slot(shift, number) == "empty":
                return page - 1 - index, False
            if k + 1 == count:
                break
            if index == 0:
                return page, True
            index -= 1
            if set(self.cached) == {0}:
                continue
            if (shift or number & 63 == 0) and number & 63 == index >> shift & 63:
                continue
            while number & 63 == 0 and shift < self.top:
                shift, number = shift + 6, number >> 6
            if number & 63 == 0:
                return page - 1 - index, False
            shift, number = self.descend(shift, number - 1, index)
        return count - 1, False

    # read() and advice.

    def read(self, s: State, position: int, length: int) -> None:
        if length == 0 or position >= self.size:
            return
        end, behind = min(position + length, self.size), -(-(position + length) // 4096)
        behind = up(behind, self.least) if self.on["request_rounded"] else behind
        at = position
        while at < end:
            page = at // 4096
            batch = self.batch(page, behind)
            if not batch:
                self.miss(s, page, behind - page)
                batch = self.batch(page, behind)
            if not batch:
                if not self.put(down(page, self.least), self.least, False):
                    return
                batch = [self.cached[page]]
            first, order = batch[-1]
            if first in self.marks:
                self.hit(s, first, first, behind - first)
            at = min((first + (1 << order)) * 4096, end)
            s.previous = at if self.on["position_moves"] else s.previous
        s.previous = end

    def batch(self, page: int, behind: int) -> list[tuple[int, int]]:
        taken: list[tuple[int, int]] = []
        behind += self.on["read_past_end"]
        while page < behind and page in self.cached and len(taken) < self.on["folio_batch"]:
            taken.append(self.cached[page])
            if taken[-1][0] in self.marks:
                break
            page = taken[-1][0] + (1 << taken[-1][1])
        return taken

    def willneed(self, s: State, position: int, length: int) -> None:
        first, behind = position // 4096, self.pages
        if length:
            behind = min(behind, -(-(position + length) // 4096))
        self.force(s, first, max(behind - first, 0))

    def advise(self, s: State, advice: str) -> None:
        s.random = advice == "random"
        s.ra = {"seq": 2 * self.ra, "normal": self.ra, "random": s.ra}[advice]

    # Faults.

    def touch(self, m: Mapped, page: int) -> None:
        s = m.state
        if page >= self.pages or page in m.present or self.around(m, page):
            return
        if page in self.cached:
            if "rand" not in m.advice and s.ra:
                s.misses = max(s.misses - 1, 0)
                first = self.cached[page][0]
                if first in self.marks:
                    self.hit(s, first, page, s.ra)
        else:
            self.fault(m, page)
            if page not in self.cached:
                self.put(down(page, self.least), self.least, False)
        if not self.around(m, page) and page in self.cached:
            first, order = self.cached[page]
            pages = set(range(first, first + (1 << order)))
            whole = self.whole(first, order) and max(pages) < self.pages and not pages & m.present
            m.present |= pages if whole else {page}

    def whole(self, first: int, order: int) -> bool:
        return (
            self.on["whole_folios_mapped"] and order <= PMD and first + (1 << order) <= self.pages
        )

    def around(self, m: Mapped, page: int) -> bool:
        block = [p for p in range(down(page, 4), down(page, 4) + 16) if p < self.pages]
        looked: set[int] = set()
        for p in block:
            if p not in self.cached or self.cached[p][0] in self.marks:
                continue
            first, order = self.cached[p]
            if self.whole(first, order) and first + (1 << order) < self.pages:
                looked |= set(range(first, first + (1 << order)))
            else:
                looked.add(p)
        m.present |= looked
        m.state.misses = max(m.state.misses - len(looked), 0)
        return page in m.present

    def fault(self, m: Mapped, page: int) -> None:
        s, early = m.state, self.on["misses_counted_first"]
        sequential, random = "seq" in m.advice, "rand" in m.advice
        if early and not sequential and self.useless(s):
            return
        if "huge" in m.advice:
            s.size, s.lookahead = (1 << PMD) * (1 if random else 2), 1 << PMD
            self.fill(s, down(page, PMD), PMD)
        elif s.ra == 0 or (random and not (self.on["exec_rule"] and "exec" in m.advice)):
            return
        elif sequential:
            self.miss(s, page, s.ra)
        elif not early and self.useless(s):
            return
        elif self.on["exec_rule"] and "exec" in m.advice:
            s.start = down(page, self.exec_order)
            s.size = min(s.start + up(s.ra, self.exec_order), self.pages) - s.start
            s.lookahead = 0
            self.fill(s, s.start, self.exec_order)
        else:
            s.start, s.size, s.lookahead = max(0, page - s.ra // 2), s.ra, s.ra // 4
            self.fill(s, s.start, 0)

    def useless(self, s: State) -> bool:
        s.misses = min(s.misses + 1, 1000)
        return s.misses > 100


def down(page: int, order: int) -> int:
    return page - page % (1 << order)


def up(page: int, order: int) -> int:
    return down(page + (1 << order) - 1, order)
