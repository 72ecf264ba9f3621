"""What a shared object says of its design, read in a process of its own: python c_header.py PATH.

It needs nothing of the package, so that the process starts at once; `c_library` runs it.
"""

import ctypes
import json
import sys

VERSION = 2  # of pagecache_design.h
WALKS = 2  # the version since which there is `walk`
CONCURRENT, STRUCT_PAGES = 1, 2

REQUIRED = (
    *("create", "destroy", "set_limit", "load", "insert", "remove", "next_folio"),
    *("nodes", "index_bytes", "is_empty"),
)
OPTIONAL = ("get", "read", "fault_around", "huge_fault", "truncate", "check", "mark", "scan")


class Header(ctypes.Structure):
    """`struct pagecache_design`, its functions as plain addresses."""

    _fields_ = (
        ("version", ctypes.c_uint32),
        ("flags", ctypes.c_uint32),
        ("orders", ctypes.c_uint64),
        ("folio_bytes", ctypes.c_uint32),
        ("reserved", ctypes.c_uint32),
        ("summary", ctypes.c_char_p),
        *((verb, ctypes.c_void_p) for verb in (*REQUIRED, *OPTIONAL)),
        ("walk", ctypes.c_void_p),  # of version 1, this is whatever lies behind it
    )


def described(path: str) -> dict[str, object]:
    """What is to be known before it is measured; ``wrong`` says why it cannot be.

    Examples
    --------
    >>> described("/nowhere.so")["wrong"][:37]
    'it cannot be loaded: /nowhere.so: can'
    """
    try:
        header = Header.in_dll(ctypes.CDLL(path), "pagecache_design")
    except OSError as error:
        return {"wrong": f"it cannot be loaded: {error}"}
    except ValueError:
        return {"wrong": "it has no variable pagecache_design; define it as the header shows"}
    if not 1 <= header.version <= VERSION:
        return {
            "wrong": f"it is of version {header.version} of pagecache_design.h, and this pagecache "
            f"takes versions 1 to {VERSION}: build it again with the header that came with it"
        }
    missing = [verb for verb in REQUIRED if not getattr(header, verb)]
    if missing:
        return {"wrong": f"it lacks {', '.join(missing)}, which every design must have"}
    orders = [order for order in range(64) if header.orders >> order & 1]
    if not orders:
        return {"wrong": "it takes folios of no order; set a bit of .orders"}
    provides = [verb for verb in ("mark", "scan") if getattr(header, verb)]
    return {
        "orders": orders,
        "provides": provides + ["concurrent"] * bool(header.flags & CONCURRENT),
        "tells_walk": header.version >= WALKS and bool(header.walk),
        "needs_struct_pages": bool(header.flags & STRUCT_PAGES),
        "folio_bytes": header.folio_bytes or 128,
        "summary": (header.summary or b"A design written in C.").decode(errors="replace"),
    }


if __name__ == "__main__":
    print(json.dumps(described(sys.argv[1])))
