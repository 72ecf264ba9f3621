"""Results that show themselves."""

from pathlib import Path
from typing import TYPE_CHECKING

from pagecache.errors import InputError
from pagecache.report.figures.inputs import inputs_html, plot_inputs
from pagecache.report.render import to_html, to_text
from pagecache.results import Results

if TYPE_CHECKING:
    import pandas


def __getattr__(name: str) -> object:
    if name == "compare":  # an AttributeError would lose what it says on the way to the caller
        raise ImportError("pagecache.report.comparison.compare is called pagecache.compare now")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


class Comparison(Results):
    """Results that show themselves: a table at the prompt, tables and plots in a notebook."""

    def __repr__(self) -> str:
        return to_text(self)

    def _repr_html_(self) -> str:
        return to_html(self) + inputs_html(self)

    def plot(self, path: str | Path) -> list[Path]:
        """Write a plot for each input, PNG or SVG; needs matplotlib.  The files written."""
        return plot_inputs(self, path)

    def to_pandas(self) -> "pandas.DataFrame":
        """A DataFrame, a row a result; intervals are columns, ``ratio.median`` and others.

        Raises
        ------
        InputError
            pandas is not installed.
        """
        try:
            import pandas  # noqa: PLC0415 - wanted by few, and slow to load
        except ImportError:
            raise InputError(
                "to_pandas: pandas is not installed; run: pip install 'pagecache[data]'"
            ) from None
        return pandas.json_normalize(self.to_dict()["results"])
