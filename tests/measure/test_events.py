import pytest

from pagecache.errors import InputError
from pagecache.measure.events import EVENTS, FILE_EVENTS, HUGETLB_EVENTS, find_events


def test_events_come_in_the_order_of_the_tables() -> None:
    assert find_events(["truncate", "get", "get"]) == ("get", "truncate")


def test_usual_events_are_events() -> None:
    assert find_events(HUGETLB_EVENTS) == HUGETLB_EVENTS
    assert find_events(FILE_EVENTS) == FILE_EVENTS


def test_unknown_event_names_the_nearest_and_all() -> None:
    with pytest.raises(InputError) as caught:
        find_events(["index-laod"])
    assert str(caught.value) == (
        f"--events: unknown event 'index-laod'; did you mean index-load? known: {', '.join(EVENTS)}"
    )


def test_no_event_is_refused() -> None:
    with pytest.raises(InputError, match=r"^--events: none given; known: get, "):
        find_events([])


@pytest.mark.parametrize(
    ("event", "pages"),
    [("get", 1), ("read-128k", 32), ("fault-around", 16), ("huge-fault", 512), ("populate", 8)],
)
def test_bytes_of_an_event_are_those_it_covers(event: str, pages: int) -> None:
    assert EVENTS[event].bytes_per_event(pages=800, folios=100, huge_order=9) == pages * 4096


def test_walks_alone_need_no_struct_pages() -> None:
    without = {name for name, event in EVENTS.items() if not event.needs}
    assert without == {"index-load", "index-load-unchained"}
