"""Generated inputs: a file of any size, cached, and a pattern of accesses to it.

No array is as long as the file has pages: patterns are arithmetic on page indices, so that 2**40
pages cost what 2**10 do.

| pattern | accesses |
|---|---|
| sequential | a run from a random start, wrapping at the end |
| uniform | every page alike |
| zipf | the page of rank k with weight 1/k, ranks scattered over the file |
| strided | every 16th page, one page further on each lap |
| hot-2M | 90 % in one random aligned 2 MiB, the rest uniform |
| sparse | uniform over a file of which 1 of 64 aligned 2 MiB is cached |
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pagecache.errors import InputError, unknown
from pagecache.inputs.folios import Folios, Indices
from pagecache.inputs.input import Accesses, Draw, Input, UniformPages
from pagecache.inputs.sizes import MAX_PAGES, PAGE_SIZE, format_size

HUGE_ORDER = 9  # 2 MiB
HUGE_PAGES = 1 << HUGE_ORDER
STRIDE = 16  # pages
HOT_SHARE = 0.9
SPARSE_ONE_IN = 64

Pattern = Callable[[np.random.Generator, int, int], Indices]  # (rng, pages of the file, count)


def sequential(rng: np.random.Generator, pages: int, count: int) -> Indices:
    """Access page after page from a random start, wrapping."""
    start = rng.integers(0, pages, dtype=np.uint64)
    return (start + np.arange(count, dtype=np.uint64)) % np.uint64(pages)


def uniform(rng: np.random.Generator, pages: int, count: int) -> Indices:
    """Access every page alike."""
    return rng.integers(0, pages, count, dtype=np.uint64)


def strided(rng: np.random.Generator, pages: int, count: int) -> Indices:
    """Access every 16th page; each lap drifts by one page, so that all are reached in the end."""
    start = rng.integers(0, pages, dtype=np.uint64)
    position = start + np.arange(count, dtype=np.uint64) * np.uint64(STRIDE)
    lap = position // np.uint64(pages)
    return (position + lap) % np.uint64(pages)


def hot_2m(rng: np.random.Generator, pages: int, count: int) -> Indices:
    """Access one random aligned 2 MiB in 90 of 100 cases, else every page alike."""
    region = int(rng.integers(0, max(1, pages // HUGE_PAGES))) * HUGE_PAGES
    hot = rng.integers(region, min(region + HUGE_PAGES, pages), count, dtype=np.uint64)
    return np.where(rng.random(count) < HOT_SHARE, hot, uniform(rng, pages, count))


def zipf(rng: np.random.Generator, pages: int, count: int) -> Indices:
    """Access the page of rank k with weight 1/k; which pages rank high is fixed but scattered."""
    ranks = _zipf_ranks(rng, pages, count)
    return _scatter(ranks - np.uint64(1), pages)


def _zipf_ranks(rng: np.random.Generator, n: int, count: int) -> Indices:
    """Draw ranks 1..n with weight 1/k, exactly, by rejection-inversion (Hoermann, Derflinger 1996).

    log(x) is the integral of 1/x. Each rank k > 1 owns [log(k - 0.5), log(k + 0.5)), a little more
    than its weight; what it has too much is rejected, at its lower end. Rank 1 owns a stretch of
    just its weight below log(1.5).
    """
    low, high = np.log(1.5) - 1.0, np.log(n + 0.5)
    ranks = np.empty(0, np.uint64)
    while len(ranks) < count:
        u = rng.uniform(low, high, count - len(ranks))
        k = np.clip(np.rint(np.exp(u)), 1, float(n))
        kept = k[u >= np.log(k + 0.5) - 1.0 / k]
        ranks = np.concatenate((ranks, np.minimum(kept.astype(np.uint64), np.uint64(n))))
    return ranks


def _scatter(values: Indices, n: int) -> Indices:
    """Permute 0..n-1 in a fixed, irregular way, without a table.

    Each step is reversible on 0..2**bits-1, hence a permutation; a value that lands beyond n goes
    round again until it lands inside, which is a permutation of 0..n-1.
    """
    values = _mix(values, n)
    while (outside := values >= n).any():
        values[outside] = _mix(values[outside], n)
    return values


def _mix(values: Indices, n: int) -> Indices:
    bits = max(1, (n - 1).bit_length())
    mask, half = np.uint64((1 << bits) - 1), np.uint64((bits + 1) // 2)
    for odd, add in ((0x9E3779B97F4A7C15, 0x2545F491), (0xD6E8FEB86659FD93, 0x1B873593)):
        values = (values * np.uint64(odd) + np.uint64(add)) & mask
        values ^= values >> half
    return values


PATTERNS: dict[str, Pattern | None] = {  # None: accesses depend on the folios
    "sequential": sequential,
    "uniform": uniform,
    "zipf": zipf,
    "strided": strided,
    "hot-2M": hot_2m,
    "sparse": None,
}


@dataclass(frozen=True)
class PatternDraw:
    """Draws a pattern's accesses to one file, which is number 0."""

    pattern: str
    pages: int

    def __call__(self, rng: np.random.Generator, count: int) -> Accesses:
        """Draw `count` accesses. O(count), whatever the file's size."""
        function = PATTERNS[self.pattern]
        assert function is not None, "sparse draws from its folios"
        return np.zeros(count, np.uint32), function(rng, self.pages, count)


