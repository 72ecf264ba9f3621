"""What a mapping's calls are given is checked, named and never cut in silence."""

from collections.abc import Callable

import numpy as np
import pytest

import pagecache as pc

ACTS: list[tuple[str, Callable[[pc.Mapping], object]]] = [
    ("pages: -1 is not from 0", lambda m: m.reclaim(-1)),
    ("first: -1 is not from 0", lambda m: m.contents(-1, 1)),
    ("pages: -1 is not from 0", lambda m: m.contents(0, -1)),
    ("frame: -1 is not from 0", lambda m: m.unpin(-1)),
    ("identity: -1 is not from 0", lambda m: m.write(0, 1, identity=-1)),
    ("identity: .* is not from 0", lambda m: m.fault(0, write=True, identity=1 << 64)),
    ("page -1 is not from 0", lambda m: m.pin(-1)),
    ("no folio of order 10 at page 0; orders are 0 to 9", lambda m: m.run(["add"], [0], [10])),
    ("no folio of order 52 at page 0; orders are 0 to 51", lambda m: m.run(["del"], [0], [52])),
    ("mark 3 is not from 0 to 2", lambda m: m.run(["scan"], [0], [3])),
    ("holds no operations; give names", lambda m: m.run(np.array([1.0]), [0], [1])),
    ("holds no operations; give names", lambda m: m.run(np.array([-1]), [0], [1])),
    ("holds no operations; give names", lambda m: m.run(np.array([256]), [0], [1])),
    ("operation 0 is number 99", lambda m: m.run(np.array([99]), [0], [1])),
    ("operation 'raed' ", lambda m: m.run(np.array(["raed"]), [0], [1])),
]


@pytest.mark.parametrize(("text", "act"), ACTS)
def test_value_error_names_the_range(text: str, act: Callable[[pc.Mapping], object]) -> None:
    mapping = pc.Mapping(file="64K", content=True)
    with pytest.raises(ValueError, match=text) as caught:
        act(mapping)
    assert "\n" not in str(caught.value)
    assert (mapping.pages, mapping.size) == (0, 65536)


@pytest.mark.parametrize(
    "op",
    [
        ["read", "punch"],
        ("read", "punch"),
        np.array(["read", "punch"]),
        np.array(["read", "punch"], object),
        np.array([0, 8], np.uint8),
        np.array([0, 8]),
    ],
    ids=lambda op: type(op).__name__ + getattr(getattr(op, "dtype", None), "kind", ""),
)
def test_run_takes_names_and_arrays_of_names(op: object) -> None:
    mapping = pc.Mapping(file="64K", readahead_kb=0)
    out = np.zeros(2, np.uint64)
    mapping.run(op, [0, 0], [16, 4], out)  # type: ignore[arg-type]
    assert (out[1], mapping.pages) == (4, 12)
