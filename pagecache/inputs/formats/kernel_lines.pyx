"""Lines of the kernel's trace, in any tool's print, as arrays: about 5 million a second.

    git-7377   [001] d..1.  6260.758276: mm_filemap_add_to_page_cache: dev 254:0 ino 3f854 ofs=4096 order=0
        pid ^   cpu  flags  time         event                         fields

ftrace, `trace-cmd report` and `perf script` differ in what stands before the event: a task's name
may hold blanks, hyphens and brackets, so that the processor's number between its brackets, with a
time after it, is looked for first, and the task's number before it.
"""

from libc.stdint cimport int8_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memchr, memcmp, strlen

cdef enum:
    ADD, DEL, GET, FAULT, MAP  # as in pagecache.inputs.event
    OTHER = 100  # a line of the trace that says nothing of the page cache
    BAD
    LOST
    MAX_ORDER = 63
    PAGE_SHIFT = 12
    PAGE_BITS = 4095
    MICROSECONDS = 6  # digits after the point

cdef struct span_t:  # what is left of a line
    const char* at
    const char* end

cdef struct event_t:
    uint8_t event
    int8_t order
    uint32_t pid
    uint64_t t_us
    uint64_t device  # major << 32 | minor
    uint64_t inode
    uint64_t first  # bytes
    uint64_t last  # bytes, or first
    bint placed  # ofs was there


cdef inline bint is_digit(char c) noexcept nogil:
    return c"0" <= c <= c"9"


cdef inline bint take(span_t* s, char c) noexcept nogil:
    if s.at < s.end and s.at[0] == c:
        s.at += 1
        return True
    return False


cdef inline void skip_blanks(span_t* s) noexcept nogil:
    while s.at < s.end and s.at[0] == c" ":
        s.at += 1


cdef inline bint take_word(span_t* s, const char* word) noexcept nogil:
    cdef size_t length = strlen(word)
    if <size_t>(s.end - s.at) < length or memcmp(s.at, word, length):
        return False
    s.at += length
    return True


cdef inline bint take_number(span_t* s, uint64_t* value) noexcept nogil:
    """Decimal digits, below 2**64."""
    cdef const char* start = s.at
    cdef uint64_t found = 0, digit
    while s.at < s.end and is_digit(s.at[0]):
        digit = <uint64_t>(s.at[0] - c"0")
        if found > (~<uint64_t>0 - digit) // 10:
            return False
        found = found * 10 + digit
        s.at += 1
    value[0] = found
    return s.at > start


cdef inline int hex_digit(char c) noexcept nogil:
    if is_digit(c):
        return c - c"0"
    c |= 32
    return c - c"a" + 10 if c"a" <= c <= c"f" else -1


cdef bint take_hex(span_t* s, uint64_t* value) noexcept nogil:
    """Hexadecimal digits, 16 at most, perhaps after 0x."""
    cdef const char* start
    cdef uint64_t found = 0
    take_word(s, b"0x")
    start = s.at
    while s.at < s.end and hex_digit(s.at[0]) >= 0:
        found = found << 4 | <uint64_t>hex_digit(s.at[0])
        s.at += 1
    value[0] = found
    return 0 < s.at - start <= 16


# What stands before the event -----------------------------------------------------------------


cdef bint take_time(span_t* s, uint64_t* t_us) noexcept nogil:
    """Seconds, a point, and digits of which six count."""
    cdef uint64_t seconds, part = 0
    cdef int digits = 0
    if not take_number(s, &seconds) or not take(s, c"."):
        return False
    while s.at < s.end and is_digit(s.at[0]):
        if digits < MICROSECONDS:
            part = part * 10 + <uint64_t>(s.at[0] - c"0")
        digits += 1
        s.at += 1
    t_us[0] = seconds * 1000000 + part
    return digits >= MICROSECONDS and take(s, c":")


