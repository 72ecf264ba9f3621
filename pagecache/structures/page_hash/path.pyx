"""A lookup in a page hash that writes down what it reads."""

from libc.stdint cimport uintptr_t

from pagecache.structures.page_hash.table cimport bucket_of, ctz, hashed_t

from pagecache.picture.nodes import Node, Slot, Step
from pagecache.picture.walk import Walk


cdef object walk_through(
        const hash_table* table, const void* mapping, uint64_t index, order_of_t order_of,
        object naming):
    """The `Walk` to what covers `index`, a chain for each order in the table.  O(orders x chain).

    `naming` gives the words for an entry's address.
    """
    cdef list steps = []
    cdef uint64_t orders = table.orders
    cdef unsigned int order
    while orders:
        order = ctz(orders)
        orders &= orders - 1
        if read_chain(table, mapping, index, order, order_of, naming, steps):
            break
    if not steps:
        steps.append(Step(None, Slot(0, index, index, "nothing", "nothing"), ""))
    return Walk(index, tuple(steps), "table", None)


cdef bint read_chain(
        const hash_table* table, const void* mapping, uint64_t index, unsigned int order,
        order_of_t order_of, object naming, list steps) except -1:
    """Read the chain of the folio of that order around `index`, up to its entry or its end."""
    cdef uint64_t key = index >> order << order, bucket = bucket_of(table, mapping, key)
    cdef const hashed_t* entry = table.buckets[bucket]
    slots = []
    while entry is not NULL:
        slots.append(slot_of(len(slots), entry, mapping, index, key, order_of, naming))
        entry = entry.next
    slots.append(Slot(len(slots), key, key, "nothing", "nothing"))
    name = f"chain of order {order}, bucket {bucket:#x}"
    last = key + ((<uint64_t>1 << order) - 1)
    chain = Node(name, key, last, len(slots), tuple(slots[:len(slots) - 1]))
    how = f"hash of this file and {key}"
    for slot in slots:
        steps.append(Step(chain, slot, how if slot.number == 0 else "next"))
        if slot.kind == "entry":
            return True
    return False


cdef object slot_of(
        unsigned int number, const hashed_t* entry, const void* mapping, uint64_t index,
        uint64_t key, order_of_t order_of, object naming):
    """An entry of a chain, for who looks for the folio at `key` that covers `index`."""
    cdef unsigned int order = order_of(entry)
    cdef uint64_t last = entry.index + ((<uint64_t>1 << order) - 1)
    if entry.mapping != mapping:
        return Slot(number, entry.index, last, f"index {entry.index} of another file", "other")
    if entry.index != key or index > last:
        return Slot(number, entry.index, last, f"index {entry.index}", "other")
    return Slot(number, entry.index, last, naming(<uint64_t><uintptr_t>entry), "entry")
