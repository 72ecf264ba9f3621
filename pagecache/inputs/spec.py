"""Inputs made again from their specs, as another process does."""

from collections.abc import Callable
from typing import Any

from pagecache.inputs.files import runs_input
from pagecache.inputs.generators import generate
from pagecache.inputs.input import Input, Spec
from pagecache.inputs.traces import read_trace


def _trace(path: str, format: str | None = None) -> Input:
    return read_trace(path, format=format).input()


_MAKERS: dict[str, Callable[..., Input]] = {
    "generated": generate,
    "trace": _trace,
    "files": runs_input,
}
_STEPS = ("at_order", "limited", "largest")


def from_spec(spec: Spec) -> Input:
    """Make the input that has this spec: the same folios, and the same accesses from equal seeds.

    Parameters
    ----------
    spec
        An `Input.spec`, perhaps through JSON.

    Raises
    ------
    ValueError
        It is not a spec (that of `Input.with_folios` is empty).

    Examples
    --------
    >>> source = generate("uniform", size_pages=512, folio_order=0).at_order(4)
    >>> again = from_spec(source.spec)
    >>> again.name, len(again.folios)
    ('uniform 2 MiB at order 4', 32)
    """
    rest: dict[str, Any] = dict(spec)
    kind, steps = rest.pop("kind", None), rest.pop("steps", [])
    if kind not in _MAKERS or any(step not in _STEPS for step, _ in steps):
        raise ValueError(f"not the spec of an input: {spec!r:.80}")
    made = _MAKERS[kind](**rest)
    for step, argument in steps:
        made = getattr(made, step)(argument)
    return made