cdef bint take_processor(span_t* s, uint64_t* t_us) noexcept nogil:
    """``001] flags time:``, the flags left out by some."""
    cdef uint64_t processor
    cdef span_t flags
    if not take_number(s, &processor) or not take(s, c"]") or not take(s, c" "):
        return False
    skip_blanks(s)
    flags = s[0]
    if take_time(s, t_us):
        return True
    s[0] = flags
    while s.at < s.end and s.at[0] != c" ":
        s.at += 1
    if s.at == flags.at or s.at - flags.at > 8:
        return False
    skip_blanks(s)
    return take_time(s, t_us)


cdef bint pid_before(const char* start, const char* bracket, uint32_t* pid) noexcept nogil:
    """The last number before the bracket, with blanks or a thread group, ``(  123)``, between."""
    cdef const char* at = bracket
    cdef uint64_t value
    cdef span_t digits
    while at > start and (at - 1)[0] == c" ":
        at -= 1
    if at > start and (at - 1)[0] == c")":
        while at > start and (at - 1)[0] != c"(":
            at -= 1
        at -= at > start
        while at > start and (at - 1)[0] == c" ":
            at -= 1
    digits.end = at
    while at > start and is_digit((at - 1)[0]):
        at -= 1
    digits.at = at
    if not take_number(&digits, &value):
        return False
    pid[0] = <uint32_t>value
    return True


cdef bint take_prefix(span_t* s, event_t* e) noexcept nogil:
    """All up to the time; `s` is left behind it."""
    cdef span_t tried
    cdef const char* start = s.at
    cdef const char* at = start
    while True:
        at = <const char*>memchr(at, c"[", s.end - at)
        if at is NULL:
            return False
        tried.at, tried.end = at + 1, s.end
        if take_processor(&tried, &e.t_us) and pid_before(start, at, &e.pid):
            s.at = tried.at
            return True
        at += 1


# The event ------------------------------------------------------------------------------------


cdef int take_event(span_t* s) noexcept nogil:
    """Which event it is; perf names its subsystem before it."""
    skip_blanks(s)
    take_word(s, b"filemap:")
    if take_word(s, b"mm_filemap_add_to_page_cache: "):
        return ADD
    if take_word(s, b"mm_filemap_delete_from_page_cache: "):
        return DEL
    if take_word(s, b"mm_filemap_get_pages: "):
        return GET
    if take_word(s, b"mm_filemap_fault: "):
        return FAULT
    if take_word(s, b"mm_filemap_map_pages: "):
        return MAP
    return OTHER


cdef bint take_device(span_t* s, event_t* e) noexcept nogil:
    cdef uint64_t major, minor
    if not take_number(s, &major) or not take(s, c":") or not take_number(s, &minor):
        return False
    e.device = major << 32 | minor
    return major >> 32 == 0 and minor >> 32 == 0


cdef bint take_field(span_t* s, event_t* e) noexcept nogil:
    """One of ``dev 8:1``, ``ino 3f``, ``ofs=0-4095``, ``order=9``; others are passed over."""
    cdef uint64_t value
    if take_word(s, b"dev ") or take_word(s, b"dev="):
        return take_device(s, e)
    if take_word(s, b"ino ") or take_word(s, b"ino="):
        return take_hex(s, &e.inode)
    if take_word(s, b"ofs="):
        e.placed = take_number(s, &e.first)
        e.last = e.first
        return e.placed and (not take(s, c"-") or take_number(s, &e.last))
    if take_word(s, b"order="):
        if not take_number(s, &value) or value > MAX_ORDER:
            return False
        e.order = <int8_t>value
        return True
    return take_unknown(s)


cdef bint take_unknown(span_t* s) noexcept nogil:
    """``page=...``, ``pfn=...`` and what later kernels may say, a name and a value."""
    cdef const char* start = s.at
    cdef const char* equals = NULL
    while s.at < s.end and s.at[0] != c" ":
        if s.at[0] == c"=":
            equals = s.at
        s.at += 1
    return equals is not NULL and equals > start and equals + 1 < s.at


