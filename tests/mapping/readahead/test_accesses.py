"""Programs of accesses: what each step does, and what is no step."""

import pytest

import pagecache as pc


def pages(program: str, size: str = "64M", **options: int) -> set[int]:
    """Pages cached without readahead: those that the program names."""
    found = pc.readahead("7.1", program, size, readahead_kb=0, **options)
    return {page for index, order in found.folios for page in range(index, index + (1 << order))}


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        ("read 0 4096", {0}),
        ("read 4095 2", {0, 1}),
        ("read 4K 8K x3 64K", {1, 2, 17, 18, 33, 34}),
        ("read 40960 4096 x3 -8192", {10, 8, 6}),
        ("read 0 4096 x2 +4096", {0, 1}),
        ("read 4096 4096 x3 -4096", {0, 1}),
        ("pages 5 9 2", {2, 5, 9}),
        ("pair 2 4096 0 1M", {0, 1, 256, 257}),
        ("pairfd 2 4096 0 1M", {0, 1, 256, 257}),
        ("mmap; touch 3 8", {3, 8}),
        ("mmap rand; touch 3 x3 2", {3, 5, 7}),
        ("fadvise willneed 4096 8192", {1, 2}),
        ("madvise willneed 4096 1", {1}),
        ("; read 0 1 ;; read 8192 1;", {0, 2}),
        ("", set()),
        ("read 64M 4096", set()),
        ("read 0 0", set()),
        ("mmap; touch 99999", set()),
    ],
)
def test_steps(program: str, expected: set[int]) -> None:
    assert pages(program) == expected


def test_willneed_reads_a_transfer_at_most() -> None:
    assert pages("fadvise willneed", max_io_kb=64) == set(range(16))
    assert pages("fadvise willneed 0 0", "32K") == set(range(8))
    sent = pc.readahead("7.1", "fadvise willneed", "64M", readahead_kb=8192).requests
    assert sent == [(0, 512), (512, 512), (1024, 512), (1536, 512)]


def test_pair_shares_a_description_and_pairfd_does_not() -> None:
    shared = pc.readahead("7.1", "pair 512 4096 0 32M", "64M")
    own = pc.readahead("7.1", "pairfd 512 4096 0 32M", "64M")
    assert own.mean_pages > 5 * shared.mean_pages


def test_advice_holds_for_the_reads_after_it() -> None:
    usual = pc.readahead("7.1", "read 0 4096 x256 4096", "1M")
    assert max(usual.by_order) == 5
    twice = pc.readahead("7.1", "fadvise seq; read 0 4096 x256 4096", "1M")
    assert max(twice.by_order) == 6
    back = pc.readahead("7.1", "fadvise seq; fadvise normal; read 0 4096 x256 4096", "1M")
    assert back.folios == usual.folios
    single = pc.readahead("7.1", "fadvise random; read 0 4096 x256 4096", "1M")
    assert (single.by_order, single.marked, len(single.requests)) == ({0: 256}, [], 256)


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("write 0 4096", "starts with none of read, pages"),
        ("read 0", "other words than a position and bytes"),
        ("read 0 4096 x768", "repeats without a step"),
        ("read 0 4096 x0 4096", "not from 1"),
        ("read -1 4096", "not from 0"),
        ("read 0 4k6", "has '4k6' for a number"),
        ("read 0 99E", "has '99E' for a number|not from 0"),
        ("pages", "names no page"),
        ("pair 2 4096", "lacks rounds, bytes or positions"),
        ("touch 3", "comes before any mmap"),
        ("mmap; touch", "is not a list of pages"),
        ("mmap; touch 1 2 x3 1", "is not a list of pages"),
        ("mmap quickly", "has 'quickly'"),
        ("fadvise hurry", "is not one of normal"),
        ("fadvise willneed 4096", "no offset and length"),
        ("madvise seq", "is not willneed"),
    ],
)
def test_what_is_no_step_is_refused_before_anything_runs(program: str, said: str) -> None:
    with pytest.raises(pc.InputError, match=said):
        pc.readahead("7.1", program, "1M")
