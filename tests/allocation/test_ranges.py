"""Orders and frames out of range are an error that names the range, and change nothing."""

from collections.abc import Callable

import pytest

import pagecache as pc

ACTS: dict[str, Callable[[pc.Memory, int], object]] = {
    "alloc": lambda memory, order: memory.alloc(order),
    "free": lambda memory, order: memory.free(0, order),
    "split": lambda memory, order: memory.split(0, order),
    "fragmentation_index": lambda memory, order: memory.fragmentation_index(order),
    "unusable_index": lambda memory, order: memory.unusable_index(order),
}


@pytest.mark.parametrize("order", [-1, 11, 64, 1 << 40, -(1 << 70)])
@pytest.mark.parametrize("act", ACTS)
def test_order_out_of_range(act: str, order: int) -> None:
    memory = pc.Memory("64M")
    memory.alloc(10)
    before = memory.buddyinfo()
    with pytest.raises(ValueError, match=f"^order {order} is not from 0 to 10$"):
        ACTS[act](memory, order)
    assert memory.buddyinfo() == before


@pytest.mark.parametrize("act", ACTS)
def test_order_that_is_no_whole_number_is_a_type_error(act: str) -> None:
    memory = pc.Memory("64M")
    memory.alloc(10)
    with pytest.raises(TypeError, match="float"):
        ACTS[act](memory, 1.5)  # type: ignore[arg-type]


def test_pool_of_huge_pages_names_its_own_range() -> None:
    memory = pc.Memory("64M", policy="huge-pool", pool=4, huge_order=9)
    with pytest.raises(ValueError, match="order 19 is not from 0 to"):
        memory.alloc(19)


@pytest.mark.parametrize("pfn", [-1, 1 << 14, 1 << 70])
def test_frame_out_of_range(pfn: int) -> None:
    memory = pc.Memory("64M")
    for act in (memory.order, memory.free, memory.split):
        with pytest.raises(IndexError, match=f"there is no frame {pfn}; frames are 0 to 16383"):
            act(pfn)
