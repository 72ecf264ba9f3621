"""What comparisons are run on: generated files, recorded traces, files that a user names.

input, spec           folios to insert and pages to access; one made again from its spec
generators, sparse    generated files: of any size and pattern, with holes
trace, event, leftover  a trace in memory, its events, what they leave cached
traces, formats       the bundled ones by name; a reader a format, a folder
files, opening, residency  files by name: opened without waiting, extents, resident pages
folios, runs          folios as arrays; runs of pages
sizes                 "2G" and the like

Everything comes as numpy arrays and knows nothing of designs: no input may favour one.
"""

from pagecache.inputs.event import ADD, DEL, FAULT, GET, MAP
from pagecache.inputs.files import FileResidency, files_input, runs_input, scan
from pagecache.inputs.folios import Folios
from pagecache.inputs.generators import PATTERNS, generate
from pagecache.inputs.input import Input, UniformPages
from pagecache.inputs.programs import FileUse, ProgramUse, read_program
from pagecache.inputs.runs import largest_folios
from pagecache.inputs.sizes import PAGE_SHIFT, PAGE_SIZE, format_size, parse_size
from pagecache.inputs.sparse import generate_holes
from pagecache.inputs.spec import from_spec
from pagecache.inputs.trace import Trace
from pagecache.inputs.traces import BUNDLED, bundled, bundled_path, read_trace

__all__ = [
    "ADD",
    "BUNDLED",
    "DEL",
    "FAULT",
    "GET",
    "MAP",
    "PAGE_SHIFT",
    "PAGE_SIZE",
    "PATTERNS",
    "FileResidency",
    "FileUse",
    "Folios",
    "Input",
    "ProgramUse",
    "Trace",
    "UniformPages",
    "bundled",
    "bundled_path",
    "files_input",
    "format_size",
    "from_spec",
    "generate",
    "generate_holes",
    "largest_folios",
    "parse_size",
    "read_program",
    "read_trace",
    "runs_input",
    "scan",
]