cdef bint take_fields(span_t* s, event_t* e) noexcept nogil:
    """The text of the event: all of it must be understood, and say where it is."""
    e.device, e.inode, e.order, e.placed = ~<uint64_t>0, 0, 0, False
    while s.at < s.end:
        if not take_field(s, e):
            return False
        if s.at < s.end and s.at[0] != c" ":
            return False
        skip_blanks(s)
    return e.placed and e.device != ~<uint64_t>0 and e.last >= e.first


cdef bint is_folio(const event_t* e) noexcept nogil:
    """Is it an aligned folio, of bytes below 2**64?"""
    if e.order > 51 or e.first & PAGE_BITS:
        return False
    return (e.first >> PAGE_SHIFT) & ((<uint64_t>1 << e.order) - 1) == 0


cdef int read_line(span_t s, event_t* e) noexcept nogil:
    """The event of a line, OTHER, LOST or BAD."""
    cdef int event
    if s.at < s.end and (s.end - 1)[0] == c"\r":
        s.end -= 1
    if s.at == s.end or s.at[0] == c"#" or s.at[0] == c"\t":
        return OTHER  # a comment, a call chain, or what parts it from the next event
    if take_word(&s, b"cpus=") or take_word(&s, b"version = "):
        return OTHER
    if take_word(&s, b"CPU:") or take_word(&s, b"CPU "):
        return LOST
    if not take_prefix(&s, e):
        return BAD
    event = take_event(&s)
    if event == OTHER:
        return OTHER
    if not take_fields(&s, e) or (event <= DEL and not is_folio(e)):
        return BAD
    e.event = event
    return event


cdef uint64_t lost_in(span_t s) noexcept nogil:
    """The events that ``CPU:2 [LOST 12 EVENTS]`` or ``[12 EVENTS DROPPED]`` tells of."""
    cdef uint64_t count = 0
    while s.at < s.end and s.at[0] != c"[":
        s.at += 1
    while s.at < s.end and not is_digit(s.at[0]):
        s.at += 1
    take_number(&s, &count)
    return count


def parse_lines(bytes block not None, dict numbers not None, tuple columns not None, Py_ssize_t line):
    """Write the events of whole lines into columns.

    Parameters
    ----------
    block : bytes
        Lines, each ended by a line feed.
    numbers : dict
        Files' numbers by (device, inode); new ones are added.
    columns : tuple of arrays
        t_us, pid, event, file, index, count, order and line, each with room for all lines.
    line : int
        The number of the first.

    Returns
    -------
    tuple
        Events written; lines; events lost; bad lines as (number, text).
    """
    cdef uint64_t[::1] t_us = columns[0], index = columns[4], count = columns[5]
    cdef uint32_t[::1] pid = columns[1], file = columns[3], number = columns[7]
    cdef uint8_t[::1] events = columns[2]
    cdef int8_t[::1] order = columns[6]
    cdef const char* at = block
    cdef const char* end = at + len(block)
    cdef span_t s
    cdef event_t e
    cdef uint64_t device = 0, inode = 0, lost = 0
    cdef uint32_t current = 0
    cdef Py_ssize_t rows = 0, first = line
    cdef bint known = False
    cdef int what
    bad = []
    while at < end:
        s.at, s.end = at, <const char*>memchr(at, c"\n", end - at)
        what = read_line(s, &e)
        if what == BAD:
            bad.append((line, s.at[:s.end - s.at]))
        elif what == LOST:
            lost += lost_in(s)
        elif what <= MAP:
            if not known or e.device != device or e.inode != inode:
                device, inode, known = e.device, e.inode, True
                current = numbers.setdefault((device, inode), len(numbers))
            t_us[rows], pid[rows], events[rows], file[rows] = e.t_us, e.pid, e.event, current
            index[rows], number[rows] = e.first >> PAGE_SHIFT, <uint32_t>line
            order[rows] = e.order if what <= DEL else -1
            count[rows] = (<uint64_t>1 << e.order if what <= DEL
                           else (e.last >> PAGE_SHIFT) - (e.first >> PAGE_SHIFT) + 1)
            rows += 1
        line += 1
        at = s.end + 1
    return rows, line - first, lost, bad
