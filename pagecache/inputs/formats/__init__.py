"""The formats of traces, one reader a file.

format          what a format is: it recognises the first bytes of a file and reads the rest
source          the bytes of a trace, decompressed, as blocks of whole lines
filemap_csv     the kernel's filemap events as CSV

To add a format, write its class in a file of its own and its instance into FORMATS; then give
tests/inputs/formats a sample of it, which the contract test asks for.

Knows nothing of what a trace is used for: what holds for all traces is checked in
`pagecache.inputs.trace`, not here.
"""

from pagecache.inputs.formats.filemap_csv import FilemapCsv
from pagecache.inputs.formats.format import Format

FORMATS: tuple[Format, ...] = (FilemapCsv(),)

__all__ = ["FORMATS", "Format"]
