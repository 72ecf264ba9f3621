"""Names of a package that are imported when they are first used (PEP 562).

A package gives a table of its names, ``{"File": "pagecache.mapping.file:File"}``, or the dotted
name alone for a module; its other modules are attributes too. Its stub says the same to type
checkers. Nothing is imported here that a Python has not loaded at its start.
"""

from __future__ import annotations

import sys
from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import ModuleType
    from typing import Any


def submodule(dotted: str) -> ModuleType | None:
    """The module of that name, imported; None if there is no such file."""
    if dotted.rpartition(".")[2].startswith("_"):
        return None
    try:
        return import_module(dotted)
    except ModuleNotFoundError as error:
        if error.name != dotted:
            raise
        return None


class Renamed:
    """An importer that finds nothing, and says what a module that is gone is called now."""

    def __init__(self, package: str, renamed: Mapping[str, str]) -> None:
        self.renamed = {f"{package}.{name}": now for name, now in renamed.items()}

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if name in self.renamed:
            # Without `name`, or `from package import name` would pass over it.
            raise ModuleNotFoundError(
                f"no module named {name!r}; it is called {self.renamed[name]} now"
            )


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
        What names that are gone are called now; the errors for them say so, for modules below
        ("mapping.replay") those of an import alone.
    """
    if renamed:
        sys.meta_path.append(Renamed(package, renamed))

    def get(name: str) -> Any:
        if name not in names:
            now = (renamed or {}).get(name)
            found = None if now else submodule(f"{package}.{name}")
            if found is not None:
                return found
            hint = f"; it is called {now} now" if now else ""
            raise AttributeError(f"module {package!r} has no attribute {name!r}{hint}")
        module, _, attribute = names[name].partition(":")
        value = import_module(module)
        value = getattr(value, attribute) if attribute else value
        setattr(sys.modules[package], name, value)  # the next time it is simply there
        return value

    def listed() -> list[str]:
        return sorted({*names, *(name for name in vars(sys.modules[package]) if name[0] == "_")})

    return get, listed
