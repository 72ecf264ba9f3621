"""Read-around: the window that a fault which missed reads, and where its marker lies."""

import pytest

import pagecache as pc


@pytest.mark.parametrize("kb", [32, 64, 128, 256])
def test_marker_of_a_mapped_miss_lies_at_three_quarters_of_the_window(kb: int) -> None:
    """A fault on the page with the marker, and on no other of the window, reads the next."""
    pages, page = kb // 4, 4096
    start = page - pages // 2
    for touched in range(start, start + pages):
        mapping = pc.Mapping(file="64M", readahead_kb=kb)
        mapping.fault(page)
        cached = [first for first, _ in mapping.folios()]
        assert cached == list(range(start, start + pages))
        mapping.fault(touched)
        read_on = mapping.pages > pages
        assert read_on == (touched == start + pages * 3 // 4), touched
