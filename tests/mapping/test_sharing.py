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


def kinds(mapping: pc.Mapping) -> list[tuple[int, int, str]]:
    return mapping.file.extents.runs()


@pytest.mark.parametrize("entries", ["pfns", "pointers"])
def test_fallocate_leaves_shared_blocks_shared(entries: str) -> None:
    one = pc.Mapping(file=pc.File("64K", like="xfs"), entries=entries, content=True)
    other = one.clone()
    one.read(0, 65536)
    other.read(0, 65536)
    other.fallocate(0, 131072)
    assert kinds(one) == [(0, 16, "shared")]
    assert kinds(other) == [(0, 16, "shared"), (16, 16, "data")]
    other.write(0, 4096, 1000)
    assert one.contents(0, 2).tolist() == [1, 2]
    assert other.contents(0, 2).tolist() == [1000, 2]


@pytest.mark.parametrize("entries", ["pfns", "pointers"])
def test_extents_of_a_clone_are_those_that_xfs_shows(entries: str) -> None:
    """The same operations on XFS of 6.18, its extents read by FIEMAP after each."""
    one = pc.Mapping(file=pc.File("64K", like="xfs"), entries=entries, content=True)
    other = one.clone()
    other.fallocate(65536, 65536)
    other.unshare(8192, 100)
    shared = [(0, 2, "shared"), (2, 1, "data"), (3, 13, "shared"), (16, 16, "data")]
    assert kinds(other) == shared
    other.write(32768, 4096, 500)
    shared[2:3] = [(3, 5, "shared"), (8, 1, "data"), (9, 7, "shared")]
    assert kinds(other) == shared
    other.punch(49152, 4096)
    shared[4:5] = [(9, 3, "shared"), (13, 3, "shared")]
    assert kinds(other) == shared
    other.fallocate(49152, 4096)
    shared[5:5] = [(12, 1, "data")]
    assert kinds(other) == shared
    other.punch(100, 100)
    shared[:1] = [(0, 1, "data"), (1, 1, "shared")]
    assert kinds(other) == shared
    other.truncate(61440 - 50)
    assert kinds(other)[-2:] == [(13, 1, "shared"), (14, 1, "data")]
    assert one.contents(0, 16).tolist() == list(range(1, 17))
    assert kinds(one) == [(0, 16, "shared")]


def test_unshare_reads_shared_blocks_alone_and_makes_them_dirty() -> None:
    """As on XFS: of a file with a hole the data are cached, the hole is only allocated."""
    file = pc.File("64K", [("16K", "16K")], like="xfs")
    one = pc.Mapping(file=file, entries="pfns", readahead_kb=0, content=True)
    other = one.clone()
    other.unshare(8192, 100)
    assert other.folios() == [(2, 0)]
    assert kinds(other)[:3] == [(0, 2, "shared"), (2, 1, "data"), (3, 1, "shared")]
    other.unshare(0, 131072)
    assert [first for first, _ in other.folios()] == [*range(4), *range(8, 16)]
    assert other.scan("dirty").tolist() == [*range(4), *range(8, 16)]
    assert (kinds(other), other.file.size) == ([(0, 32, "data")], 131072)
    assert kinds(one) == [(0, 4, "shared"), (8, 8, "shared")]
    assert other.contents(0, 16).tolist() == [1, 2, 3, 4, 0, 0, 0, 0, *range(9, 17)]


def test_write_of_a_page_breaks_the_share_of_its_block_alone_where_large_folios_are_asked_for() -> (
    None
):
    one = pc.Mapping(file=pc.File(SIZE, like="xfs", prefer_order=9), entries="pfns", content=True)
    other = one.clone()
    other.read(0, SIZE)
    other.write(0, 1, 1 << 40)
    assert kinds(other) == [(0, 1, "data"), (1, PAGES - 1, "shared")]


def test_file_that_wrote_with_pointers_is_cloned_with_what_it_wrote() -> None:
    one = pc.Mapping(file=pc.File("64K", like="xfs"), content=True, memory="64M")
    first = one.clone(entries="pfns")
    first.read(0, 65536)
    one.write(0, 4096, 1 << 40)
    second = one.clone(entries="pfns")
    second.read(0, 65536)
    assert second.contents(0, 2).tolist() == [1 << 40, 2]
    assert first.contents(0, 2).tolist() == [1, 2]


def test_dirty_pages_of_a_file_that_was_cloned_are_not_written_to_shared_blocks() -> None:
    file = pc.File("64K", like="xfs")
    one = pc.Mapping(file=file, entries="pfns", content=True, memory="64M")
    one.write(0, 4096, 1 << 40)
    copy = file.clone()  # of what is on disk
    one.writeback()
    assert kinds(one) == [(0, 1, "data"), (1, 15, "shared")]
    other = pc.Mapping(file=copy, entries="pfns", content=True, memory=one.memory)
    third = one.clone()
    for mapping in (one, third, other):
        mapping.read(0, 65536)
    assert third.contents(0, 2).tolist() == one.contents(0, 2).tolist() == [1 << 40, 2]
    assert other.contents(0, 2).tolist() == [1, 2]


def test_files_that_share_blocks_all_keep_content_or_none_does() -> None:
    file = pc.File("64K", like="xfs")
    copy = file.clone()
    one = pc.Mapping(file=file, entries="pfns", content=True, memory="64M")
    with pytest.raises(pc.InputError, match="content: the files that share blocks"):
        pc.Mapping(file=copy, entries="pfns", memory=one.memory)
    with pytest.raises(pc.InputError, match="clone: no option content; it takes kernel"):
        one.clone(content=False)


def test_dirty_operation_without_frames_for_a_copy_is_a_memory_error() -> None:
    one, other = family(1)
    buddy = one.policy.buddy
    while buddy.free_frames:
        buddy.alloc(0, gfp=0x20)
    with pytest.raises(MemoryError, match="operation 0 at page 3, dirty"):
        other.run(["dirty"], [3], [0])
    with pytest.raises(MemoryError, match="unshare at 0"):
        other.unshare(0, 4096)
    assert other.contents(0, 4).tolist() == one.contents(0, 4).tolist() == [1, 2, 3, 4]
