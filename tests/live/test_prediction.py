"""Indexes built of entries, against the numbers that every build must reproduce."""

import numpy as np
import pytest

from pagecache import designs
from pagecache.inputs import Folios
from pagecache.live import prediction
from pagecache.live.entries import Entries
from pagecache.live.loops import populate
from pagecache.live.prediction import alike, folios_of, predict


def nodes_of(folios: Folios, *names: str) -> dict[str, list[int]]:
    return {one.design: one.nodes.tolist() for one in predict(folios, names)}


def test_every_design_is_predicted() -> None:
    found = nodes_of(Folios.filled("a", pages=1 << 14, order=9))
    known = [name for name in designs.names() if not designs.find(name).needs_struct_pages]
    assert list(found) == known
    assert found["hugetlb-huge"] == [1]
    assert found["thp-multi"] == found["hugetlb-4k-multi"] == [5]
    assert found["base-4k"] == found["thp-slots-head"] == [261]


def test_huge_pages_of_1_gib_are_taken_from_the_folios() -> None:
    found = nodes_of(Folios.filled("a", pages=1 << 19, order=18), "hugetlb-4k-multi")
    assert found == {"hugetlb-4k-multi": [1]}


def test_files_are_apart_and_shadows_keep_nodes() -> None:
    folios = Entries(np.uint32([0, 1]), np.uint64([0, 64]), np.uint8([0, 0]))
    shadows = Entries(np.uint32([0]), np.uint64([4096]), np.uint8([0]))
    found = nodes_of(folios_of(["a", "b", "c"], folios, shadows), "thp-multi", "base-4k")
    assert found == {"thp-multi": [5, 2, 0], "base-4k": [5, 2, 0]}


def test_folios_are_inserted_in_file_order() -> None:
    mixed = Entries(np.uint32([1, 0, 0]), np.uint64([0, 512, 3]), np.uint8([0, 9, 0]))
    folios = folios_of(["a", "b"], mixed, Entries(np.uint32([0]), np.uint64([4]), np.uint8([0])))
    assert folios.file.tolist() == [0, 0, 0, 1]
    assert folios.index.tolist() == [3, 4, 512, 0]
    assert folios.order.tolist() == [0, 0, 9, 0]


def test_populate_refuses_arrays_that_do_not_go_together() -> None:
    zero = np.zeros(1, np.uint64)
    index = designs.make("thp-multi")
    with pytest.raises(IndexError, match="folio 0 is of file 1, and there are 1"):
        populate([index], np.uint32([1]), zero, np.uint8([0]), zero)
    with pytest.raises(ValueError, match="one length"):
        populate([index], np.uint32([0, 0]), zero, np.uint8([0]), zero)
    with pytest.raises(TypeError):
        populate([object()], np.uint32([0]), zero, np.uint8([0]), zero)
    assert index.nodes == 0
    twice = np.zeros(2, np.uint64)
    with pytest.raises(KeyError, match="index 0"):
        populate([index], np.zeros(2, np.uint32), twice, np.zeros(2, np.uint8), twice)


def test_files_that_hold_the_same_are_built_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Orders count, and so does where a file begins: nothing else is the same."""
    file = np.uint32([0, 0, 1, 1, 2, 3, 5, 5])
    index = np.uint64([0, 512, 0, 512, 0, 0, 0, 512])
    order = np.uint8([9, 0, 9, 0, 9, 0, 9, 9])
    held = folios_of([*"abcdef"], Entries(file, index, order))
    built, make = [], populate

    def counted(indexes, *columns):
        built.append(len(indexes))
        make(indexes, *columns)

    monkeypatch.setattr(prediction, "populate", counted)
    kinds, number = alike(held)
    assert (kinds.files, number.tolist()) == (("a", "c", "d", "e", "f"), [0, 0, 1, 2, 3, 4])
    found = nodes_of(held, "thp-multi", "base-4k")
    assert built == [5, 5]
    apart = [
        nodes_of(folios_of(["x"], Entries(0 * file[rows], index[rows], order[rows])), *found)
        for rows in (file == k for k in range(6))
    ]
    assert found == {name: [one[name][0] for one in apart] for name in found}


def test_designs_that_make_the_same_tree_are_built_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of single pages it does not matter whether a folio or a page has an entry."""
    built, make = [], populate

    def counted(indexes, *columns):
        built.append(type(indexes[0]).__name__)
        make(indexes, *columns)

    monkeypatch.setattr(prediction, "populate", counted)
    names = ("base-4k", "thp-slots-subpage", "thp-slots-head", "thp-multi")
    assert nodes_of(Folios.filled("a", 300, 0), *names) == {name: [6] for name in names}
    assert built == ["MultiEntry"]
    built.clear()
    mixed = Entries(np.zeros(2, np.uint32), np.uint64([0, 512]), np.uint8([9, 0]))
    found = nodes_of(folios_of(["a"], mixed), *names)
    assert sorted(built) == ["MultiEntry", "OneEntry", "Slots"]
    assert found == {name: [2 if name == "thp-multi" else 10] for name in names}
