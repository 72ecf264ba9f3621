"""Clones: shared pages are cached once, a write breaks the share, and nobody else notices."""

import pytest

import pagecache as pc

SIZE = 4 << 20
PAGES = SIZE >> 12


def family(clones: int, **options: object) -> list[pc.Mapping]:
    """A file in folios of 2 MiB and clones of it, all read whole."""
    file = pc.File(SIZE, like="xfs", prefer_order=9)
    memory = pc.Memory("256M", min_free=0)
    first = pc.Mapping(memory=memory, file=file, entries="pfns", content=True, **options)
    first.read(0, SIZE)
    file.prefer_order = 0
    others = [first.clone() for _ in range(clones)]
    for mapping in others:
        mapping.read(0, SIZE)
    return [first, *others]


def frames_in_use(mapping: pc.Mapping) -> int:
    buddy = mapping.policy.buddy
    return int(buddy.frames - buddy.free_frames)


@pytest.mark.parametrize("clones", [1, 2, 7])
def test_shared_page_is_cached_once_with_a_reference_a_page_and_file(clones: int) -> None:
    made = family(clones)
    assert frames_in_use(made[0]) == PAGES
    assert [mapping.folios() for mapping in made] == [[(0, 9), (512, 9)]] * (clones + 1)
    frame = made[0].pin(0)
    assert made[0].frames.refcount(frame) == 512 * (clones + 1) + 1
    made[0].unpin(frame)


def test_pointers_cache_a_copy_for_each_file() -> None:
    one = pc.Mapping(memory=pc.Memory("256M", min_free=0), file=pc.File(SIZE, like="xfs"))
    one.read(0, SIZE)
    other = one.clone()
    other.read(0, SIZE)
    assert frames_in_use(one) == 2 * PAGES


def test_write_breaks_the_share_of_its_block_alone() -> None:
    first, clone = family(1)
    nodes = clone.nodes
    clone.write(100 << 12, 4096, 1 << 40)
    assert clone.contents(99, 3).tolist() == [100, (1 << 40) + 100, 102]
    assert first.contents(99, 3).tolist() == [100, 101, 102]
    assert frames_in_use(first) == PAGES + 1
    assert (clone.stats["shares_broken"], clone.nodes) == (1, nodes + 1)
    assert clone.file.extents.runs()[1] == (100, 1, "data")
    assert first.folios() == [(0, 9), (512, 9)]
    clone.write(100 << 12, 4096, 2 << 40)  # its own now: nothing is broken again
    assert frames_in_use(first) == PAGES + 1


@pytest.mark.parametrize("act", ["evict", "invalidate", "truncate"])
def test_one_file_leaves_and_the_others_keep_their_pages(act: str) -> None:
    made = family(2)
    getattr(made[0], act)(*([0] if act == "truncate" else []))
    assert made[0].pages == 0
    assert frames_in_use(made[1]) == PAGES
    assert made[1].contents(0, PAGES).tolist() == list(range(1, PAGES + 1))
    for mapping in made[1:]:
        assert mapping.pages == PAGES
        mapping.evict()
    assert frames_in_use(made[1]) == 0
    made[2].read(0, SIZE)  # nobody has it: it is read in anew, and found by the others
    made[1].read(0, SIZE)
    assert frames_in_use(made[1]) == PAGES
    for mapping in made:
        mapping.check()


def test_blocks_written_and_cloned_again_are_not_those_of_the_first_clone() -> None:
    first, clone = family(1)
    clone.write(0, SIZE, 1 << 40)
    second = clone.clone()
    second.read(0, SIZE)
    assert frames_in_use(first) == 2 * PAGES
    assert second.contents(0, PAGES).tolist() == clone.contents(0, PAGES).tolist()
    assert first.contents(7, 1).tolist() == [8]


def test_write_without_frames_breaks_nothing() -> None:
    first, clone = family(1)
    buddy = first.policy.buddy
    taken = [buddy.alloc(0, gfp=0x20) for _ in range(buddy.free_frames)]
    with pytest.raises(MemoryError):
        clone.write(0, 4096, 1 << 40)
    assert clone.fault(0, write=True) == pc.VmFault.OOM
    assert clone.contents(0, 2).tolist() == [1, 2]
    assert clone.file.extents.runs() == first.file.extents.runs()
    assert len(taken) > 0
    clone.check()


def test_lookup_of_a_page_gives_the_same_frame_in_every_clone() -> None:
    made = family(2)
    frames = [[mapping.index.frame(page) for page in (0, 511, 700)] for mapping in made]
    assert frames[0] == frames[1] == frames[2]
    made[2].write(511 << 12, 1)
    assert made[2].index.frame(511) != made[0].index.frame(511)
    assert made[2].index.frame(510) == made[0].index.frame(510)
