"""A rule set: a kernel's switches, or those of a patch that somebody proposes."""

import re

from pagecache.errors import InputError
from pagecache.mapping.readahead.kernels import (
    CHOICES,
    NEWEST,
    check_switches,
    switches_of,
)


cdef class ReadaheadRules:
    """Readahead's rules as one kernel has them, with changes of your own.

    Parameters
    ----------
    kernel : str
        A release from 5.18 to 7.1.
    **switches
        What is to differ from that release: the names and values of `ReadaheadRules(kernel).switches`.

    Notes
    -----
    Derive from it to override `first_window`, `next_window`, `grow_order`, `align_end` or
    `round_mark`: each is called with ints and answers an int.  All numbers are pages.

    Examples
    --------
    >>> import pagecache as pc
    >>> before = pc.ReadaheadRules("6.8", mark_rounds_up=True)  # as 6.7 rounded it
    >>> pc.readahead(rules=before, accesses="read 0 4096 x768 4096", size="3M").by_order
    {0: 36, 2: 19, 3: 2, 4: 4, 5: 18}
    """

    def __init__(self, kernel=NEWEST, **switches):
        self.kernel = str(kernel)
        row = switches_of(self.kernel)
        check_switches(switches)
        self.switches = {**row, **switches}
        self.failed = None
        self.overridden = overridden_by(type(self))
        set_switches(&self.on, self.switches)

    def first_window(self, request, limit):
        """Pages of the window after a miss that wants `request`; a small one is expected to go on."""
        return usual_first_window(request, limit)

    def next_window(self, size, limit):
        """Pages of the window after one of `size`: it grows up to the `limit`."""
        return usual_next_window(size, limit)

    def grow_order(self, order):
        """The order of folios after `order`, before the mapping's maximum and the window cap it."""
        return order + 2

    def align_end(self, start, end, order, limit):
        """Where a window from `start` to `end` is to end, that a mark has started."""
        return usual_align_end(self, start, end, order, limit)

    def round_mark(self, page, order):
        """The first page of the folio of `order` that carries the mark meant for `page`."""
        return usual_round_mark(self, page, order)

    @property
    def name(self):
        """The release, with what differs from it: ``6.8+end_aligned``; a derived class has its own.

        Examples
        --------
        >>> ReadaheadRules("6.8", end_aligned=True, order_1=True, no_hole="after").name
        '6.8+order_1+no_hole=after+end_aligned'
        """
        usual = switches_of(self.kernel)
        own = [switch_text(k, v) for k, v in self.switches.items() if usual[k] != v]
        kind = "" if type(self) is ReadaheadRules else f"{type(self).__name__} on "
        return f"{kind}{self.kernel}{''.join(own)}"

    def __repr__(self):
        return f"<ReadaheadRules {self.name}>"

    cdef uint64_t ask(self, str name, tuple arguments, uint64_t otherwise) noexcept:
        """What an overridden function answers; the first exception is kept, and ends the asking."""
        if self.failed is not None:
            return otherwise
        try:
            answer = getattr(self, name)(*arguments)
            if not 0 <= answer < 1 << 52:
                raise InputError(f"{name}{arguments}: {answer} is no number of pages")
            return answer
        except BaseException as error:  # Ctrl-C too: the loop that runs has no way to stop here
            self.failed = error
            return otherwise


def switch_text(name, value):
    """A switch as `rules_of` reads it."""
    if isinstance(value, bool):
        return f"+{name}" if value else f"-{name}"
    return f"+{name}={value}"


def rules_of(text):
    """A release, and switches that are moved: ``6.8+end_aligned-order_1+folio_batch=15``.

    Raises InputError for a release or a switch that does not exist.

    Examples
    --------
    >>> rules_of("6.8+end_aligned").switches["end_aligned"]
    True
    """
    kernel, *moves = re.split(r"(?=[+-])", text.strip())
    switches = {}
    for move in moves:
        name, has_value, value = move[1:].partition("=")
        if has_value:
            switches[name] = int(value) if value.isdecimal() else value
        else:
            switches[name] = move[0] == "+"
    return ReadaheadRules(kernel, **switches)


cdef unsigned int overridden_by(type kind) except? 0:
    """Which of the five functions a class overrides."""
    names = ("first_window", "next_window", "grow_order", "align_end", "round_mark")
    return sum(
        1 << k for k, name in enumerate(names) if getattr(kind, name) is not getattr(ReadaheadRules, name))


