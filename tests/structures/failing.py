"""Each allocation of a call failed in turn: the tree must be as before each time."""

from collections.abc import Callable
from itertools import count
from typing import Any

UNLIMITED = 2**64 - 1


def with_failures(tree: Any, call: Callable[[], object]) -> object:
    """Call with 0, 1, 2 ... nodes more than are handed out, until that is enough; its answer."""
    before = tree.dump()
    for more in count():
        tree.pool.limit = tree.pool.nodes + more
        try:
            return call()
        except MemoryError:
            assert tree.dump() == before
            tree.check()
        finally:
            tree.pool.limit = UNLIMITED
    raise AssertionError("never here")
