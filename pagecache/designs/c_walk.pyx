"""What a design in C tells of a walk, made a `Walk`."""

from pagecache.errors import WrongAnswer
from pagecache.picture.nodes import Node, Slot
from pagecache.printable import printable

cdef dict KINDS = {
    PAGECACHE_NOTHING: ("nothing", "nothing"),
    PAGECACHE_NODE: ("node", "node"),
    PAGECACHE_ENTRY: ("entry", "frame {}"),
    PAGECACHE_SIBLING: ("sibling", "sibling of {}"),
    PAGECACHE_OTHER: ("other", "index {}"),
}


cdef void tell_to(teller_t* teller, object telling) noexcept:
    """Make a teller whose functions write to a `Telling`."""
    teller.calls.node, teller.calls.has, teller.calls.read = comes_to, has, reads
    teller.telling = <void*>telling


cdef void comes_to(c_walk_t* walk, const char* name, uint64_t first, uint64_t last,
                   uint64_t slots) noexcept with gil:
    telling = <object>(<teller_t*>walk).telling
    try:
        telling.come_to(Node(text_of(name), first, last, max(slots, 1), ()))
    except Exception as error:
        telling.failed = telling.failed or error


cdef void has(c_walk_t* walk, const c_slot_t* slot) noexcept with gil:
    telling = <object>(<teller_t*>walk).telling
    try:
        telling.has(slot_of(slot))
    except Exception as error:
        telling.failed = telling.failed or error


cdef void reads(c_walk_t* walk, const c_slot_t* slot, const char* how) noexcept with gil:
    telling = <object>(<teller_t*>walk).telling
    try:
        telling.read(None if slot is NULL else slot_of(slot), text_of(how))
    except Exception as error:
        telling.failed = telling.failed or error


cdef object slot_of(const c_slot_t* slot):
    """A slot in words."""
    if slot.kind not in KINDS:
        raise WrongAnswer(f"slot {slot.number} is of kind {slot.kind}, which the header has not")
    kind, holds = KINDS[slot.kind]
    return Slot(slot.number, slot.first, slot.last, holds.format(slot.value), kind)


cdef object text_of(const char* text):
    """A text of the shared object on one line."""
    return "" if text is NULL else printable(text.decode("utf-8", "replace"), "utf-8")
