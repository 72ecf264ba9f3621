"""Names of a package that are imported when they are first used (PEP 562).

A package gives a table of its names, ``{"File": "pagecache.mapping.file:File"}``, or the dotted
name alone for a module. Its stub says the same to type checkers.
"""

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def attach(
    package: str, names: Mapping[str, str], renamed: Mapping[str, str] | None = None
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """A package's ``__getattr__`` and ``__dir__``.

    Parameters
    ----------
    package
        Its ``__name__``.
    names
        Where each name comes from, "module:name" or "module".
    renamed
        What names that are gone are called now; the error for them says so.
    """

    def get(name: str) -> Any:
        if name not in names:
            now = (renamed or {}).get(name)
            hint = f"; it is called {now} now" if now else ""
            raise AttributeError(f"module {package!r} has no attribute {name!r}{hint}")
        module, _, attribute = names[name].partition(":")
        found = import_module(module)
        value = getattr(found, attribute) if attribute else found
        setattr(sys.modules[package], name, value)  # the next time it is simply there
        return value

    def listed() -> list[str]:
        return sorted({*names, *(name for name in vars(sys.modules[package]) if name[0] == "_")})

    return get, listed
