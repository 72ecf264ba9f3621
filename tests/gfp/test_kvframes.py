"""kvmalloc over frames: a block, else single frames and the page tables for them."""

import pytest

from pagecache.gfp.flags import GFP_KERNEL, GFP_NOFS, Gfp
from pagecache.gfp.kvframes import KvFrames, kvfree_frames, kvmalloc_frames
from pagecache.gfp.reentry import Detector, Reentry
from pagecache.gfp.scope import memalloc_nofs

PAGE = 4096
LIGHT = "GFP_KERNEL|NOWARN|NORETRY"


class Bitmap:
    """Frames handed out by the first aligned run that is free; fails on purpose; takes notes."""

    def __init__(self, frames: int, *, used: range = range(0), fail_at: int = -1) -> None:
        self.free_frames = set(range(frames)) - set(used)
        self.frames, self.fail_at = frames, fail_at
        self.orders: dict[int, int] = {}
        self.asked: list[tuple[int, str]] = []

    def alloc(self, order: int, *, gfp: Gfp) -> int:
        self.asked.append((order, str(gfp)))
        for pfn in range(0, self.frames, 1 << order):
            block = set(range(pfn, pfn + (1 << order)))
            if len(self.asked) - 1 != self.fail_at and block <= self.free_frames:
                self.free_frames -= block
                self.orders[pfn] = order
                return pfn
        raise MemoryError(f"no block of order {order}")

    def free(self, pfn: int) -> None:
        self.free_frames |= set(range(pfn, pfn + (1 << self.orders.pop(pfn))))


def every_other(frames: int) -> range:
    return range(0, frames, 2)


@pytest.mark.parametrize(("size", "order"), [(1, 0), (PAGE, 0), (PAGE + 1, 1), (5 * PAGE, 3)])
def test_block_is_the_first_choice(size: int, order: int) -> None:
    source = Bitmap(64)
    got = kvmalloc_frames(source, size)
    assert got == KvFrames(tuple(range(-(-size // PAGE))), order)
    assert source.asked == [(order, LIGHT if size > PAGE else "GFP_KERNEL")]
    kvfree_frames(source, got)
    assert len(source.free_frames) == 64


def test_fragmented_memory_gives_single_frames_and_a_table() -> None:
    source = Bitmap(64, used=every_other(64))
    got = kvmalloc_frames(source, 5 * PAGE, GFP_KERNEL | Gfp.NOFAIL)
    assert got == KvFrames((1, 3, 5, 7, 9), None, (11,))
    single = (0, "GFP_KERNEL|NOFAIL")
    assert source.asked == [(3, LIGHT), *[single] * 5, (0, "GFP_KERNEL")]
    kvfree_frames(source, got)
    assert len(source.free_frames) == 32
    assert source.orders == {}


def test_each_512_frames_have_a_table() -> None:
    source = Bitmap(2100, used=range(1024, 1025))
    assert len(kvmalloc_frames(source, 513 * PAGE).tables) == 0  # a block of order 10
    got = kvmalloc_frames(source, 513 * PAGE)
    assert (len(got.frames), len(got.tables)) == (513, 2)


def test_above_the_largest_block_no_block_is_tried() -> None:
    source = Bitmap(1200)
    got = kvmalloc_frames(source, 1025 * PAGE)
    assert (got.order, len(got.frames), len(got.tables)) == (None, 1025, 3)
    assert {order for order, _ in source.asked} == {0}


@pytest.mark.parametrize("fail_at", range(8))
def test_each_allocation_failing_in_turn_leaves_nothing_behind(fail_at: int) -> None:
    source = Bitmap(64, used=every_other(64), fail_at=fail_at)
    if fail_at in (0, 7):  # the block fails in any case; the eighth is never asked for
        kvfree_frames(source, kvmalloc_frames(source, 5 * PAGE))
    else:
        with pytest.raises(MemoryError):
            kvmalloc_frames(source, 5 * PAGE)
    assert source.orders == {}
    assert len(source.free_frames) == 32


def test_failed_page_has_no_fallback() -> None:
    source = Bitmap(64, fail_at=0)
    with pytest.raises(MemoryError, match="no block of order 0"):
        kvmalloc_frames(source, PAGE)
    assert len(source.asked) == 1


@pytest.mark.parametrize("size", [2**31, 2**64])
def test_sizes_above_2_to_the_31_are_refused_before_anything_is_asked_for(size: int) -> None:
    source = Bitmap(64)
    with pytest.raises(MemoryError, match="refuses more than 2147483647"):
        kvmalloc_frames(source, size)
    assert source.asked == []


@pytest.mark.parametrize("size", [0, -1])
def test_size_without_frames_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="give a size above 0"):
        kvmalloc_frames(Bitmap(64), size)


class Checked(Bitmap):
    """The same under a detector, as an allocator of a kernel with lockdep."""

    def __init__(self, detector: Detector) -> None:
        super().__init__(64, used=every_other(64))
        self.detector = detector

    def alloc(self, order: int, *, gfp: Gfp) -> int:
        self.detector.check_alloc(gfp)
        return super().alloc(order, gfp=gfp)


def test_nofs_mask_does_not_reach_the_page_tables_and_a_scope_does() -> None:
    detector = Detector(fs=["ILOCK"])
    source = Checked(detector)
    with (
        detector.holding("ILOCK"),
        pytest.raises(Reentry, match="alloc with GFP_KERNEL under ILOCK"),
    ):
        kvmalloc_frames(source, 5 * PAGE, GFP_NOFS)
    assert source.orders == {}  # the frames that it had by then went back
    with memalloc_nofs(), detector.holding("ILOCK"):
        kvmalloc_frames(source, 5 * PAGE, GFP_KERNEL)
    assert {mask for _, mask in source.asked[-7:]} == {"GFP_NOFS|NOWARN|NORETRY", "GFP_NOFS"}
