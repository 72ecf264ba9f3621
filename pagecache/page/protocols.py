"""How a lookup keeps a folio: the protocols by name, and which folios each can be used on."""

from dataclasses import dataclass

from pagecache.errors import InputError, unknown


@dataclass(frozen=True)
class Protocol:
    """One protocol.

    Attributes
    ----------
    name, summary : str
    least_order : int
        Of the folios that it counts; smaller ones have no room for it.
    counts : bool
        Whether a get takes a reference; else it falls back on `cas` where something was removed.
    """

    name: str
    summary: str
    least_order: int = 0
    counts: bool = True


PROTOCOLS = {
    each.name: each
    for each in (
        Protocol("cas", "a compare-exchange loop, unless the count is 0: Linux today"),
        Protocol("assume-1", "exchange 1 for 2 without loading first, then as cas"),
        Protocol("locked-bit", "add 1 and look; taken back if the locked bit is set"),
        Protocol("none", "no reference: a sequence count per mapping", counts=False),
        Protocol("none-folio", "no reference: a sequence count per folio", counts=False),
        Protocol("striped", "a count per thread, summed by a freeze: a what-if", least_order=7),
    )
}


def find_protocols(names: tuple[str, ...]) -> tuple[Protocol, ...]:
    """The protocols of these names, each once; InputError for an unknown one or none.

    Examples
    --------
    >>> [each.name for each in find_protocols(("none", "cas", "none"))]
    ['none', 'cas']
    """
    if not names:
        raise InputError(f"--references: none given; known: {', '.join(PROTOCOLS)}")
    for name in names:
        if name not in PROTOCOLS:
            raise InputError(f"--references: {unknown('protocol', name, PROTOCOLS)}")
    return tuple(PROTOCOLS[name] for name in dict.fromkeys(names))
