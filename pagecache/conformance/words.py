"""Entries as records of structures write them: ``-`` for none, ``v5`` a value, ``p7`` a pointer."""

from pagecache.conformance.records import ENTRY_UNIT
from pagecache.pointer import Pointer

EEXIST = -17  # what an insertion answers where something is


def entry_of(text: str) -> int | Pointer | None:
    """The entry that a record writes as ``-``, ``v5`` or ``p7``."""
    if text == "-":
        return None
    return int(text[1:]) if text[0] == "v" else Pointer(int(text[1:]) * ENTRY_UNIT)


def text_of(entry: object) -> str:
    """An entry as a record writes it."""
    if entry is None:
        return "-"
    return f"p{entry.address // ENTRY_UNIT}" if isinstance(entry, Pointer) else f"v{entry}"
