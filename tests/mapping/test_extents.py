"""The extent map beside a list of pages: a change is made whole, or not at all without memory."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

import pagecache as pc
from pagecache.mapping.storage.extents import Extents

CHANGE_NODES = 54  # that one change takes at most: extents.pxd

KIND = st.sampled_from(["hole", "data", "shared"])
# Ends near those of slots and nodes, where runs are taken apart.
EDGE = st.sampled_from([0, 1, 63, 64, 65, 127, 128, 700, 4095, 4096, 4097, 8191, 9000])
CHANGES = st.lists(st.tuples(EDGE, EDGE, KIND), min_size=1, max_size=12)


def kinds(extents: Extents) -> list[str]:
    found = ["hole"] * 9000
    for first, pages, kind in extents.runs():
        found[first : first + pages] = [kind] * pages
    return found


@given(changes=CHANGES, room=st.integers(0, 80))
def test_change_is_made_whole_or_there_is_no_memory_and_all_is_as_before(
    changes: list[tuple[int, int, str]], room: int
) -> None:
    extents, model = Extents(), ["hole"] * 9000
    extents.pool.limit = room
    for one, other, kind in changes:
        first, end = sorted((one, other))
        try:
            extents.set(first, end - first, kind)
        except MemoryError:
            assert room < extents.pool.nodes + CHANGE_NODES
        else:
            model[first:end] = [kind] * (end - first)
        assert kinds(extents) == model


@pytest.mark.parametrize("room", range(10))
def test_fallocate_of_two_holes_fills_both_or_none(room: int) -> None:
    """Each takes nodes of its own: at the beginning of the range, and at its end."""
    start, data, end = 100 << 12, 1 << 33, (1 << 35) + (77 << 12)
    file = pc.File(1 << 36, [(0, data), (data + 4096, (1 << 36) - data - 4096)], like="xfs")
    mapping = pc.Mapping(file=file, memory="64M")
    before, pool = file.extents.runs(), file.extents.pool
    pool.limit = pool.nodes + CHANGE_NODES + room
    try:
        mapping.fallocate(start, end - start)
    except MemoryError:
        assert room < 6
        assert file.extents.runs() == before
        pool.limit = 1 << 30
        mapping.fallocate(start, end - start)
    else:
        assert room >= 2
    assert file.data_pages == end - start >> 12
    pool.limit = pool.nodes
    with pytest.raises(MemoryError):  # what came before is not new any more, and stays
        mapping.fallocate(0, 1 << 36)
    assert file.data_pages == end - start >> 12


ACTS: dict[str, Callable[[pc.Mapping], object]] = {
    "punch": lambda m: m.punch(8192, 20_000),
    "punch of whole blocks": lambda m: m.punch(8192, 16_384),
    "punch in part": lambda m: m.punch(100, 200),
    "truncate": lambda m: m.truncate(30_000),
    "write": lambda m: m.write(0, 8192, 1 << 30),
    "unshare": lambda m: m.unshare(0, 1 << 16),
    "fallocate": lambda m: m.fallocate(0, 1 << 17),
}


@pytest.mark.parametrize("entries", ["pointers", "pfns"])
@pytest.mark.parametrize("act", ACTS)
def test_operation_without_memory_for_extents_changes_nothing(act: str, entries: str) -> None:
    file = pc.File(1 << 16, like="xfs", prefer_order=4)
    mapping = pc.Mapping(file=file, entries=entries, content=True)
    mapping.read(0, 1 << 16)
    clone = mapping.clone()
    clone.read(0, 1 << 16)

    def state() -> tuple[object, ...]:
        pages = [m.contents(0, 16).tolist() for m in (mapping, clone)]
        return pages, clone.file.extents.runs(), clone.size, clone.pages, mapping.pages

    before, pool = state(), clone.file.extents.pool
    pool.limit = pool.nodes
    with pytest.raises(MemoryError):
        ACTS[act](clone)
    assert state() == before
    pool.limit = 1 << 30
    ACTS[act](clone)
    assert state() != before
    assert mapping.contents(0, 16).tolist() == before[0][0]
    for one in (mapping, clone):
        one.check()


def test_clone_without_memory_leaves_the_file_as_it_was() -> None:
    extents, other = Extents(), Extents()
    extents.set(0, 100, "data")
    extents.set(200, 1, "data")
    other.pool.limit = 0
    with pytest.raises(MemoryError):
        other.shared_from(extents, 1)
    assert extents.runs() == [(0, 100, "data"), (200, 1, "data")]
    other.pool.limit = 1 << 30
    other.shared_from(extents, 2)
    assert extents.runs() == other.runs() == [(0, 100, "shared"), (200, 1, "shared")]


@pytest.mark.parametrize("like", ["tmpfs", "hugetlbfs"])
def test_fallocate_in_memory_without_room_for_extents_caches_nothing(like: str) -> None:
    design = "hugetlb-4k-multi" if like == "hugetlbfs" else "thp-multi"
    mapping = pc.Mapping(design, file=pc.File("4M", like=like))
    mapping.file.extents.pool.limit = 0
    with pytest.raises(MemoryError):
        mapping.fallocate(0, "4M")
    assert (mapping.pages, mapping.file.data_pages) == (0, 0)
