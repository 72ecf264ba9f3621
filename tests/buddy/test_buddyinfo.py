"""The reader of /proc/buddyinfo."""

import pytest

from pagecache.buddy.buddyinfo import parse_buddyinfo
from pagecache.errors import InputError

REAL = """\
Node 0, zone      DMA      0      0      0      0      0      0      0      0      1      1      3
Node 0, zone    DMA32      1      1      4      2      5      4      3      3      4      2    752
Node 0, zone   Normal   5834   2836    767    371    153     83     47     41     71     61    247
"""


def test_every_line_is_a_zone() -> None:
    zones = parse_buddyinfo("buddyinfo", REAL.splitlines(keepends=True))
    assert [(zone.node, zone.name) for zone in zones] == [(0, "DMA"), (0, "DMA32"), (0, "Normal")]
    assert zones[2].counts == (5834, 2836, 767, 371, 153, 83, 47, 41, 71, 61, 247)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("MemTotal: 24684084 kB", r"b:2: 'MemTotal: 24684084 kB' is not 'Node N, zone NAME"),
        ("Node 0, zone Normal 1 2 3", r"b:2: 3 counts where line 1 has 11; copy"),
        ("Node 0, zone Normal", r"b:2: 0 counts, where a kernel has 2 to 21 orders; copy"),
        ("Node 0, zone Normal" + " 1" * 22, r"b:2: 22 counts, where a kernel has 2 to 21 orders"),
        ("Node 0, zone Normal 1 x" + " 1" * 9, r"b:2: count 'x' of order 1 is not a number"),
        ("Node 0, zone Normal -1" + " 1" * 10, r"b:2: count '-1' of order 0"),
        ("Node 0, zone Normal ٣" + " 1" * 10, r"b:2: count '٣' of order 0"),
        ("Node 0, zone Normal " + "9" * 5000 + " 1" * 10, r"b:2: count '9{20}' of order 0"),
        ("\x00\xff", "b:2: "),
    ],
)
def test_line_that_is_none_is_named(line: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        parse_buddyinfo("b", [REAL.splitlines()[0], line])


@pytest.mark.parametrize("text", ["", "\n\n"])
def test_empty_file_has_no_zone(text: str) -> None:
    with pytest.raises(InputError, match="b:1: no zone in it; copy /proc/buddyinfo again"):
        parse_buddyinfo("b", text.splitlines())


@pytest.mark.parametrize("orders", [2, 9, 10, 12, 14, 21])
def test_any_number_of_orders_is_read(orders: int) -> None:
    text = "Node 0, zone Normal " + " ".join(map(str, range(orders)))
    assert parse_buddyinfo("b", [text, text])[1].counts == tuple(range(orders))
