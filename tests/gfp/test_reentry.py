"""The detector at run time: either half first, in any thread; scopes are an answer."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from pagecache.gfp.flags import GFP_ATOMIC, GFP_KERNEL, GFP_NOFS, GFP_NOIO, Gfp
from pagecache.gfp.reentry import Detector, Reentry
from pagecache.gfp.scope import memalloc_nofs, memalloc_noio


def allocate(detector: Detector, gfp: Gfp = GFP_KERNEL, lock: str = "ILOCK") -> Gfp:
    with detector.holding(lock):
        return detector.check_alloc(gfp)


def evict(detector: Detector, kind: str = "fs", lock: str = "ILOCK") -> None:
    with detector.reclaiming(kind), detector.holding(lock):
        pass


MESSAGE = (
    r"alloc with GFP_KERNEL under ILOCK at test_reentry.py:\d+ in allocate can re-enter the "
    r"filesystem through reclaim, which takes it at test_reentry.py:\d+ in evict"
)


def test_allocation_after_reclaim_was_seen_is_named() -> None:
    detector = Detector()
    evict(detector)
    with pytest.raises(Reentry, match=MESSAGE):
        allocate(detector)


def test_reclaim_after_the_allocation_was_seen_is_named() -> None:
    detector = Detector()
    assert allocate(detector) == GFP_KERNEL
    with pytest.raises(Reentry, match=MESSAGE):
        evict(detector)


def test_halves_seen_in_two_threads_make_a_whole() -> None:
    detector = Detector(raising=False)
    with ThreadPoolExecutor(1) as pool:
        pool.submit(evict, detector).result()
    allocate(detector)
    (text,) = detector.findings
    assert re.fullmatch(MESSAGE, text)


def test_lock_held_in_one_thread_is_not_held_in_another() -> None:
    detector = Detector(fs=["ILOCK"])
    with detector.holding("ILOCK"), ThreadPoolExecutor(1) as pool:
        assert pool.submit(detector.check_alloc, GFP_KERNEL).result() == GFP_KERNEL
        with pytest.raises(Reentry, match="as declared"):
            detector.check_alloc(GFP_KERNEL)


@pytest.mark.parametrize(
    ("kind", "mask", "found"),
    [
        ("fs", GFP_KERNEL, True),
        ("fs", GFP_NOFS, False),
        ("io", GFP_NOFS, True),
        ("io", GFP_NOIO, False),
        ("fs", GFP_ATOMIC, False),
        ("fs", GFP_KERNEL & ~Gfp.DIRECT_RECLAIM, False),
    ],
)
def test_mask_decides(kind: str, mask: Gfp, found: bool) -> None:
    detector = Detector(raising=False)
    evict(detector, kind)
    allocate(detector, mask)
    assert bool(detector.findings) == found


def test_scope_around_the_lock_is_an_answer() -> None:
    detector = Detector(fs=["ILOCK"], io=["QUEUE"])
    with memalloc_nofs():
        assert allocate(detector) == GFP_NOFS
        with pytest.raises(Reentry, match=r"GFP_NOFS under QUEUE .* can start I/O"):
            allocate(detector, lock="QUEUE")
    with memalloc_noio():
        assert allocate(detector, lock="QUEUE") == GFP_NOIO


def test_nolockdep_is_not_recorded_so_the_deadlock_goes_unseen() -> None:
    detector = Detector()
    evict(detector)
    assert allocate(detector, GFP_KERNEL | Gfp.NOLOCKDEP) == GFP_KERNEL | Gfp.NOLOCKDEP
    evict(detector)
    assert detector.findings == []


def test_allocator_that_looks_at_no_scopes_is_named() -> None:
    detector = Detector()
    with (
        memalloc_nofs(),
        pytest.raises(Reentry, match=r"alloc with GFP_KERNEL at .* has FS in a nofs scope"),
    ):
        detector.check_alloc(GFP_KERNEL, used=GFP_KERNEL)
    assert detector.check_alloc(GFP_KERNEL, used=GFP_KERNEL) == GFP_KERNEL


def test_reclaim_in_a_scope_that_forbids_it_is_named() -> None:
    detector = Detector()
    with (
        memalloc_nofs(),
        pytest.raises(Reentry, match="reclaim would re-enter the filesystem in a nofs scope"),
    ):
        evict(detector)
    with memalloc_nofs():
        evict(detector, "io")
    with memalloc_noio(), pytest.raises(Reentry, match="start I/O in a noio scope"):
        evict(detector, "io")


def test_reclaim_that_does_want_a_lock_of_its_thread_is_named_before_it_waits() -> None:
    detector = Detector()
    with (
        detector.holding("ILOCK"),
        pytest.raises(Reentry, match=r"reclaim takes ILOCK at .* in the thread that holds it"),
    ):
        evict(detector)


def test_refusal_leaves_nothing_held() -> None:
    detector = Detector(fs=["ILOCK"])
    with pytest.raises(Reentry):
        allocate(detector)
    assert detector.check_alloc(GFP_KERNEL) == GFP_KERNEL  # nothing is held any more
    with pytest.raises(Reentry):
        allocate(detector)  # and nothing was forgotten


def test_what_reclaim_allocates_does_not_reclaim_again() -> None:
    detector = Detector(fs=["ILOCK"])
    with detector.reclaiming("fs"), detector.holding("ILOCK"):
        assert detector.check_alloc(GFP_KERNEL) == GFP_KERNEL


def test_locks_may_be_let_go_in_any_order() -> None:
    detector = Detector(fs=["A"])
    first, second = detector.holding("A"), detector.holding("B")
    with first:
        second.__enter__()
    assert detector.check_alloc(GFP_KERNEL) == GFP_KERNEL  # B alone is held
    second.__exit__(None, None, None)


def test_each_finding_is_listed_once() -> None:
    detector = Detector(fs=["ILOCK"], raising=False)
    for _ in range(3):
        allocate(detector)
    assert len(detector.findings) == 1


def test_unknown_kind_of_reclaim_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown kind of reclaim 'swap'; use fs or io"):
        evict(Detector(), "swap")


def test_many_threads_find_the_same() -> None:
    detector = Detector(raising=False)
    start = threading.Barrier(4)

    def task(number: int) -> None:
        start.wait()
        for _ in range(100):
            if number % 2:
                evict(detector)
            else:
                allocate(detector)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(task, range(4)))
    assert detector.findings
    assert all(re.fullmatch(MESSAGE, text) for text in detector.findings)
