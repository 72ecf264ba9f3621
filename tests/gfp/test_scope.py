"""Scopes: they nest, they belong to a thread, and they end as they should."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, nullcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pagecache.gfp import scope
from pagecache.gfp.flags import GFP_HIGHUSER_MOVABLE, GFP_KERNEL, GFP_NOFS, GFP_NOIO, effective
from pagecache.gfp.scope import memalloc_nofs, memalloc_noio, memalloc_pin, open_scopes
from pagecache.gfp.scope_loops import mask_each, mask_each_inline, nest_each

KINDS: dict[str, Callable[[], scope.Scope]] = {
    "noio": memalloc_noio,
    "nofs": memalloc_nofs,
    "pin": memalloc_pin,
}


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    """No test leaves a scope open behind it."""
    assert open_scopes() == ()
    yield
    assert open_scopes() == ()


def test_each_scope_removes_its_bits() -> None:
    with memalloc_nofs():
        assert effective(GFP_KERNEL) == GFP_NOFS
    with memalloc_noio():
        assert effective(GFP_KERNEL) == GFP_NOIO
    with memalloc_pin():
        assert str(effective(GFP_HIGHUSER_MOVABLE)) == "GFP_HIGHUSER|SKIP_KASAN_POISON"
    assert effective(GFP_HIGHUSER_MOVABLE) == GFP_HIGHUSER_MOVABLE


@pytest.mark.parametrize("outer", [memalloc_noio, memalloc_nofs])
@pytest.mark.parametrize("inner", [memalloc_noio, memalloc_nofs])
def test_inner_scope_does_not_end_the_outer(
    outer: Callable[[], scope.Scope], inner: Callable[[], scope.Scope]
) -> None:
    with outer():
        before = effective(GFP_KERNEL)
        with inner():
            noio = memalloc_noio in (outer, inner)
            assert effective(GFP_KERNEL) == (GFP_NOIO if noio else GFP_NOFS)
        assert effective(GFP_KERNEL) == before
    assert effective(GFP_KERNEL) == GFP_KERNEL


@given(st.lists(st.sampled_from(["noio", "nofs", "pin"]), max_size=12))
def test_restore_puts_back_just_the_one_bit(kinds: list[str]) -> None:
    states, saved = [open_scopes()], []
    for kind in kinds:
        saved.append(getattr(scope, f"memalloc_{kind}_save")())
        assert kind in open_scopes()
        states.append(open_scopes())
    for kind in reversed(kinds):
        assert open_scopes() == states.pop()
        getattr(scope, f"memalloc_{kind}_restore")(saved.pop())
        assert open_scopes() == states[-1]


@given(st.lists(st.tuples(st.sampled_from(["noio", "nofs", "pin"]), st.integers(0, 5))))
def test_scopes_that_end_in_any_order_stay_while_one_is_open(
    steps: list[tuple[str, int]],
) -> None:
    with ExitStack() as last:
        opened: list[tuple[str, scope.Scope]] = []
        last.callback(lambda: [made.__exit__(None, None, None) for _, made in opened])
        for kind, number in steps:
            if number < len(opened):
                opened.pop(number)[1].__exit__(None, None, None)
            else:
                opened.append((kind, KINDS[kind]().__enter__()))
            assert set(open_scopes()) == {kind for kind, _ in opened}


def test_context_manager_inside_a_compiled_scope_leaves_it_open() -> None:
    saved = scope.memalloc_nofs_save()
    with memalloc_nofs(), memalloc_nofs():
        pass
    assert effective(GFP_KERNEL) == GFP_NOFS
    scope.memalloc_nofs_restore(saved)


def test_exception_ends_the_scope_and_passes_through() -> None:
    with pytest.raises(KeyError), memalloc_noio(), memalloc_nofs():
        raise KeyError
    assert open_scopes() == ()


def test_one_scope_can_be_entered_again() -> None:
    nofs = memalloc_nofs()
    with nofs:
        with nofs:
            pass
        assert open_scopes() == ("nofs",)


def test_scope_is_not_seen_by_other_threads() -> None:
    inside, seen = threading.Barrier(8), threading.Barrier(8)

    def task(number: int) -> list[object]:
        kind = ["noio", "nofs", "pin", ""][number % 4]
        with ExitStack() as stack:
            if kind:
                stack.enter_context(KINDS[kind]())
            inside.wait()
            found = open_scopes()
            seen.wait()
        return [kind, found, open_scopes()]

    with ThreadPoolExecutor(8) as pool:
        for kind, found, after in pool.map(task, range(8)):
            assert (found, after) == ((kind,) if kind else (), ())


def test_threads_that_nest_at_once_do_not_disturb_each_other() -> None:
    def task(number: int) -> int:
        with memalloc_nofs() if number % 2 else nullcontext():
            return nest_each(200_000)  # without the GIL

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(task, range(4))) == [0, 200_000, 0, 200_000]


def test_scope_that_ends_in_another_thread_is_refused_and_stays() -> None:
    nofs = memalloc_nofs()
    with nofs, ThreadPoolExecutor(1) as pool:
        ended = pool.submit(nofs.__exit__, None, None, None)
        with pytest.raises(RuntimeError, match="the thread where it began"):
            ended.result()
        assert open_scopes() == ("nofs",)


def test_scope_that_was_never_entered_cannot_end() -> None:
    with pytest.raises(RuntimeError, match="the thread where it began"):
        memalloc_nofs().__exit__(None, None, None)


def test_suspended_generator_keeps_its_scope_open_and_ends_it_when_closed() -> None:
    def work() -> Iterator[int]:
        with memalloc_nofs():
            yield 1
            yield 2

    with memalloc_nofs():
        made = work()
        assert next(made) == 1
    assert open_scopes() == ("nofs",)  # stronger than the caller asked for, never weaker
    made.close()
    assert open_scopes() == ()


def test_generators_that_take_turns_end_their_own_scope_alone() -> None:
    def work(kind: str) -> Iterator[tuple[str, ...]]:
        with KINDS[kind]():
            yield open_scopes()

    first, second = work("nofs"), work("nofs")
    next(first)
    next(second)
    first.close()
    assert open_scopes() == ("nofs",)
    second.close()


def test_coroutine_in_a_scope_has_it_after_an_await() -> None:
    async def work(event: asyncio.Event) -> int:
        with memalloc_noio():
            await event.wait()
            return effective(GFP_KERNEL)

    async def both() -> list[int]:
        event = asyncio.Event()
        asyncio.get_running_loop().call_soon(event.set)
        return await asyncio.gather(work(event), work(event))

    assert asyncio.run(both()) == [GFP_NOIO, GFP_NOIO]


def test_loops_of_the_benchmarks_answer_what_they_did() -> None:
    assert nest_each(10) == 0
    with memalloc_nofs():
        assert nest_each(10) == 10
        assert mask_each(3, GFP_KERNEL) == 3 * GFP_NOFS
        assert mask_each_inline(3, GFP_KERNEL) == 3 * GFP_NOFS


def test_scope_over_an_await_is_open_for_the_other_tasks_and_says_so() -> None:
    """The one surprise of scopes in asyncio; docs/allocation-scopes.md shows what to do instead."""
    seen: list[int] = []

    async def holder(inside: asyncio.Event, leave: asyncio.Event) -> None:
        with memalloc_nofs():
            inside.set()
            await leave.wait()

    async def neighbour(inside: asyncio.Event, leave: asyncio.Event) -> None:
        await inside.wait()
        seen.append(effective(GFP_KERNEL))
        seen.append(await asyncio.to_thread(effective, GFP_KERNEL))
        leave.set()

    async def both() -> None:
        inside, leave = asyncio.Event(), asyncio.Event()
        await asyncio.gather(holder(inside, leave), neighbour(inside, leave))

    asyncio.run(both())
    assert seen == [GFP_NOFS, GFP_KERNEL]
    assert effective(GFP_KERNEL) == GFP_KERNEL
    for documented in (scope.Scope.__doc__, memalloc_nofs.__doc__):
        assert "asyncio" in documented
