"""An input of a comparison: folios to insert and pages to access afterwards.

An input knows nothing of designs. Each can be made again in another process from its `spec`, a
small dict that JSON can hold (see `pagecache.inputs.from_spec`).
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from pagecache.inputs.folios import FileNumbers, Folios, Indices
from pagecache.inputs.runs import largest_folios

Accesses = tuple[FileNumbers, Indices]
Draw = Callable[[np.random.Generator, int], Accesses]
Spec = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Input:
    """Folios to insert, and accesses to draw.

    Attributes
    ----------
    name
        What tables call it: "sequential 2 GiB", "sha256sum_400mb at order 4".
    folios
        What is cached, in order of insertion.
    draw
        `draw(rng, count)` gives `count` page accesses as (file numbers, page indices), all of
        cached pages. The same state of `rng` draws the same accesses.
    spec
        How to make this input again: `pagecache.inputs.from_spec(spec)`.
    doubts
        What limits conclusions from this input, a sentence each.
    """

    name: str
    folios: Folios
    draw: Draw
    spec: Spec = field(default_factory=dict)
    doubts: tuple[str, ...] = ()

    def with_folios(self, folios: Folios, name: str | None = None) -> "Input":
        """Keep the accesses and change the folios, which must hold every page they did.

        The result has no spec: it can be pickled, but not be made again from JSON. `at_order`,
        `limited` and `largest` keep it.
        """
        return replace(self, folios=folios, name=name or self.name, spec={})

    def at_order(self, order: int) -> "Input":
        """Force every folio to one order; see `Folios.at_order`. The accesses stay."""
        folios = self.folios.at_order(order)
        return self._step("at_order", order, folios, f"{self.name} at order {order}")

    def limited(self, orders: Collection[int]) -> "Input":
        """Allow some orders only; see `Folios.limited`. The accesses and the name stay."""
        return self._step("limited", sorted(orders), self.folios.limited(orders), self.name)

    def largest(self, max_order: int = 9) -> "Input":
        """Make the folios as large as the cached pages allow; see `largest_folios`."""
        folios = largest_folios(self.folios, max_order)
        return self._step("largest", max_order, folios, f"{self.name} in the largest folios")

    def _step(self, method: str, argument: object, folios: Folios, name: str) -> "Input":
        steps = [*self.spec.get("steps", []), [method, argument]]
        spec = {**self.spec, "steps": steps} if self.spec else {}
        return replace(self, folios=folios, name=name, spec=spec)


@dataclass(frozen=True, eq=False)
class UniformPages:
    """Draws uniformly over all cached pages, every page alike whatever its folio's order.

    Examples
    --------
    >>> draw = UniformPages(Folios.filled("a.img", pages=1024, order=9))
    >>> file, index = draw(np.random.default_rng(1), 1000)
    >>> len(index), int(index.max()) < 1024
    (1000, True)
    """

    folios: Folios

    def __call__(self, rng: np.random.Generator, count: int) -> Accesses:
        """Draw `count` accesses. O(count log folios)."""
        page = rng.integers(0, self.folios.pages, count, dtype=np.uint64)
        row = np.searchsorted(self._pages_up_to, page, "right")
        left = self._pages_up_to[row] - page  # from this page to the end of its folio
        size = np.uint64(1) << self.folios.order[row].astype(np.uint64)
        return self.folios.file[row], self.folios.index[row] + (size - left)

    @cached_property
    def _pages_up_to(self) -> Indices:
        """Per folio: the pages in all folios up to and with it."""
        return np.cumsum(np.uint64(1) << self.folios.order.astype(np.uint64), dtype=np.uint64)