def generate(pattern: str, size_pages: int, folio_order: int = 9, seed: int = 0) -> Input:
    """Make an input: a cached file of a size, and a pattern of accesses to it.

    Parameters
    ----------
    pattern
        A name in `PATTERNS`.
    size_pages
        The file's size in pages of 4 KiB, 1 to 2**63.
    folio_order
        The order of its folios. The last may reach past the size; no access does.
    seed
        Chooses what is cached under "sparse"; the other patterns cache everything.

    Returns
    -------
    Input
        Its `draw` takes the Generator that decides the accesses.

    Raises
    ------
    InputError
        Unknown pattern, a size or order out of range, or more than 2**32 folios.

    Examples
    --------
    >>> source = generate("sequential", size_pages=2**28)  # 1 TiB
    >>> source.name, len(source.folios)
    ('sequential 1 TiB', 524288)
    >>> file, index = source.draw(np.random.default_rng(1), 1000)
    >>> int(index[2] - index[1])
    1
    """
    _check(pattern, size_pages, folio_order)
    if pattern == "sparse":
        folios = _sparse_folios(size_pages, folio_order, np.random.default_rng(seed))
        draw: Draw = UniformPages(folios)
    else:
        folios = Folios.filled("generated", size_pages, folio_order)
        draw = PatternDraw(pattern, size_pages)
    arguments = (("pattern", pattern), ("size_pages", size_pages), ("folio_order", folio_order))
    spec = {"kind": "generated", **dict(arguments), "seed": seed}
    name = f"{pattern} {format_size(size_pages * PAGE_SIZE)}"
    return Input(name, folios, draw, spec, _rounded(name, size_pages, folio_order, folios))


def _rounded(name: str, pages: int, order: int, folios: Folios) -> tuple[str, ...]:
    """A doubt if the last folio reaches past the end of the file."""
    end = int(folios.index.max()) + (1 << order)
    if end <= pages:
        return ()
    past, folio = format_size((end - pages) * PAGE_SIZE), format_size(PAGE_SIZE << order)
    return (
        f"{name}: no multiple of {folio}; the last page of that size is cached whole, {past} past "
        "the end of the file, and counts so in all designs.",
    )


def _sparse_folios(pages: int, order: int, rng: np.random.Generator) -> Folios:
    """Cache 1 of 64 aligned blocks of 2 MiB (or of a folio, where that is larger), at least one."""
    block_order = max(HUGE_ORDER, order)
    blocks = -(-pages >> block_order)
    chosen = rng.choice(blocks, max(1, blocks // SPARSE_ONE_IN), replace=False)
    size = np.uint8(block_order)
    whole = Folios.one_file(
        "generated", chosen.astype(np.uint64) << size, np.full(len(chosen), size)
    )
    folios = whole.limited({order})
    inside: NDArray[np.bool_] = folios.index < np.uint64(pages)
    return folios.take(inside)


def _check(pattern: str, pages: int, order: int) -> None:
    if pattern not in PATTERNS:
        raise InputError(f"--pattern: {unknown('pattern', pattern, PATTERNS)}")
    if not 1 <= pages <= MAX_PAGES:
        raise InputError(f"--size: {pages} pages; give 1 to 2**63 pages of 4 KiB")
    if not 0 <= order <= 51:
        raise InputError(f"--huge-page: order {order}; give 0 (4 KiB) to 51")
