"""What every sound tree shows in its text, beyond what `XArray.check` holds."""

import re

NODE = re.compile(r" N \w+ \d+ c\d+ v\d+ m[^ ]+(?P<slots>.*)")


def nodes_of(dump: str) -> list[dict[int, str]]:
    """The filled slots of each node, by offset."""
    found = [NODE.fullmatch(part) for part in dump.split(";")[1:-1]]
    slots = [match["slots"].split() for match in found if match]
    return [{int(at): entry for at, entry in (s.split("=") for s in node)} for node in slots]


def assert_siblings_follow_their_entry(dump: str) -> None:
    """A sibling names a slot with an entry, and only siblings of that lie between."""
    for slots in nodes_of(dump):
        for offset, entry in slots.items():
            if not entry.startswith("s"):
                continue
            canonical = int(entry[1:])
            between = {slots.get(k) for k in range(canonical + 1, offset)}
            assert between <= {entry}, f"a hole or an entry before slot {offset}\n{dump}"
            assert slots.get(canonical, "-")[0] in "vpz", f"slot {offset} names no entry\n{dump}"


def counts_of(dump: str) -> list[tuple[int, int, int]]:
    """Shift, filled slots and slots with values of each node."""
    found = re.findall(r" N \w+ (\d+) c(\d+) v(\d+) ", dump)
    return [(int(shift), int(slots), int(values)) for shift, slots, values in found]
