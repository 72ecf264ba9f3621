"""Open file descriptions of a mapping, its rules, and what goes with what."""

from typing import Any

import pytest

import pagecache as pc


def read_on(file: Any, count: int, start: int = 0) -> None:
    for k in range(count):
        file.read((start + k) << 12, 4096)


def test_each_description_has_a_state_of_its_own() -> None:
    mapping = pc.Mapping(file="16M")
    one, other = mapping.open(), mapping.open()
    read_on(one, 8)
    assert one.state[:3] != (0, 0, 0)
    assert other.state == (0, 0, 0, 0)
    before = one.state
    read_on(other, 8, start=2048)
    assert one.state == before


def test_a_mapping_reads_through_a_description_of_its_own() -> None:
    mapping, described = pc.Mapping(file="4M"), pc.Mapping(file="4M")
    read_on(mapping, 256)
    read_on(described.open(), 256)
    assert mapping.folios() == described.folios()
    assert mapping.marked() == described.marked()


def test_advice_is_the_descriptions() -> None:
    mapping = pc.Mapping(file="16M")
    random, usual = mapping.open(), mapping.open()
    random.advise("random")
    read_on(random, 64)
    assert mapping.folios_by_order == {0: 64}
    read_on(usual, 64, start=2048)
    assert max(mapping.folios_by_order) > 2


def test_willneed_reads_a_range_or_to_the_end() -> None:
    mapping = pc.Mapping(file="8M")
    file = mapping.open()
    file.willneed(4096, 8192)
    assert mapping.folios() == [(1, 0), (2, 0)]
    file.willneed("4M")
    assert mapping.pages == 2 + 320
    file.willneed("16M", 4096)
    assert mapping.pages == 322


def test_a_mappings_advice_decides_its_faults() -> None:
    for advice, orders in ((("rand",), {0: 1}), (("huge",), {9: 2}), ((), {0: 32})):
        mapping = pc.Mapping(file="16M")
        mapping.open().fault(100, advice=advice)
        assert mapping.folios_by_order == orders


def test_faults_without_use_are_counted_by_the_description() -> None:
    mapping = pc.Mapping(file=pc.File("400M"), kernel="6.19", memory="1G")
    file = mapping.open()
    for k in range(150):
        file.fault(k << 9, advice=("huge", "rand"))
    assert mapping.folios_by_order == {0: 50, 9: 100}
    assert file.state[3] == 100  # fault-around finds the single page, and lowers it again


def test_a_write_fault_meets_the_mark() -> None:
    mapping = pc.Mapping(file="16M")
    file = mapping.open()
    read_on(file, 1)
    (marked,) = mapping.marked()
    file.fault(marked, write=True)
    assert mapping.marked() != [marked]


def test_rules_of_the_mapping() -> None:
    assert pc.Mapping(file="1M").kernel == "7.1"
    for kernel, orders in (("6.8", {2, 3, 4}), ("6.18", {0, 2, 3, 4, 5})):
        mapping = pc.Mapping(file=pc.File("3M", like="xfs"), kernel=kernel)
        read_on(mapping, 768)
        assert mapping.folios_by_order == pc.readahead(kernel).by_order
        assert set(mapping.folios_by_order) == orders
        assert mapping.clone().kernel == kernel


def test_filesystems_have_large_folios_from_a_release_on() -> None:
    for kernel, most in (("6.15", 0), ("6.16", 4)):
        mapping = pc.Mapping(file="3M", kernel=kernel)
        read_on(mapping, 768)
        assert max(mapping.folios_by_order) == most
    mapping = pc.Mapping(file="3M", kernel="6.15", max_order=3)
    read_on(mapping, 768)
    assert max(mapping.folios_by_order) == 3


def test_searches_for_holes_lag_in_a_mapping_as_the_switch_says() -> None:
    """Forward behind the marks of two streams; backward from where another begins to read."""
    forward, backward = [], []
    for lags in (True, False):
        rules = pc.ReadaheadRules("6.18", scans_lag=lags)
        mapping = pc.Mapping(file=pc.File("8M", like="xfs"), kernel=rules)
        file = mapping.open()
        for k in range(256):
            file.read(k << 12, 4096)
            file.read((k << 12) + (4 << 20), 4096)
        told = pc.readahead(rules=rules, accesses="pair 256 4096 0 4M", size="8M")
        assert mapping.folios() == told.folios
        forward.append(mapping.folios())
        mapping = pc.Mapping(file=pc.File("8M", like="xfs"), kernel=rules)
        read_on(mapping.open(), 20)
        hole = mapping.pages
        mapping.open().read(hole << 12, 4096)
        program = f"read 0 4096 x20 4096; pairfd 1 4096 {hole << 12}"
        assert mapping.folios() == pc.readahead(rules=rules, accesses=program, size="8M").folios
        backward.append(mapping.folios())
    assert forward[0] != forward[1]
    assert backward[0] != backward[1]


def test_search_back_counts_every_page_of_a_folio_at_the_start_of_its_node() -> None:
    """Two pages before the one read, up to the file's start: twice those and the page are read."""
    mapping = pc.Mapping(file="1M")
    mapping.run(["add"], [0], [1])  # one folio, of order 1
    mapping.open().read(2 << 12, 4096)
    assert mapping.pages == 2 + 5


def test_designs_without_large_folios_get_single_pages() -> None:
    mapping = pc.Mapping(index="base-4k", file="3M")
    read_on(mapping, 768)
    assert mapping.folios_by_order == {0: 768}


def test_memory_without_large_blocks_gives_single_pages() -> None:
    mapping = pc.Mapping(file="3M", memory=pc.Memory("64M", policy="pages"))
    read_on(mapping, 768)
    assert mapping.folios_by_order == {0: 768}


def test_overridden_rules_and_their_errors_reach_the_caller() -> None:
    class Broken(pc.ReadaheadRules):
        def first_window(self, request: int, limit: int) -> int:
            raise KeyError("no window")

    rules = Broken("6.18")
    mapping = pc.Mapping(file="3M", kernel=rules)
    for call in (
        lambda: mapping.read(0, 4096),
        lambda: mapping.open().read(0, 4096),
        lambda: mapping.run(["read"], [0], [1]),
    ):
        mapping.invalidate()
        with pytest.raises(KeyError, match="no window"):
            call()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"kernel": "5.10"}, "no release"),
        ({"max_order": 12}, "max_order"),
        ({"min_order": 10}, "min_order"),
        ({"kernel": "6.8", "min_order": 2, "max_order": 9}, "no minimum folio order"),
        ({"kernel": "6.8", "file": pc.File("1M", block="64K")}, "no minimum folio order"),
        ({"file": pc.File("1M", block="64K"), "min_order": 2}, "below the order of a block"),
        ({"readahead_kb": -4}, "readahead_kb"),
    ],
)
def test_what_does_not_go_together_is_refused(options: dict[str, Any], said: str) -> None:
    with pytest.raises(pc.InputError, match=said):
        pc.Mapping(**({"file": "1M"} | options))


def test_only_mappings_are_opened() -> None:
    from pagecache.mapping.open_file import OpenFile  # noqa: PLC0415

    with pytest.raises(pc.InputError, match="cannot be opened"):
        OpenFile("file")  # type: ignore[arg-type]
