import numpy as np
import pytest

from pagecache.errors import InputError
from pagecache.inputs import PATTERNS, generate

PATTERN_NAMES = sorted(PATTERNS)


def drawn(source, seed=1, count=10_000):
    file, index = source.draw(np.random.default_rng(seed), count)
    assert file.dtype == np.uint32
    assert index.dtype == np.uint64
    assert len(file) == len(index) == count
    return index


@pytest.mark.parametrize("pattern", PATTERN_NAMES)
@pytest.mark.parametrize("pages", [1, 2, 17, 511, 513, 4096, 100_000])
@pytest.mark.parametrize("order", [0, 2, 9, 18])
def test_every_access_is_of_a_cached_page_within_the_size(pattern, pages, order):
    source = generate(pattern, pages, order)
    source.folios.check()
    file, index = source.draw(np.random.default_rng(1), 2000)
    assert source.folios.holds(file, index).all()
    limit = pages if pattern != "sparse" else source.folios.index.max() + (1 << order)
    assert index.max() < limit


@pytest.mark.parametrize("pattern", PATTERN_NAMES)
def test_pattern_works_at_2_to_the_40_pages(pattern):
    source = generate(pattern, 1 << 40, folio_order=24)
    index = drawn(source)
    assert index.max() < 1 << 40
    assert index.max() - index.min() > 512  # not all in one place


@pytest.mark.parametrize("pattern", PATTERN_NAMES)
def test_same_seed_draws_the_same_and_another_seed_differs(pattern):
    source = generate(pattern, 1 << 20, folio_order=0)
    assert (drawn(source, 3) == drawn(source, 3)).all()
    assert (drawn(source, 3) != drawn(source, 4)).any()


def test_sequential_wraps_at_the_end():
    index = drawn(generate("sequential", 1000), count=3000).astype(np.int64)
    assert set(np.diff(index)) == {1, -999}


def test_strided_steps_by_16_and_reaches_every_page():
    index = drawn(generate("strided", 1024), count=2000).astype(np.int64)
    steps = np.diff(index)
    assert (steps == 16).mean() > 0.95
    assert len(np.unique(index[: 1024 + 64])) == 1024  # the first lap starts in mid-file


def test_hot_region_gets_nine_of_ten_accesses():
    index = drawn(generate("hot-2M", 1 << 20))
    region = np.bincount((index >> np.uint64(9)).astype(np.int64))
    assert 0.88 < region.max() / len(index) < 0.92
    assert len(np.flatnonzero(region)) > 700  # the rest is uniform over 2048 regions


def test_zipf_weighs_rank_k_by_1_over_k():
    pages, count = 50, 200_000
    found = np.sort(np.bincount(drawn(generate("zipf", pages), count=count), minlength=pages))[::-1]
    weight = 1 / np.arange(1, pages + 1)
    expected = count * weight / weight.sum()
    # Pearson's chi-square of 49 degrees of freedom exceeds 85.4 once in 1000 seeds.
    assert ((found - expected) ** 2 / expected).sum() < 85.4


def test_zipf_scatters_its_hottest_pages():
    index = drawn(generate("zipf", 1 << 20), count=100_000)
    values, counts = np.unique(index, return_counts=True)
    hottest = np.sort(values[np.argsort(counts)[-32:]])
    assert len(np.unique(hottest >> np.uint64(9))) > 24  # 32 neighbours would share one 2 MiB


@pytest.mark.parametrize("pages", [1, 2, 3, 50, 64, 1000])
def test_scatter_is_a_permutation(pages):
    from pagecache.inputs.generators import _scatter  # noqa: PLC0415

    scattered = _scatter(np.arange(pages, dtype=np.uint64), pages)
    assert sorted(scattered.tolist()) == list(range(pages))


@pytest.mark.parametrize("order", [0, 4, 9])
def test_sparse_file_caches_one_2_mib_block_of_64(order):
    source = generate("sparse", 1 << 20, order)
    assert source.folios.pages == (1 << 20) // 64
    assert len(np.unique(source.folios.index >> np.uint64(9))) == 2048 // 64
    assert source.folios.order_set() == {order}


def test_sparse_file_of_one_page_caches_that_page():
    assert generate("sparse", 1, 0).folios.index.tolist() == [0]


def test_sparse_seed_decides_what_is_cached():
    first, again, other = (generate("sparse", 1 << 22, seed=seed).folios for seed in (1, 1, 2))
    assert first.index.tolist() == again.index.tolist()
    assert first.index.tolist() != other.index.tolist()


def test_generated_input_is_named_by_pattern_and_size():
    assert generate("sequential", (2 << 30) >> 12).name == "sequential 2 GiB"


@pytest.mark.parametrize("pattern", ["uniform", "sparse"])
@pytest.mark.parametrize(
    ("size", "order", "unit", "past"),
    [
        (1536 << 20, 18, "1 GiB", "512 MiB"),
        ((1 << 30) + 4096, 18, "1 GiB", "1024 MiB"),
        (3 << 20, 9, "2 MiB", "1 MiB"),
        (5 << 12, 4, "64 KiB", "44 KiB"),
    ],
)
def test_file_of_no_whole_huge_pages_is_rounded_up_aloud(pattern, size, order, unit, past):
    source = generate(pattern, size >> 12, order)
    last = int(source.folios.index.max()) + (1 << order)
    assert source.doubts == () if last <= size >> 12 else len(source.doubts) == 1
    for doubt in source.doubts:
        assert doubt.startswith(f"{source.name}: no multiple of {unit}; ")
        assert f" {past} past the end of the file" in doubt
    assert source.doubts or pattern == "sparse"


@pytest.mark.parametrize(("size", "order"), [(2 << 30, 18), (1536 << 20, 9), (4096, 0)])
def test_file_of_whole_huge_pages_has_no_doubt(size, order):
    assert generate("uniform", size >> 12, order).doubts == ()


def test_unknown_pattern_suggests_a_known_one():
    with pytest.raises(InputError, match=r"^--pattern: .*did you mean uniform"):
        generate("unifrom", 1)


@pytest.mark.parametrize(
    ("pages", "order", "place"), [(0, 9, "--size"), ((1 << 63) + 1, 9, "--size"), (1, 52, "--huge")]
)
def test_size_or_order_out_of_range_names_its_option(pages, order, place):
    with pytest.raises(InputError, match=f"^{place}"):
        generate("uniform", pages, order)
