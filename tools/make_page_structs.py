"""Write pagecache/page/page_structs.pxd, the C structs of every layout, from the tables.

Run it after a change to pagecache/page/layouts.py; a test holds the file against it.
"""

from collections.abc import Iterator
from pathlib import Path

from pagecache.page.layouts import LAYOUTS, Field, Layout

TARGET = Path(__file__).parents[1] / "pagecache" / "page" / "page_structs.pxd"
HEAD = '''"""The C structs of the layouts: written by tools/make_page_structs.py, not by hand.

Each is a union of 64 bytes; a member stands at its field's offset.  A `_traced` struct is the
same in C; the accessors of struct_pages.pxd are compiled for it once more, with a count of the
lines that they touch.
"""

from libc.stdint cimport int32_t, uint8_t, uint32_t, uint64_t


cdef extern from *:
    """
    #include <stddef.h>
    #include <stdint.h>
'''


def named(layout: Layout) -> dict[str, Field]:
    """The fields that accessors read, by their names in C."""
    return {f.name: f for f in layout.fields if f.type}


def c_name(layout: Layout) -> str:
    return layout.name.replace("-", "_")


def c_struct(layout: Layout) -> Iterator[str]:
    """The union, and assertions that it is what the table says."""
    struct = f"pc_{c_name(layout)}_t"
    yield "typedef union {"
    yield "    char record[64];"
    for name, f in named(layout).items():
        before = f"char before_{name}[{f.offset}]; " if f.offset else ""
        yield f"    struct {{ {before}{f.type} {name}; }};"
    yield f"}} {struct};"
    yield f'_Static_assert(sizeof({struct}) == 64, "a record is 64 bytes");'
    for name, f in named(layout).items():
        yield f'_Static_assert(offsetof({struct}, {name}) == {f.offset}, "{name}");'


def cython_struct(layout: Layout, suffix: str) -> Iterator[str]:
    yield f'ctypedef struct {c_name(layout)}{suffix}_t "pc_{c_name(layout)}_t":'
    for name, f in named(layout).items():
        yield f"    {f.type} {name}"


def text() -> str:
    """The whole file."""
    c = [line for layout in LAYOUTS.values() for line in c_struct(layout)]
    suffixes = ("", "_traced")
    structs = [cython_struct(layout, s) for s in suffixes for layout in LAYOUTS.values()]
    fused = [f"{c_name(layout)}{s}_t" for s in suffixes for layout in LAYOUTS.values()]
    traced = [name for name in fused if name.endswith("_traced_t")]
    lines = [*indented(c), '    """', *(line for one in structs for line in indented(one))]
    types = ["", "", "ctypedef fused record_t:", *indented(fused)]
    types += ["", "ctypedef fused traced_t:", *indented(traced)]
    return HEAD + "\n".join(lines + types) + "\n"


def indented(lines: Iterator[str] | list[str]) -> Iterator[str]:
    return (f"    {line}" for line in lines)


if __name__ == "__main__":
    TARGET.write_text(text())