cdef int set_switches(switches_t* on, dict row) except -1:
    on.read_past_end = row["read_past_end"]
    on.position_moves = row["position_moves"]
    on.mark_rounds_up = row["mark_rounds_up"]
    on.order_1 = row["order_1"]
    on.one_procedure = row["one_procedure"]
    on.refill_whole = row["refill_whole"]
    on.failed_insertion_ends = row["failed_insertion_ends"]
    on.grow_every_fill = row["grow_every_fill"]
    on.order_kept = row["order_kept"]
    on.end_aligned = row["end_aligned"]
    on.small_windows_single = row["small_windows_single"]
    on.never_shrinks = row["never_shrinks"]
    on.workingset_misses_stay = row["workingset_misses_stay"]
    on.exec_rule = row["exec_rule"]
    on.whole_folios_mapped = row["whole_folios_mapped"]
    on.request_rounded = row["request_rounded"]
    on.misses_counted_first = row["misses_counted_first"]
    on.scans_lag = row["scans_lag"]
    on.folio_batch = row["folio_batch"]
    on.no_hole = CHOICES["no_hole"].index(row["no_hole"])
    on.min_order = CHOICES["min_order"].index(row["min_order"])
    return 0


# What the five functions answer unless they are overridden -------------------------------------


cdef uint64_t usual_first_window(uint64_t request, uint64_t limit) noexcept nogil:
    cdef uint64_t size = request
    if request & (request - 1):
        size = <uint64_t>2 << log2_of(request)
    if size <= limit // 32:
        return size * 4
    if size <= limit // 4:
        return size * 2
    return limit


cdef uint64_t usual_next_window(uint64_t size, uint64_t limit) noexcept nogil:
    if size < limit // 16:
        return size * 4
    if size <= limit // 2:
        return size * 2
    return limit


cdef uint64_t usual_align_end(
        ReadaheadRules rules, uint64_t start, uint64_t end, unsigned int order,
        uint64_t limit) noexcept nogil:
    """From 6.17 on the end of a folio, unless that leaves nothing of the window."""
    cdef uint64_t aligned
    if not rules.on.end_aligned:
        return end
    aligned = round_down(end, min(order, alignment_of(limit)))
    return aligned if aligned > start else end


cdef uint64_t usual_round_mark(ReadaheadRules rules, uint64_t page, unsigned int order) noexcept nogil:
    return round_up(page, order) if rules.on.mark_rounds_up else round_down(page, order)


# The same, for the compiled rules --------------------------------------------------------------


cdef uint64_t first_window(ReadaheadRules rules, uint64_t request, uint64_t limit) noexcept nogil:
    cdef uint64_t usual = usual_first_window(request, limit)
    if rules.overridden & OWN_FIRST_WINDOW:
        with gil:
            return rules.ask("first_window", (request, limit), usual)
    return usual


cdef uint64_t next_window(ReadaheadRules rules, uint64_t size, uint64_t limit) noexcept nogil:
    cdef uint64_t usual = usual_next_window(size, limit)
    if rules.overridden & OWN_NEXT_WINDOW:
        with gil:
            return rules.ask("next_window", (size, limit), usual)
    return usual


cdef unsigned int grow_order(ReadaheadRules rules, unsigned int order) noexcept nogil:
    if rules.overridden & OWN_GROW_ORDER:
        with gil:
            return min(rules.ask("grow_order", (order,), order + 2), <uint64_t>63)
    return order + 2


cdef uint64_t align_end(
        ReadaheadRules rules, uint64_t start, uint64_t end, unsigned int order,
        uint64_t limit) noexcept nogil:
    cdef uint64_t usual = usual_align_end(rules, start, end, order, limit), asked
    if rules.overridden & OWN_ALIGN_END:
        with gil:
            asked = rules.ask("align_end", (start, end, order, limit), usual)
        return asked if asked > start else end
    return usual


cdef uint64_t round_mark(ReadaheadRules rules, uint64_t page, unsigned int order) noexcept nogil:
    cdef uint64_t usual = usual_round_mark(rules, page, order)
    if rules.overridden & OWN_ROUND_MARK:
        with gil:
            return rules.ask("round_mark", (page, order), usual)
    return usual
